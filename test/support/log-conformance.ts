import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  decodeRecords,
  type IsolationLevel,
  type Log,
  type LogRecord,
  type NewRecord,
} from '../../src/log/mod.ts';
import { packedRecords } from './packed-records.ts';

/** A log under test: fresh at `open`, with the same content after `reopen`. */
export interface LogUnderTest {
  readonly log: Log;
  /** Close it and open it anew on the same data. */
  reopen(): Promise<Log>;
  dispose(): Promise<void>;
}

export const record = (value: string, key: string | null = null, timestampMs?: number): NewRecord => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  ...(timestampMs === undefined ? {} : { timestampMs }),
});

/** All records from an offset to the readable end, read in small steps. */
export async function readAll(
  log: Log,
  topic: string,
  isolation: IsolationLevel = 'read_committed',
  partition = 0,
  from?: number,
): Promise<LogRecord[]> {
  const at = { topic, partition };
  const records: LogRecord[] = [];
  let offset = from ?? (await log.offsets(at)).logStartOffset;
  for (;;) {
    const { bytes, aborted, nextOffset } = await log.read(at, offset, 256, isolation);
    if (nextOffset === offset) return records;
    records.push(...decodeRecords(bytes, { isolation, aborted, fromOffset: offset }));
    offset = nextOffset;
  }
}

export const values = (records: readonly LogRecord[]): string[] =>
  records.map(({ value }) => (value === null ? 'null' : Buffer.from(value).toString()));

const t0 = { topic: 't', partition: 0 };

/** What every implementation of the Log contract promises. */
export function logConformance(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`${name} keeps the Log contract`, () => {
    let under: LogUnderTest;
    let log: Log;
    beforeEach(async () => {
      under = await open();
      log = under.log;
    });
    afterEach(() => under.dispose());
    const context = { log: () => log, reopen: async () => (log = await under.reopen()) };

    topicRules(context);
    packedRecords(context);
    appendsAndReads(context);
    idempotence(context);
    transactions(context);
    waiting(context);
  });
}

export interface Context {
  log(): Log;
  reopen(): Promise<Log>;
}

function topicRules({ log, reopen }: Context): void {
  test('topics are described, kept over a restart, and deleted', async () => {
    await log().createTopic('a.b_c-1', 3, { 'retention.ms': 1000 });
    await log().createTopic('other', 1);
    await reopen();
    expect(await log().describeTopic('a.b_c-1')).toEqual({
      name: 'a.b_c-1',
      partitions: 3,
      config: { 'retention.ms': 1000 },
    });
    await log().deleteTopic('a.b_c-1');
    expect(await log().describeTopic('a.b_c-1')).toBeUndefined();
    expect((await log().topics()).map(topic => topic.name)).toEqual(['other']);
    await expect(log().offsets({ topic: 'a.b_c-1', partition: 0 })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
    });
  });

  test('a topic made again after deletion is empty', async () => {
    await log().createTopic('t', 1);
    await log().append(t0, [record('old')]);
    await log().deleteTopic('t');
    await log().createTopic('t', 1);
    await reopen();
    expect(await log().offsets(t0)).toMatchObject({ logStartOffset: 0, logEndOffset: 0 });
  });

  test('bad names, partitions and settings, and existing names are refused', async () => {
    for (const bad of ['', '.', '..', 'a b', 'ä', 'x'.repeat(250)]) {
      await expect(async () => log().createTopic(bad, 1)).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
    }
    await expect(async () => log().createTopic('t', 0)).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
    await expect(async () => log().createTopic('t', 1, { 'segment.bytes': 1 })).rejects.toMatchObject({
      code: 'TOPIC_INVALID',
    });
    await log().createTopic('t', 1);
    await expect(log().createTopic('t', 1)).rejects.toMatchObject({ code: 'TOPIC_EXISTS' });
  });

  test('an unknown topic or partition is refused', async () => {
    await log().createTopic('t', 1);
    await expect(log().append({ topic: 'nope', partition: 0 }, [record('x')])).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
    });
    await expect(log().read({ topic: 't', partition: 1 }, 0, 10, 'read_uncommitted')).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
    });
  });
}

