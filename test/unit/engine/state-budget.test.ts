import { expect, test } from 'vitest';
import { StateBudget } from '../../../src/engine/mod.ts';
import { MemorySink, memoryCheckpoints, startParallelJob } from '../../support/parallel-job.ts';
import { insert } from './harness.ts';

test('above the limit the largest job ends, and no other starts until there is room', () => {
  const budget = new StateBudget(100 * 2 ** 20);
  budget.report('large', 70 * 2 ** 20);
  budget.report('small', 20 * 2 ** 20);
  expect(budget.bytes).toBe(90 * 2 ** 20);
  budget.report('small', 60 * 2 ** 20); // over the limit, but the other is larger
  expect(() => budget.admit('third')).toThrow(/^job third can not start: the states of all jobs take 130 MB/);
  expect(() => budget.report('large', 70 * 2 ** 20)).toThrow(
    'job large ends: the states of all jobs take 130 MB, its own 70 MB, and engine.memory.max-mb allows 100.',
  );
  budget.release('large');
  budget.admit('third');
  budget.report('small', 60 * 2 ** 20);
});

test('a job whose state grows beyond the limit is FAILED, with the code that says so', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => insert(`key ${i}`, BigInt(i)));
  const job = startParallelJob({
    sql: `CREATE TABLE bids (city STRING, price BIGINT) WITH ('connector' = 'memory');
      CREATE TABLE results (city STRING, n BIGINT) WITH ('connector' = 'print');
      INSERT INTO results SELECT city, COUNT(*) FROM bids GROUP BY city`,
    tables: { bids: { 0: rows } },
    parallelism: 2,
    sink: new MemorySink(),
    checkpoints: memoryCheckpoints(),
    budget: new StateBudget(300_000),
    isEndless: true,
  });
  expect(await job.whenEnded).toBe('FAILED');
  expect(job.status().exception).toContain('engine.memory.max-mb');
});
