import { afterEach, expect, test } from 'vitest';
import { armFailpoints } from '../../../src/core/mod.ts';
import { decodeRecords, type LogBroker } from '../../../src/log/mod.ts';
import { ALL, type BatchOptions, brokerWorld, clientBatch } from '../../support/client-batches.ts';
import { readAll, record } from '../../support/log-conformance.ts';
import type { TestClock } from '../../support/test-clock.ts';

const t0 = { topic: 't', partition: 0 };
const CHECK_MS = 1000;
const DAY_MS = 86_400_000;
/** Who sleeps while the log has nothing to do: its housekeeping and that of the groups. */
const IDLE_SLEEPERS = 2;

async function compacted(config: Record<string, string> = {}) {
  const world = await brokerWorld({ segmentBytes: 600, retentionCheckIntervalMs: CHECK_MS });
  await world.log.createTopicAs('t', 1, { 'cleanup.policy': 'compact', ...config });
  return world;
}

async function keepHouse(clock: TestClock, ms = CHECK_MS): Promise<void> {
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
  clock.advance(ms);
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
}

afterEach(() => {
  armFailpoints(null);
});

/** A batch with the keys, each with its number as value; null for the mark of a deleted key. */
function put(log: LogBroker, keys: string, value: string | null, options: BatchOptions = {}) {
  const records = keys.split('').map(key => ({
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  }));
  return log.appendBatches(t0, clientBatch(records, options), ALL);
}

/** Enough for the segment to be closed, under a key of its own. */
const fill = (log: LogBroker, nowMs: number) =>
  log.append(t0, [{ ...record('x'.repeat(500), 'filler'), timestampMs: nowMs }]);

async function kept(log: LogBroker): Promise<string[]> {
  const records = await readAll(log, 't');
  return records
    .filter(({ key }) => Buffer.from(key!).toString() !== 'filler')
    .map(({ offset, key, value }) => `${offset}:${Buffer.from(key!)}=${value && Buffer.from(value)}`);
}

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'batches in %s are compacted, and stay in it, after a restart too',
  async codec => {
    const { log, clock, open } = await compacted();
    for (const value of ['1', '2', '3']) await put(log, 'abc', value, { codec, nowMs: clock.nowMs() });
    await put(log, 'b', '4', { codec, nowMs: clock.nowMs() });
    await fill(log, clock.nowMs());
    await fill(log, clock.nowMs());
    await keepHouse(clock);
    expect(await kept(log)).toEqual(['6:a=3', '8:c=3', '9:b=4']);
    const { bytes } = await log.read(t0, 0, 1 << 20, 'read_committed');
    expect(bytes[22]! & 7).toBe(['none', 'gzip', 'snappy', 'lz4', 'zstd'].indexOf(codec));
    await log.close();
    const again = await open();
    await put(again, 'a', '5', { codec, nowMs: clock.nowMs() });
    await fill(again, clock.nowMs());
    await fill(again, clock.nowMs());
    await keepHouse(clock);
    expect(await kept(again)).toEqual(['8:c=3', '9:b=4', '12:a=5']);
  },
);

test('the mark of a deleted key stays for delete.retention.ms behind the compaction that met it', async () => {
  const { log, clock } = await compacted({ 'delete.retention.ms': '5000' });
  // The record itself is years old, as those of a first load are.
  await put(log, 'ab', '1', { nowMs: 1 });
  await put(log, 'a', null, { nowMs: 1 });
  for (const _ of [1, 2]) await fill(log, clock.nowMs());
  await keepHouse(clock);
  expect(await kept(log)).toEqual(['1:b=1', '2:a=null']);
  expect((await readAll(log, 't')).find(r => r.value === null)?.timestampMs).toBe(1);
  for (const _ of [1, 2, 3]) await fill(log, clock.nowMs());
  await keepHouse(clock);
  expect(await kept(log)).toEqual(['1:b=1', '2:a=null']);
  clock.advance(5000);
  for (const _ of [1, 2, 3]) await fill(log, clock.nowMs());
  await keepHouse(clock);
  expect(await kept(log)).toEqual(['1:b=1']);
});

test('min.cleanable.dirty.ratio and max.compaction.lag.ms say when, also on a topic that nobody writes to', async () => {
  const { log, clock } = await compacted({
    'min.cleanable.dirty.ratio': '1',
    'max.compaction.lag.ms': String(DAY_MS),
  });
  const now = (): number => clock.nowMs();
  await put(log, 'a', '1', { nowMs: now() });
  for (const _ of [1, 2]) await fill(log, now());
  await keepHouse(clock);
  await put(log, 'a', '2', { nowMs: now() });
  await put(log, 'a', '3', { nowMs: now() });
  for (const _ of [1, 2]) await fill(log, now());
  await keepHouse(clock);
  // What is clean counts too, so that less than all is dirty.
  expect(await kept(log)).toEqual(['0:a=1', '3:a=2', '4:a=3']);
  await keepHouse(clock, DAY_MS + CHECK_MS);
  await keepHouse(clock, CHECK_MS);
  expect(await kept(log)).toEqual(['4:a=3']);
  expect((await log.offsets(t0)).logEndOffset).toBe(7);
});