function appendsAndReads({ log, reopen }: Context): void {
  test('records come back in order with key, value, headers and timestamp', async () => {
    await log().createTopic('t', 1);
    const full: NewRecord = {
      key: Buffer.from('k'),
      value: null,
      timestampMs: 1234,
      headers: [
        { key: 'a', value: Buffer.from('1') },
        { key: 'ä', value: null },
      ],
    };
    expect(await log().append(t0, [record('x'), full])).toEqual({ baseOffset: 0, duplicate: false });
    expect(await log().append(t0, [record('')])).toMatchObject({ baseOffset: 2 });
    await reopen();
    const [first, second, third] = await readAll(log(), 't');
    expect(first).toMatchObject({ offset: 0, key: null, headers: [] });
    expect(second).toMatchObject({ offset: 1, timestampMs: 1234, value: null });
    expect(Buffer.from(second?.key ?? []).toString()).toBe('k');
    expect(second?.headers.map(h => [h.key, h.value && Buffer.from(h.value).toString()])).toEqual([
      ['a', '1'],
      ['ä', null],
    ]);
    expect(values([third as LogRecord])).toEqual(['']);
  });

  test('appends of many callers keep the order of the calls', async () => {
    await log().createTopic('t', 1);
    const expected = Array.from({ length: 200 }, (_, i) => `v${i}`);
    const results = await Promise.all(expected.map(value => log().append(t0, [record(value)])));
    expect(results.map(r => r.baseOffset)).toEqual(expected.map((_, i) => i));
    expect(values(await readAll(log(), 't'))).toEqual(expected);
  });

  test('a read returns one batch at least, however large', async () => {
    await log().createTopic('t', 1);
    await log().append(t0, [record('x'.repeat(900_000)), record('y'.repeat(900_000)), record('z')]);
    await reopen();
    expect((await readAll(log(), 't')).map(r => r.value?.length)).toEqual([900_000, 900_000, 1]);
  });

  test('a read begins inside a batch, and outside of the log is refused', async () => {
    await log().createTopic('t', 1);
    await log().append(
      t0,
      ['a', 'b', 'c'].map(v => record(v)),
    );
    expect(values(await readAll(log(), 't', 'read_uncommitted', 0, 1))).toEqual(['b', 'c']);
    expect((await log().read(t0, 3, 100, 'read_committed')).bytes).toHaveLength(0);
    for (const offset of [-1, 4]) {
      await expect(log().read(t0, offset, 100, 'read_committed')).rejects.toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
      });
    }
  });

  test('a time finds the first record at or after it', async () => {
    await log().createTopic('t', 1);
    for (let i = 0; i < 50; i++) {
      await log().append(t0, [record('a', null, 1000 + i * 10), record('b', null, 1005 + i * 10)]);
    }
    expect(await log().offsetForTime(t0, 0)).toBe(0);
    expect(await log().offsetForTime(t0, 1005)).toBe(1);
    expect(await log().offsetForTime(t0, 1251)).toBe(51);
    expect(await log().offsetForTime(t0, 9999)).toBeUndefined();
  });

  test('a record above max.message.bytes is refused, and smaller ones are not', async () => {
    await log().createTopic('t', 1, { 'max.message.bytes': 200 });
    await expect(log().append(t0, [record('x'.repeat(300))])).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
    });
    await log().append(
      t0,
      Array.from({ length: 9 }, () => record('y'.repeat(50))),
    );
    expect(await readAll(log(), 't')).toHaveLength(9);
  });
}

