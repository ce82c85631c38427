import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JobHandle, startJob, type WorkerPool } from '../../../src/engine/mod.ts';
import { type Log, nodeStorage, openEmbeddedLog, RecordCursor } from '../../../src/log/mod.ts';
import { Catalog, planScript } from '../../../src/plan/mod.ts';
import { engineWorkers } from '../../../src/platform/engine-workers.ts';
import { systemClock as clock } from '../../../src/platform/system-clock.ts';
import { tableFactories } from '../../../src/platform/tables.ts';
import { memoryCheckpoints } from '../../support/parallel-job.ts';

const ORDERS = 6000;
const CITIES = ['Oslo', 'Roma', 'Wien', 'Bern', 'Riga'];

let directory: string;
let log: Log;
let workers: WorkerPool;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-workers-'));
  log = await openEmbeddedLog({ storage: nodeStorage(), clock, directory, flush: 'interval' });
  const print = (): void => undefined;
  workers = engineWorkers({ log, postgresUrl: () => '', print, workers: 2 });
  await log.createTopic('orders', 3);
  for (let n = 0; n < ORDERS; n += 100) {
    const records = Array.from({ length: 100 }, (_, i) => {
      const order = { id: n + i, city: CITIES[(n + i) % CITIES.length], price: (n + i) % 97 };
      return { key: null, value: new TextEncoder().encode(JSON.stringify(order)) };
    });
    await log.append({ topic: 'orders', partition: (n / 100) % 3 }, records);
  }
});
afterAll(async () => {
  await workers.close();
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

const scriptFor = (topic: string, bounded: boolean): string => `
CREATE TABLE orders (id BIGINT, city STRING, price BIGINT) WITH ('connector' = 'kafka', 'topic' = 'orders',
  'format' = 'json', 'scan.startup.mode' = 'earliest-offset'
  ${bounded ? ", 'scan.bounded.mode' = 'latest-offset'" : ''});
CREATE TABLE totals (city STRING, n BIGINT, total BIGINT, PRIMARY KEY (city) NOT ENFORCED) WITH
  ('connector' = 'upsert-kafka', 'topic' = '${topic}', 'key.format' = 'json', 'value.format' = 'json',
  'sink.delivery-guarantee' = 'exactly-once');
INSERT INTO totals SELECT city, COUNT(*), SUM(price) FROM orders GROUP BY city;`;

function start(topic: string, parallelism: number, bounded = true): JobHandle {
  const options = { 'parallelism.default': `${parallelism}`, 'execution.checkpointing.interval': '20 ms' };
  return startJob({
    name: `test/${topic}`,
    plan: planScript(scriptFor(topic, bounded), new Catalog(), options).plan,
    tables: tableFactories({ log, postgresUrl: () => '', print: () => undefined }),
    checkpoints: memoryCheckpoints(),
    clock,
    newIncarnation: () => topic,
    restart: { kind: 'fixed-delay', attempts: 100, delayMs: 1 },
    workers,
    logger: { info: () => undefined, warn: () => undefined },
  });
}

/** The last record of each key of a topic, over all its committed records. */
async function lastOf(topic: string): Promise<Record<string, unknown>> {
  const last: Record<string, unknown> = {};
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  for (let offset = 0; ; ) {
    const read = await log.read({ topic, partition: 0 }, offset, 1 << 20, 'read_committed');
    const cursor = new RecordCursor();
    cursor.reset(read.bytes, offset, read.aborted);
    while (cursor.next()) {
      const value = read.bytes.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength);
      const key = read.bytes.subarray(cursor.keyStart, cursor.keyStart + cursor.keyLength);
      last[JSON.parse(text(key)).city] = JSON.parse(text(value));
    }
    if (read.nextOffset === offset) return last;
    offset = read.nextOffset;
  }
}

const expected = Object.fromEntries(
  CITIES.map((city, c) => {
    const prices = Array.from({ length: ORDERS }, (_, n) => n).filter(n => n % CITIES.length === c);
    return [city, { city, n: prices.length, total: prices.reduce((sum, n) => sum + (n % 97), 0) }];
  }),
);

test.each([1, 2, 3])(
  'tasks in workers give the answer of one thread, at parallelism %d',
  async parallelism => {
    const job = start(`totals-${parallelism}`, parallelism);
    expect(await job.whenEnded).toBe('FINISHED');
    expect(job.status()).toMatchObject({ exception: null, restarts: 0 });
    expect(await lastOf(`totals-${parallelism}`)).toEqual(expected);
    expect(job.status().rowsIn).toBe(ORDERS);
  },
);

test('workers that die are replaced, and the job goes on from its checkpoint', async () => {
  const signal = AbortSignal.timeout(20_000);
  const job = start('totals-crash', 2, false);
  await job.settle(signal);
  await workers.close(); // as a crash: the tasks in them are not asked
  while (job.status().restarts === 0) await clock.sleep(5, signal);
  await job.settle(signal);
  expect(await lastOf('totals-crash')).toEqual(expected);
  expect(job.status().rowsIn).toBe(ORDERS);
  await job.cancel();
});
