import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CaptureHandle, parseLsn, startCapture } from '../../src/connectors/postgres-cdc/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { awaitRecords, type CaptureBench, openCaptureBench, readTopic, textOf } from '../support/capture.ts';
import { eventually } from '../support/millrace.ts';

/**
 * Capture from a real PostgreSQL into a real log: what the recorded samples and the kill tests do not show.
 */
let bench: CaptureBench;
const captures: CaptureHandle[] = [];

beforeAll(async () => {
  bench = await openCaptureBench();
});
afterAll(async () => {
  for (const capture of captures) await capture.stop();
  await bench?.dispose();
});

function start(name: string, tables: string, more: Readonly<Record<string, string>> = {}): CaptureHandle {
  const config = bench.config(name, { 'table.include.list': tables, ...more });
  const capture = startCapture({ name, config, log: bench.log, clock: systemClock });
  captures.push(capture);
  return capture;
}

interface Change {
  readonly op: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}
const changes = async (topic: string, count: number): Promise<Change[]> =>
  (await awaitRecords(bench.log, topic, 0, count)).map(record => JSON.parse(textOf(record.value)!) as Change);
const walEnd = async (): Promise<number> => {
  const { rows } = await bench.client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  return parseLsn(rows[0]!.lsn);
};

test('a gate holds back what commits behind it, and nothing before', async () => {
  await bench.client.query('create table gated (id int primary key)');
  const capture = start('gate', 'public.gated');
  await capture.whenStreaming();
  await bench.client.query('insert into gated values (1)');
  const lsn = await walEnd();
  const held = capture.holdBefore(BigInt(lsn));
  await bench.client.query(`select pg_logical_emit_message(false, 'millrace', '')`);
  await held;
  expect(await readTopic(bench.log, 'gate.public.gated')).toHaveLength(1);
  await bench.client.query('insert into gated values (2)');
  await capture.holdBefore(BigInt(lsn));
  const between = await walEnd();
  expect(await readTopic(bench.log, 'gate.public.gated')).toHaveLength(1);
  await bench.client.query('insert into gated values (3)');
  // Moved in one step: 2 may pass, 3 may not.
  capture.release();
  await capture.holdBefore(BigInt(between));
  expect((await changes('gate.public.gated', 2)).map(change => change.after)).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await bench.log.describeTopic('gate.message'), 'our own marks make no event').toBeUndefined();
  capture.release();
  expect((await changes('gate.public.gated', 3)).at(-1)!.after).toEqual({ id: 3 });
});

test('columns that come, go and change their type are followed', async () => {
  await bench.client.query('create table altered (id int primary key, a text, b int)');
  await bench.client.query(`insert into altered values (1, 'one', 1)`);
  const capture = start('alter', 'public.altered');
  await capture.whenStreaming();
  for (const sql of [
    `insert into altered values (2, 'two', 2)`,
    'alter table altered add column c numeric(6,2) not null default 1.5',
    `insert into altered values (3, 'three', 3)`,
    'alter table altered drop column a',
    'alter table altered rename column b to d',
    'alter table altered alter column d type text',
    `update altered set d = 'x' where id = 2`,
    'alter table altered replica identity full',
    'delete from altered where id = 2',
  ]) {
    await bench.client.query(sql);
  }
  const seen = await changes('alter.public.altered', 5);
  expect(seen.map(({ op, before, after }) => [op, before, after])).toEqual([
    ['r', null, { id: 1, a: 'one', b: 1 }],
    ['c', null, { id: 2, a: 'two', b: 2 }],
    ['c', null, { id: 3, a: 'three', b: 3, c: '1.50' }],
    ['u', null, { id: 2, d: 'x', c: '1.50' }],
    ['d', { id: 2, d: 'x', c: '1.50' }, null],
  ]);
});

test('WAL that concerns nobody is let go', async () => {
  await bench.client.query('create table quiet (id int primary key); create table loud (id int)');
  const capture = start('quiet', 'public.quiet');
  await capture.whenStreaming();
  await bench.client.query('insert into loud select generate_series(1, 20000)');
  const end = await walEnd();
  await eventually('the slot has moved on', async () => {
    const { rows } = await bench.client.query<{ lsn: string }>(
      `select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = 'quiet_slot'`,
    );
    return parseLsn(rows[0]!.lsn) >= end;
  });
  expect(capture.status().lagBytes).toBe(0);
});

test('modes: always reads anew at each start and keeps the stream, never reads nothing', async () => {
  await bench.client.query('create table moded (id int primary key); insert into moded values (1)');
  const first = start('always', 'public.moded', { 'snapshot.mode': 'always' });
  const never = start('never', 'public.moded', { 'snapshot.mode': 'never' });
  await first.whenStreaming();
  await never.whenStreaming();
  await first.stop();
  await bench.client.query('insert into moded values (2)');
  await start('always', 'public.moded', { 'snapshot.mode': 'always' }).whenStreaming();
  const seen = await changes('always.public.moded', 4);
  expect(seen.map(({ op, after }) => [op, after!['id']])).toEqual([
    ['r', 1],
    ['r', 1],
    ['r', 2],
    ['c', 2],
  ]);
  expect((await changes('never.public.moded', 1)).map(({ op }) => op)).toEqual(['c']);
});