function idempotence({ log, reopen }: Context): void {
  const send = (sequence: number, value: string): ReturnType<Log['append']> =>
    log().append(t0, [record(value)], { producer: 'p', sequence });

  test('a repeated sequence is stored once, also while it is under way and after a restart', async () => {
    await log().createTopic('t', 1);
    expect(await log().lastSequence(t0, 'p')).toBe(-1);
    const both = await Promise.all([send(0, 'a'), send(0, 'a')]);
    expect(both).toEqual([
      { baseOffset: 0, duplicate: false },
      { baseOffset: 0, duplicate: true },
    ]);
    const { baseOffset } = await send(1, 'b');
    await reopen();
    expect(await log().lastSequence(t0, 'p')).toBe(1);
    expect(await send(1, 'b')).toEqual({ baseOffset, duplicate: true });
    expect(await send(0, 'a')).toMatchObject({ duplicate: true });
    await send(2, 'c');
    expect(values(await readAll(log(), 't'))).toEqual(['a', 'b', 'c']);
  });

  test('sequences over several partitions may leave gaps, and are stored once', async () => {
    await log().createTopic('t', 1);
    const sparse = (sequence: number) =>
      log().append(t0, [record(`v${sequence}`)], { producer: 'p', sequence, sparse: true });
    await sparse(0);
    const { baseOffset } = await sparse(3);
    await reopen();
    expect(await sparse(3)).toMatchObject({ baseOffset, duplicate: true });
    expect(await sparse(1)).toMatchObject({ duplicate: true });
    await sparse(8);
    expect(values(await readAll(log(), 't'))).toEqual(['v0', 'v3', 'v8']);
  });

  test('a gap is refused unless the producer is new; other producers are apart', async () => {
    await log().createTopic('t', 1);
    await send(7, 'a');
    await expect(send(9, 'c')).rejects.toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE' });
    await log().append(t0, [record('x')], { producer: 'q', sequence: 0 });
    await send(8, 'b');
    expect(values(await readAll(log(), 't'))).toEqual(['a', 'x', 'b']);
  });
}

function transactions({ log, reopen }: Context): void {
  const part = (topic: string, ...texts: string[]) => ({
    topic,
    partition: 0,
    records: texts.map(v => record(v)),
  });

  test('a commit shows in all partitions with its position kept', async () => {
    await log().createTopic('t', 1);
    await log().createTopic('u', 1);
    const writer = await log().openWriter('w');
    expect(writer.state).toEqual({ sequence: -1, position: null });
    const parts = [part('t', 'a', 'b'), part('u', 'c')];
    await writer.commit({ sequence: 5, position: { lsn: '0/1' }, parts });
    expect(values(await readAll(log(), 't'))).toEqual(['a', 'b']);
    expect(values(await readAll(log(), 'u'))).toEqual(['c']);
    await reopen();
    expect((await log().openWriter('w')).state).toEqual({ sequence: 5, position: { lsn: '0/1' } });
    expect(values(await readAll(log(), 't'))).toEqual(['a', 'b']);
  });

  test('pipelined commits keep their order; a duplicate is skipped whole', async () => {
    await log().createTopic('t', 1);
    const writer = await log().openWriter('w');
    const commit = (sequence: number): Promise<void> =>
      writer.commit({ sequence, position: sequence, parts: [part('t', `v${sequence}`)] });
    await Promise.all([1, 2, 3, 3, 2, 4].map(commit));
    await commit(4);
    await writer.commit({ sequence: 9, position: 'empty', parts: [] });
    expect(values(await readAll(log(), 't'))).toEqual(['v1', 'v2', 'v3', 'v4']);
    expect((await log().openWriter('w')).state).toEqual({ sequence: 9, position: 'empty' });
  });

  test('staged parts are invisible until the commit, and hold back read_committed readers only', async () => {
    await log().createTopic('t', 1);
    const writer = await log().openWriter('w');
    await writer.stage([part('t', 'a')]);
    await writer.stage([part('t', 'b')]);
    await log().append(t0, [record('plain')]);
    expect(values(await readAll(log(), 't'))).toEqual([]);
    expect(values(await readAll(log(), 't', 'read_uncommitted'))).toEqual(['a', 'b', 'plain']);
    expect((await log().offsets(t0)).lastStableOffset).toBe(0);
    await writer.commit({ sequence: 1, position: null, parts: [part('t', 'c')] });
    expect(values(await readAll(log(), 't'))).toEqual(['a', 'b', 'plain', 'c']);
  });

  test('opening again fences the older writer and aborts what it staged', async () => {
    await log().createTopic('t', 1);
    const old = await log().openWriter('w');
    await old.commit({ sequence: 1, position: 1, parts: [part('t', 'kept')] });
    await old.stage([part('t', 'lost')]);
    const young = await log().openWriter('w');
    expect(young.state).toEqual({ sequence: 1, position: 1 });
    await expect(old.commit({ sequence: 2, position: 2, parts: [] })).rejects.toMatchObject({
      code: 'PRODUCER_FENCED',
    });
    await young.commit({ sequence: 2, position: 2, parts: [part('t', 'new')] });
    expect(values(await readAll(log(), 't'))).toEqual(['kept', 'new']);
    expect(values(await readAll(log(), 't', 'read_uncommitted'))).toEqual(['kept', 'lost', 'new']);
    await reopen();
    expect(values(await readAll(log(), 't'))).toEqual(['kept', 'new']);
  });

  test('staged parts of a duplicate transaction are dropped', async () => {
    await log().createTopic('t', 1);
    const writer = await log().openWriter('w');
    await writer.commit({ sequence: 1, position: 1, parts: [part('t', 'once')] });
    await writer.stage([part('t', 'twice')]);
    await writer.commit({ sequence: 1, position: 1, parts: [] });
    await writer.commit({ sequence: 2, position: 2, parts: [part('t', 'next')] });
    expect(values(await readAll(log(), 't'))).toEqual(['once', 'next']);
  });

  test('a failed commit fails all later ones, and a new writer goes on', async () => {
    await log().createTopic('t', 1);
    const writer = await log().openWriter('w');
    await expect(
      writer.commit({ sequence: 1, position: 1, parts: [part('t', 'a'), part('missing', 'b')] }),
    ).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    await expect(writer.commit({ sequence: 2, position: 2, parts: [] })).rejects.toThrow();
    const { lastStableOffset, highWatermark } = await log().offsets(t0);
    expect(lastStableOffset).toBe(highWatermark);
    const next = await log().openWriter('w');
    expect(next.state.sequence).toBe(-1);
    await next.commit({ sequence: 1, position: 1, parts: [part('t', 'a')] });
    expect(values(await readAll(log(), 't'))).toEqual(['a']);
  });
}

