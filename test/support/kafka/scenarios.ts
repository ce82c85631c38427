import { expect } from 'vitest';
import { eventually } from '../millrace.ts';
import type { Codec, Connection, Driver, Incoming, Outgoing, Session } from './driver.ts';

/** One client at one broker, with names of topics and groups that nobody else uses. */
export interface Bench {
  readonly driver: Driver;
  readonly session: Session;
  readonly connection: Connection;
  /** Topics are made by this client, so that what is tested is the client under test alone. */
  readonly maker: Session;
  /** Reads what the client wrote, in whatever codec. */
  readonly witness: Session;
  readonly name: (what: string) => string;
}

/** Makes a topic and returns its name. */
export async function topic(
  bench: Bench,
  what: string,
  partitions = 1,
  config: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = bench.name(what);
  await bench.maker.admin.createTopic!(name, partitions, config);
  await known(bench, name);
  return name;
}

/** Waits until the broker knows a new topic: Kafka's controller answers before its brokers hear of it. */
export const known = (bench: Bench, name: string): Promise<unknown> =>
  eventually(`${name} is known`, async () => (await bench.maker.admin.topics!()).includes(name));

/** Records `<prefix>0 … <prefix>n-1` with keys. */
export const numbered = (prefix: string, count: number, partition?: number): Outgoing[] =>
  Array.from({ length: count }, (_, i) => ({
    key: `k${i}`,
    value: `${prefix}${i}`,
    ...(partition === undefined ? {} : { partition }),
  }));

/** Values by partition in the order read; offsets must rise. */
export function byPartition(records: readonly Incoming[]): Map<number, string[]> {
  const found = new Map<number, { offset: number; values: string[] }>();
  for (const record of records) {
    const at = found.get(record.partition) ?? { offset: -1, values: [] };
    expect(record.offset, `offsets of partition ${record.partition} rise`).toBeGreaterThan(at.offset);
    at.offset = record.offset;
    at.values.push(record.value ?? '<null>');
    found.set(record.partition, at);
  }
  return new Map([...found].map(([partition, at]) => [partition, at.values]));
}

const sorted = (values: readonly (string | null)[]): string[] => values.map(String).sort();

/**
 * What is sent to a partition comes back from it in order, with keys, empty, null and large values and a
 * time.
 */
export async function producesAndConsumes(bench: Bench): Promise<void> {
  const name = await topic(bench, 'plain', 3);
  const before = Date.now();
  const sent: Outgoing[] = [0, 1, 2].flatMap(partition => numbered(`p${partition}-`, 50, partition));
  const odd: Outgoing[] = [
    { key: 'no value', value: null, partition: 0 },
    { key: null, value: 'no key', partition: 0 },
    { key: 'grüße ✓', value: 'x'.repeat(100_000), partition: 0 },
  ];
  await bench.session.produce(name, [...sent, ...odd]);
  const read = await bench.session.consume(name, { count: sent.length + odd.length });
  const values = byPartition(read);
  for (const partition of [0, 1, 2]) {
    const of = [...sent, ...odd].filter(record => record.partition === partition);
    expect(values.get(partition)).toEqual(of.map(record => record.value ?? '<null>'));
  }
  const last = read.filter(record => record.partition === 0).slice(-3);
  expect(last.map(record => [record.key, record.value?.length ?? null])).toEqual([
    ['no value', null],
    [null, 6],
    ['grüße ✓', 100_000],
  ]);
  for (const record of read) {
    expect(record.timestamp).toBeGreaterThanOrEqual(before - 1);
    expect(record.timestamp).toBeLessThanOrEqual(Date.now() + 1);
  }
}

/** Without a partition, records of one key stay in one partition, in order. */
export async function keepsKeysTogether(bench: Bench): Promise<void> {
  const name = await topic(bench, 'keys', 4);
  const sent = Array.from({ length: 200 }, (_, i) => ({ key: `k${i % 20}`, value: String(i) }));
  await bench.session.produce(name, sent);
  const read = await bench.session.consume(name, { count: sent.length });
  byPartition(read);
  const homes = new Map<string, Set<number>>();
  for (const { key, partition } of read)
    homes.set(key!, (homes.get(key!) ?? new Set<number>()).add(partition));
  expect([...homes.values()].every(partitions => partitions.size === 1)).toBe(true);
  for (const key of homes.keys()) {
    const values = read.filter(record => record.key === key).map(record => Number(record.value));
    expect(values).toEqual([...values].sort((a, b) => a - b));
  }
}

/** Headers keep their order, their doubles and their nulls. */
export async function carriesHeaders(bench: Bench): Promise<void> {
  const name = await topic(bench, 'headers');
  const nulls = !bench.driver.cannot['null headers'];
  const headers: (readonly [string, string | null])[] = [
    ['first', 'one'],
    ['empty', ''],
    ['ünïcode', '✓'],
    ...(nulls ? [['nothing', null] as const] : []),
  ];
  await bench.session.produce(name, [
    { key: 'a', value: 'with', headers },
    { key: 'b', value: 'also', headers: [['other', 'x'.repeat(1000)]] },
  ]);
  const read = await bench.session.consume(name, { count: 2 });
  expect(read.map(record => record.headers)).toEqual([headers, [['other', 'x'.repeat(1000)]]]);
}

