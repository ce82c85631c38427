import { expect, test } from 'vitest';
import { StateBudget } from '../../../src/engine/mod.ts';
import { MemorySink, memoryCheckpoints, startParallelJob } from '../../support/parallel-job.ts';
import { insert } from './harness.ts';

const ROWS = 3000;
const BATCH = 7;
const tables = { bids: { 0: rowsFrom(0), 1: rowsFrom(ROWS) } };
const HOUR = 3_600_000;

function rowsFrom(first: number) {
  return Array.from({ length: ROWS }, (_, i) => insert(`city ${(first + i) % 11}`, BigInt(first + i)));
}

async function run(select: string, parallelism: number, maxRows: number | null) {
  const sink = new MemorySink();
  const budget = maxRows === null ? {} : { budget: new StateBudget(maxRows * MemorySink.ROW_BYTES * 8) };
  const job = startParallelJob({
    sql: `CREATE TABLE bids (city STRING, price BIGINT) WITH ('connector' = 'memory');
      CREATE TABLE results (city STRING, price BIGINT) WITH ('connector' = 'print');
      INSERT INTO results ${select}`,
    ...{ tables, parallelism, sink, ...budget, interval: HOUR },
    ...{ checkpoints: memoryCheckpoints(), rowsPerBatch: BATCH },
  });
  expect(await job.whenEnded).toBe('FINISHED');
  return { sink, checkpoints: job.status().checkpoint!.count };
}

test.each([1, 2])(
  'staged output above its share waits for a checkpoint, which comes at once; parallelism %d',
  async parallelism => {
    const select = 'SELECT city, price FROM bids';
    const free = await run(select, parallelism, null);
    expect(free.checkpoints).toBe(1); // the one at the end
    expect(free.sink.stagedMost).toBe((ROWS * 2) / parallelism);
    const limited = await run(select, parallelism, 400);
    expect(limited.checkpoints).toBeGreaterThan((ROWS * 2) / 400 / 2);
    // A delivery of each split may be under way when the limit is reached.
    expect(limited.sink.stagedMost).toBeLessThanOrEqual(400 / parallelism + 2 * BATCH);
    expect(limited.sink.table()).toEqual(free.sink.table());
  },
);

test('a job whose results leave behind an exchange comes to its end too', async () => {
  const select = 'SELECT city, SUM(price) FROM bids GROUP BY city';
  const free = await run(select, 2, null);
  const limited = await run(select, 2, 500);
  expect(limited.checkpoints).toBeGreaterThan(2);
  expect(limited.sink.table()).toEqual(free.sink.table());
});