function waiting({ log }: Context): void {
  const long = 3_600_000;

  test('a wait ends with the append, at once for what is there, and at abort', async () => {
    await log().createTopic('t', 1);
    const waited = log().waitFor(t0, 0, 'read_committed', long);
    await log().append(t0, [record('a')]);
    await waited;
    await log().waitFor(t0, 0, 'read_committed', long);
    const stop = new AbortController();
    const aborted = log().waitFor(t0, 1, 'read_committed', long, stop.signal);
    stop.abort();
    await aborted;
    await log().waitFor(t0, 1, 'read_committed', 0);
  });

  test('a read_committed wait ends with the commit, not with staged data', async () => {
    await log().createTopic('t', 1);
    const writer = await log().openWriter('w');
    let woken = false;
    const waited = log()
      .waitFor(t0, 0, 'read_committed', long)
      .then(() => {
        woken = true;
      });
    await writer.stage([{ topic: 't', partition: 0, records: [record('a')] }]);
    await log().waitFor(t0, 0, 'read_uncommitted', long);
    expect(woken).toBe(false);
    await writer.commit({ sequence: 1, position: null, parts: [] });
    await waited;
  });

  test('a group keeps offsets for whoever reads in its name', async () => {
    await log().createTopic('t', 2);
    expect(await log().committedOffsets('g')).toEqual([]);
    await log().commitOffsets('g', [
      { topic: 't', partition: 0, offset: 3 },
      { topic: 't', partition: 1, offset: 5 },
    ]);
    await log().commitOffsets('g', [{ topic: 't', partition: 0, offset: 4 }]);
    const committed = await log().committedOffsets('g');
    expect(committed.toSorted((a, b) => a.partition - b.partition)).toEqual([
      { topic: 't', partition: 0, offset: 4, metadata: '' },
      { topic: 't', partition: 1, offset: 5, metadata: '' },
    ]);
    expect(await log().committedOffsets('another')).toEqual([]);
  });
}