/** A compressed batch comes back the same to this client and to another. */
export async function compresses(bench: Bench, codec: Codec): Promise<void> {
  const name = await topic(bench, `codec-${codec}`);
  const sent = numbered('the same words again and again, the same words again and again ', 300, 0);
  await bench.session.produce(name, sent, { codec });
  for (const reader of [bench.session, bench.witness]) {
    const read = await reader.consume(name, { count: sent.length });
    expect(read.map(record => record.value)).toEqual(sent.map(record => record.value));
  }
}

/** Idempotent producers are accepted, and their records lie there once. */
export async function producesIdempotently(bench: Bench): Promise<void> {
  const name = await topic(bench, 'idempotent', 2);
  const sent = [...numbered('a', 500, 0), ...numbered('b', 500, 1)];
  await bench.session.produce(name, sent, { idempotent: true });
  const read = await bench.session.consume(name, { count: sent.length });
  expect(sorted(read.map(record => record.value))).toEqual(sorted(sent.map(record => record.value)));
  expect(await bench.maker.admin.offsetFor!(name, 0, -1)).toBe(500);
}

/** Who reads committed records: the client itself, unless it can't. */
const committedReader = (bench: Bench): Session =>
  bench.driver.cannot.read_committed ? bench.maker : bench.session;

/** Commit shows, abort hides, from read_committed; read_uncommitted sees all. */
export async function commitsAndAborts(bench: Bench): Promise<void> {
  const name = await topic(bench, 'transactions');
  const producer = await bench.session.transactional!(bench.name('tx'));
  const run = async (prefix: string, end: 'commit' | 'abort'): Promise<void> => {
    const transaction = await producer.begin();
    await transaction.send(name, numbered(prefix, 10, 0));
    await transaction[end]();
  };
  const aborts = !bench.driver.cannot.abort;
  await run('first', 'commit');
  if (aborts) {
    await run('wrong', 'abort');
    await run('wronger', 'abort');
  }
  await run('last', 'commit');
  await producer.close();
  const values = (...prefixes: readonly string[]): string[] =>
    prefixes.flatMap(prefix => numbered(prefix, 10).map(record => record.value!));
  const committed = await committedReader(bench).consume(name, { count: 20, committed: true });
  expect(committed.map(record => record.value)).toEqual(values('first', 'last'));
  const all = await bench.session.consume(name, { count: aborts ? 40 : 20 });
  const sent = aborts ? values('first', 'wrong', 'wronger', 'last') : values('first', 'last');
  expect(all.map(record => record.value)).toEqual(sent);
}

/** A second producer with the same transactional id fences the first. */
export async function fences(bench: Bench): Promise<void> {
  const name = await topic(bench, 'fencing');
  const id = bench.name('fenced');
  const old = await bench.session.transactional!(id);
  const begun = await old.begin();
  await begun.send(name, numbered('zombie', 5, 0));
  const young = await bench.session.transactional!(id);
  const transaction = await young.begin();
  await transaction.send(name, numbered('alive', 5, 0));
  await transaction.commit();
  await expect(begun.commit(), 'the old producer commits').rejects.toThrow(/fenc|epoch|producer/i);
  const read = await bench.session.consume(name, { count: 5, committed: true });
  expect(read.map(record => record.value)).toEqual(numbered('alive', 5).map(record => record.value));
  await young.close();
  await old.close().catch(() => undefined);
}

/** Consume, transform, produce: the output holds every input once, the group's offsets stand at the end. */
export async function copiesExactlyOnce(bench: Bench): Promise<void> {
  const [from, to] = [await topic(bench, 'copy-from'), await topic(bench, 'copy-to')];
  const sent = numbered('word', 60, 0);
  await bench.maker.produce(from, sent);
  const group = bench.name('copy-group');
  const transactionalId = bench.name('copier');
  await bench.session.copy!({ from, to, group, transactionalId, count: 60, perTransaction: 10 });
  const read = await committedReader(bench).consume(to, { count: 60, committed: true });
  expect(read.map(record => record.value)).toEqual(sent.map(record => record.value!.toUpperCase()));
  await eventually('offsets are committed', async () => {
    const offsets = await bench.maker.admin.committed!(group, from);
    return offsets[0] === 60;
  });
}

/** In a compacted topic only the last value of each key stays, and tombstones take their key away. */
export async function readsCompacted(bench: Bench): Promise<void> {
  const name = await topic(bench, 'compacted', 1, {
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0.001',
    'segment.ms': '200',
    'delete.retention.ms': '100',
    'max.compaction.lag.ms': '200',
  });
  const keys = Array.from({ length: 10 }, (_, i) => `k${i}`);
  for (let round = 0; round < 5; round++) {
    const of = (key: string): string | null => (round === 4 && key === 'k9' ? null : `${key} ${round}`);
    await bench.session.produce(
      name,
      keys.map(key => ({ key, value: of(key), partition: 0 })),
    );
  }
  // What was written last lies in the active segment, which is never compacted: later records make it roll.
  let rolls = 0;
  const compacted = async (): Promise<boolean> => {
    await bench.maker.produce(name, [{ key: `f${rolls}`, value: 'filler', partition: 0 }]);
    rolls++;
    const read = await bench.maker.consume(name, { count: 9 + rolls });
    const kept = read.filter(record => record.key?.startsWith('k'));
    const values = kept.map(record => record.value);
    return JSON.stringify(values) === JSON.stringify(keys.slice(0, 9).map(key => `${key} 4`));
  };
  await eventually('old values and the tombstone are gone', compacted, 60_000);
  const read = await bench.session.consume(name, { count: 9 + rolls });
  expect(byPartition(read).get(0)!.slice(0, 9)).toEqual(keys.slice(0, 9).map(key => `${key} 4`));
}
