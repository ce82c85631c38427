import { afterEach, expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import type { JobHandle } from '../../../src/engine/mod.ts';
import {
  MemorySink,
  memoryCheckpoints,
  type ParallelJob,
  type Splits,
  startParallelJob,
} from '../../support/parallel-job.ts';
import { at, insert } from './harness.ts';

const TABLES = `
CREATE TABLE bids (auction BIGINT, price BIGINT, city STRING, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'memory');
CREATE TABLE cities (city STRING, country STRING) WITH ('connector' = 'memory');
CREATE TABLE results (a STRING, b BIGINT, c BIGINT) WITH ('connector' = 'print');
`;

const CITIES = ['Oslo', 'Roma', 'Wien', 'Bern', 'Riga', 'Turku', 'Łódź'];

function bids(splits: number, rows: number): Splits {
  const rng = seededRng(5);
  return Object.fromEntries(
    Array.from({ length: splits }, (_, s) => [
      String(s),
      Array.from({ length: rows }, (_, i) =>
        insert(
          BigInt(rng.int(0, 39)),
          BigInt(rng.int(0, 999)),
          rng.int(0, 19) === 0 ? null : rng.pick(CITIES),
          at(1e12 + i * 100),
        ),
      ),
    ]),
  );
}
const tables = {
  bids: bids(3, 400),
  cities: { all: CITIES.slice(1).map((city, i) => insert(city, i % 2 === 0 ? 'north' : 'south')) },
};

const QUERIES: Readonly<Record<string, string>> = {
  'a group aggregate': 'SELECT city, COUNT(*), MAX(price) FROM bids GROUP BY city',
  'an aggregate of an aggregate, by another key': `SELECT city, SUM(n), COUNT(*) FROM
    (SELECT city, auction, COUNT(*) AS n FROM bids GROUP BY city, auction) AS t GROUP BY city`,
  'a global aggregate with DISTINCT': "SELECT 'all', COUNT(*), COUNT(DISTINCT auction) FROM bids",
  'an outer join, then an aggregate': `SELECT country, COUNT(*), SUM(price) FROM bids
    LEFT JOIN cities ON bids.city = cities.city GROUP BY country`,
  'event-time windows': `SELECT city, COUNT(*), SUM(price) FROM
    TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '7' SECOND)) GROUP BY city, window_start, window_end`,
  'a union of rows with what is aggregated from them': `SELECT city, auction, price FROM bids
    UNION ALL SELECT city, COUNT(*), MAX(price) FROM bids GROUP BY city`,
};

let job: JobHandle | null = null;
afterEach(() => job?.cancel());

async function run(sql: string, more: Pick<ParallelJob, 'parallelism'> & Partial<ParallelJob>) {
  const sink = more.sink ?? new MemorySink();
  const checkpoints = more.checkpoints ?? memoryCheckpoints();
  job = startParallelJob({ sql: `${TABLES} INSERT INTO results ${sql}`, tables, sink, checkpoints, ...more });
  return { sink, ended: await job.whenEnded, status: job.status() };
}

test.each(Object.entries(QUERIES))('%s is the same at any parallelism', async (_name, sql) => {
  const alone = await run(sql, { parallelism: 1 });
  expect(alone.ended).toBe('FINISHED');
  expect(alone.sink.table().length).toBeGreaterThan(0);
  for (const parallelism of [2, 3, 5]) {
    const { ended, sink, status } = await run(sql, { parallelism });
    expect(status.exception).toBe(null);
    expect(ended).toBe('FINISHED');
    expect(sink.table()).toEqual(alone.sink.table());
    expect(status.rowsIn).toBe(alone.status.rowsIn);
  }
});

test.each(Object.entries(QUERIES))('%s outlives failures at parallelism 2 and 3', async (_name, sql) => {
  const alone = await run(sql, { parallelism: 1 });
  for (const parallelism of [2, 3]) {
    const left = new Set(['0/100', '1/205', '2/299']);
    const breaks = (split: string, position: number): boolean =>
      [...left].some(place => {
        const [at, from] = place.split('/');
        return at === split && position >= Number(from) && left.delete(place);
      });
    const { ended, sink, status } = await run(sql, { parallelism, breaks });
    expect(ended).toBe('FINISHED');
    expect(status.restarts).toBe(3);
    expect(sink.table()).toEqual(alone.sink.table());
    expect(status.rowsIn).toBe(alone.status.rowsIn);
  }
});

test.each(Object.entries(QUERIES))('%s goes on at another parallelism', async (_name, sql) => {
  const alone = await run(sql, { parallelism: 1 });
  for (const steps of [
    [1, 2, 3],
    [3, 1, 2],
  ]) {
    const [sink, checkpoints] = [new MemorySink(), memoryCheckpoints()];
    for (const [k, parallelism] of steps.entries()) {
      const isLast = k === steps.length - 1;
      const stopAt = (k + 1) * 120;
      let rows = 0;
      const breaks = (): boolean => {
        rows = job?.status().rowsIn ?? 0;
        return false;
      };
      const started = run(sql, { parallelism, sink, checkpoints, breaks });
      if (!isLast) {
        while (rows < stopAt) await new Promise(resolve => setImmediate(resolve));
        await job!.stop();
      }
      const { status } = await started;
      expect(status.exception).toBe(null);
      if (isLast) expect(status.state).toBe('FINISHED');
    }
    expect(sink.table()).toEqual(alone.sink.table());
  }
});
