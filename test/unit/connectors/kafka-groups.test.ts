import { afterEach, beforeEach, expect, test } from 'vitest';
import { kafkaSource } from '../../../src/connectors/kafka/mod.ts';
import type { Sink } from '../../../src/contract/mod.ts';
import { type DataType, forEachRow, rowValue, seededRng } from '../../../src/core/mod.ts';
import { startJob } from '../../../src/engine/mod.ts';
import { type Log, openEmbeddedLog } from '../../../src/log/mod.ts';
import type { PhysicalPlan } from '../../../src/plan/mod.ts';
import { systemClock as clock } from '../../../src/platform/system-clock.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { tableOf } from '../../support/tables.ts';
import { T } from '../formats/support.ts';

const fields: Record<string, DataType> = { id: T.int };
let log: Log;

beforeEach(async () => {
  log = await openEmbeddedLog({
    storage: new MemoryDisk(seededRng(5)).mount(),
    clock,
    directory: '/log',
  });
  await log.createTopic('numbers', 2);
});
afterEach(() => log.close());

async function write(partition: number, ...ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    await log.append({ topic: 'numbers', partition }, [{ key: null, value: Buffer.from(`{"id":${id}}`) }]);
  }
}

/** Runs a job over the topic to its end; returns what it read and what it warned of. */
async function read(options: Record<string, string>, name = 'job') {
  const table = tableOf(fields, [], {
    ...{ connector: 'kafka', topic: 'numbers', format: 'json', 'scan.bounded.mode': 'latest-offset' },
    ...options,
  });
  const schema = table.physicalSchema;
  const plan: PhysicalPlan = {
    sinks: [
      {
        ...{ kind: 'sink', id: 1, table: { ...table, name: 'out' }, upsertKey: null },
        input: { kind: 'scan', id: 0, schema, changelogMode: 'append', table, projection: [0] },
      },
    ],
    options: { 'execution.checkpointing.interval': '20' },
  };
  const seen: number[] = [];
  const sink: Sink = {
    delivery: 'at-least-once',
    openCommitter: async () => null,
    openWriter: async () => ({
      write: batch =>
        forEachRow(batch, row => {
          seen.push(rowValue(batch.columns[0]!, row, schema.fields[0]!.type) as number);
        }),
      prepare: async () => null,
      flush: async () => undefined,
      close: async () => undefined,
    }),
  };
  const warnings: string[] = [];
  const job = await startJob({
    ...{ name, plan, clock, newIncarnation: () => 'incarnation' },
    tables: { source: (of, projection) => kafkaSource(log, of, projection), sink: async () => sink },
    checkpoints: {
      store: async () => undefined,
      latest: async () => null,
      discardBelow: async () => undefined,
    },
    logger: { info: () => undefined, warn: message => void warnings.push(message) },
    restart: { kind: 'none' },
  });
  const state = await job.whenEnded;
  return { state, seen: seen.toSorted((a, b) => a - b), warnings, exception: job.status().exception };
}

const committed = async (group = 'g') =>
  Object.fromEntries((await log.committedOffsets(group)).map(({ partition, offset }) => [partition, offset]));

test("a job's checkpoints tell its group how far it has read", async () => {
  await write(0, 1, 2, 3);
  await write(1, 4);
  expect(await read({ 'properties.group.id': 'g' })).toMatchObject({ state: 'FINISHED', seen: [1, 2, 3, 4] });
  expect(await committed()).toEqual({ 0: 3, 1: 1 });
});

test('another job can go on where the group stands', async () => {
  await write(0, 1, 2, 3);
  const group = { 'properties.group.id': 'g', 'scan.startup.mode': 'group-offsets' };
  expect(await read(group)).toMatchObject({
    state: 'FAILED',
    exception: expect.stringContaining('Undefined offset with no reset policy for partitions: [numbers-'),
  });
  const reset = { ...group, 'properties.auto.offset.reset': 'earliest' };
  expect((await read(reset)).seen).toEqual([1, 2, 3]);
  await write(0, 5);
  await write(1, 6);
  expect((await read(reset)).seen).toEqual([5, 6]);
  expect((await read(group)).seen).toEqual([]);
  expect(await committed()).toEqual({ 0: 4, 1: 1 });
});

test('reading can end where a group stands', async () => {
  await write(0, 1, 2, 3);
  await log.commitOffsets(
    'g',
    [0, 1].map(partition => ({ topic: 'numbers', partition, offset: 2 - 2 * partition })),
  );
  const until = { 'properties.group.id': 'g', 'scan.bounded.mode': 'group-offsets' };
  expect((await read({ ...until, 'properties.commit.offsets.on.checkpoint': 'false' })).seen).toEqual([1, 2]);
  expect(await committed()).toEqual({ 0: 2, 1: 0 });
});

test('a group that others use is left to them, and the job goes on', async () => {
  await write(0, 1, 2, 3);
  const embedded = log as Awaited<ReturnType<typeof openEmbeddedLog>>;
  void embedded.groups.join({
    ...{ groupId: 'g', memberId: '', groupInstanceId: null, clientId: 'c', clientHost: '/127.0.0.1' },
    ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
    ...{ needsMemberId: false, canSkipAssignment: false },
    protocols: [{ name: 'range', metadata: new Uint8Array(0) }],
  });
  const { state, seen, warnings } = await read({ 'properties.group.id': 'g' });
  expect([state, seen]).toEqual(['FINISHED', [1, 2, 3]]);
  expect(warnings).toEqual([expect.stringContaining('consumer group g has members')]);
  expect(await committed()).toEqual({});
});