test('how far the log is compacted is known after a restart: nothing is compacted again', async () => {
  const { log, clock, open } = await compacted();
  await put(log, 'a', '1', { nowMs: clock.nowMs() });
  await put(log, 'a', '2', { nowMs: clock.nowMs() });
  for (const _ of [1, 2]) await fill(log, clock.nowMs());
  let compactions = 0;
  armFailpoints(name => {
    if (name === 'log.compact.rename.before') compactions++;
  });
  await keepHouse(clock);
  expect(compactions).toBeGreaterThan(0);
  compactions = 0;
  await log.close();
  await open();
  await keepHouse(clock);
  expect(compactions).toBe(0);
});

test('the last batch of a producer stays without records, so that its sequence does', async () => {
  const { log, clock } = await compacted();
  const producer = { producerId: 77, producerEpoch: 2, nowMs: clock.nowMs() };
  await put(log, 'ab', '1', { ...producer, baseSequence: 0 });
  await put(log, 'ab', '2', { ...producer, baseSequence: 2 });
  await put(log, 'ab', '3', { nowMs: clock.nowMs() });
  for (const _ of [1, 2]) await fill(log, clock.nowMs());
  await keepHouse(clock);
  expect(await kept(log)).toEqual(['4:a=3', '5:b=3']);
  const { bytes } = await log.read(t0, 0, 1 << 20, 'read_uncommitted');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  expect([
    view.getBigInt64(0),
    view.getInt32(23),
    view.getBigInt64(43),
    view.getInt32(53),
    view.getInt32(57),
  ]).toEqual([2n, 1, 77n, 2, 0]);
  expect(decodeRecords(bytes).length).toBeGreaterThan(0);
  expect(await put(log, 'ab', '2', { ...producer, baseSequence: 2 })).toMatchObject({ duplicate: true });
  expect(await put(log, 'ab', '4', { ...producer, baseSequence: 4 })).toMatchObject({ duplicate: false });
});

test('files of which nothing is left go, and readers anywhere go on behind them', async () => {
  const { log, clock, open, disk } = await compacted();
  for (let i = 0; i < 10; i++) await fill(log, clock.nowMs());
  const files = (): number => disk.paths().filter(path => /t-0\/\d{20}\.log$/.test(path)).length;
  expect(files()).toBe(10);
  await keepHouse(clock);
  // The first tells where the log begins, the last two hold the records that are left.
  expect(files()).toBe(3);
  const check = async (of: LogBroker): Promise<void> => {
    expect(await of.offsets(t0)).toMatchObject({ logStartOffset: 0, logEndOffset: 10 });
    for (let from = 0; from < 8; from++) {
      expect((await readAll(of, 't', 'read_committed', 0, from)).map(r => r.offset)).toEqual([8, 9]);
    }
  };
  await check(log);
  disk.kill();
  await check(await open());
});

test('compact,delete does both: old records go whatever their keys', async () => {
  const { log, clock } = await compacted({
    'cleanup.policy': 'compact,delete',
    'retention.ms': String(DAY_MS),
  });
  await put(log, 'a', '1', { nowMs: clock.nowMs() });
  await put(log, 'ab', '2', { nowMs: clock.nowMs() });
  for (const _ of [1, 2]) await fill(log, clock.nowMs());
  await keepHouse(clock);
  expect(await kept(log)).toEqual(['1:a=2', '2:b=2']);
  await keepHouse(clock, 2 * DAY_MS);
  await keepHouse(clock);
  expect(await log.offsets(t0)).toMatchObject({ logStartOffset: 5, logEndOffset: 5 });
});

test('retention takes the last segment too where nobody writes any more, after a restart too', async () => {
  const { log, clock, open } = await brokerWorld({ retentionCheckIntervalMs: CHECK_MS });
  await log.createTopicAs('t', 1, { 'retention.ms': '10000' });
  await log.append(t0, [record('a'), record('b')]);
  await log.close();
  const again = await open();
  await keepHouse(clock);
  expect(await again.offsets(t0)).toMatchObject({ logStartOffset: 0 });
  await keepHouse(clock, 20_000);
  await expect.poll(() => again.offsets(t0)).toMatchObject({ logStartOffset: 2, logEndOffset: 2 });
  expect((await again.append(t0, [record('c')])).baseOffset).toBe(2);
});

test('settings that change hold at once: what was kept for ever goes', async () => {
  const { log, clock } = await brokerWorld({ retentionCheckIntervalMs: CHECK_MS });
  await log.createTopicAs('t', 1, { 'retention.ms': '-1' });
  await log.append(t0, [record('a')]);
  await keepHouse(clock, 30 * DAY_MS);
  expect(await log.offsets(t0)).toMatchObject({ logStartOffset: 0 });
  await log.alterTopicConfig('t', [{ name: 'retention.ms', op: 'delete', value: null }]);
  await keepHouse(clock);
  await expect.poll(() => log.offsets(t0)).toMatchObject({ logStartOffset: 1 });
});