test('after a stop the stream goes on where it was; a slot that is gone stops it by name', async () => {
  await bench.client.query('create table resumed (id int primary key); insert into resumed values (1)');
  const first = start('resume', 'public.resumed');
  await first.whenStreaming();
  await bench.client.query('insert into resumed values (2)');
  await awaitRecords(bench.log, 'resume.public.resumed', 0, 2);
  await first.stop();
  await bench.client.query('insert into resumed values (3)');
  const second = start('resume', 'public.resumed');
  await second.whenStreaming();
  const seen = await changes('resume.public.resumed', 3);
  expect(seen.map(({ op, after }) => [op, after!['id']])).toEqual([
    ['r', 1],
    ['c', 2],
    ['c', 3],
  ]);
  await second.stop();
  // PostgreSQL frees a slot a moment after its client has gone.
  await eventually('the slot is free, and dropped', async () => {
    const { rowCount } = await bench.client.query(
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots
        where slot_name = 'resume_slot' and not active`,
    );
    return rowCount === 1;
  });
  const third = start('resume', 'public.resumed');
  await expect(third.whenStreaming()).rejects.toMatchObject({
    code: 'CAPTURE_UNSUPPORTED',
    message: expect.stringMatching(/slot resume_slot no longer has the changes/),
  });
  expect(third.status()).toMatchObject({ phase: 'failed' });
});

test('slot.drop.on.stop drops the slot, and the next start reads anew', async () => {
  await bench.client.query('create table dropped (id int primary key); insert into dropped values (1)');
  const more = { 'slot.drop.on.stop': 'true' };
  const first = start('drop', 'public.dropped', more);
  await first.whenStreaming();
  await first.stop();
  const { rows } = await bench.client.query(
    `select 1 from pg_replication_slots where slot_name = 'drop_slot'`,
  );
  expect(rows).toEqual([]);
  await start('drop', 'public.dropped', more).whenStreaming();
  expect((await changes('drop.public.dropped', 2)).map(({ op }) => op)).toEqual(['r', 'r']);
});

test('a transaction larger than one part is one transaction of the log, over several partitions', async () => {
  await bench.client.query('create table big (id int primary key, note text)');
  const capture = start('big', 'public.big', { 'topic.creation.default.partitions': '3' });
  await capture.whenStreaming();
  await bench.client.query(`insert into big select i, repeat('x', 300) from generate_series(1, 30000) i`);
  await eventually('all is durable', async () => capture.status().records === 30_000);
  const counts: number[] = [];
  for (const partition of [0, 1, 2]) {
    const { logEndOffset } = await bench.log.offsets({ topic: 'big.public.big', partition });
    counts.push(logEndOffset);
  }
  // Each partition holds about a third, and the mark of the one transaction.
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(30_000 + 3);
  for (const count of counts) expect(count).toBeGreaterThan(8_000);
});

test('an unchanged TOASTed value of a type without placeholder stops capture by name', async () => {
  await bench.client.query(`create table toasted (id int primary key, n numeric, v int);
    alter table toasted alter column n set storage external;
    insert into toasted values (1, (repeat('123456789', 4000))::numeric, 1)`);
  const capture = start('toast', 'public.toasted');
  await capture.whenStreaming();
  await bench.client.query('update toasted set v = 2');
  await eventually('it stops', async () => capture.status().phase === 'failed');
  expect(capture.status().lastError).toMatch(
    /public\.toasted\.n.*ALTER TABLE public\.toasted REPLICA IDENTITY FULL/,
  );
});

test('replica.identity.autoset.values makes old rows whole', async () => {
  await bench.client.query(
    `create table whole (id int primary key, v text); insert into whole values (1, 'a')`,
  );
  const more = { 'replica.identity.autoset.values': 'public.whole:FULL' };
  await start('whole', 'public.whole', more).whenStreaming();
  await bench.client.query(`update whole set v = 'b'`);
  expect((await changes('whole.public.whole', 2))[1]).toMatchObject({
    before: { v: 'a' },
    after: { v: 'b' },
  });
});

test('a server that is not there is retried; no sentence holds the password', async () => {
  const capture = start('away', 'public.x', { 'database.port': '1', 'database.password': 'secret-word' });
  await eventually('it retries', async () => capture.status().phase === 'retrying');
  expect(capture.status().lastError).toMatch(/PostgreSQL at 127\.0\.0\.1:1/);
  expect(JSON.stringify(capture.status(), (_, value) => (typeof value === 'bigint' ? 0 : value))).not.toMatch(
    /secret-word/,
  );
});
