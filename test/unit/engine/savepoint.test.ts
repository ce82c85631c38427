import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobHandle } from '../../../src/engine/mod.ts';
import {
  MemorySink,
  memoryCheckpoints,
  type ParallelJob,
  startParallelJob,
} from '../../support/parallel-job.ts';
import { insert } from './harness.ts';

const SQL = `CREATE TABLE bids (city STRING, price BIGINT) WITH ('connector' = 'memory');
CREATE TABLE results (city STRING, n BIGINT, total BIGINT) WITH ('connector' = 'print');
INSERT INTO results SELECT city, COUNT(*), SUM(price) FROM bids GROUP BY city`;
const rows = Array.from({ length: 600 }, (_, i) => insert(`city ${i % 11}`, BigInt(i)));
const tables = { bids: { 0: rows, 1: rows.slice(100) } };

let folder: string;
const jobs: JobHandle[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-savepoint-'));
});
afterEach(async () => {
  await Promise.all(jobs.splice(0).map(job => job.cancel()));
  rmSync(folder, { recursive: true, force: true });
});

function start(more: Partial<ParallelJob> & Pick<ParallelJob, 'sink'>): JobHandle {
  const job = startParallelJob({
    sql: SQL,
    tables,
    parallelism: 1,
    checkpoints: memoryCheckpoints(),
    ...more,
  });
  jobs.push(job);
  return job;
}

const some = async (job: JobHandle): Promise<void> => {
  while (job.status().rowsIn < 200) await new Promise(resolve => setImmediate(resolve));
};

async function undisturbed(): Promise<string[]> {
  const sink = new MemorySink();
  expect(await start({ sink }).whenEnded).toBe('FINISHED');
  return sink.table();
}

test.each([1, 2, 3])(
  'a job stopped with a savepoint goes on as a new job at parallelism %d',
  async parallelism => {
    const sink = new MemorySink();
    const first = start({ sink, parallelism: 2 });
    await some(first);
    const path = join(folder, 'one', 'savepoint');
    await first.savepoint(path, true);
    expect(first.status().state).toBe('CANCELED');
    expect(readdirSync(join(folder, 'one'))).toEqual(['savepoint']);
    const readBefore = first.status().rowsIn;
    const second = start({ sink, parallelism, savepoint: path, incarnation: 'second' });
    expect(await second.whenEnded).toBe('FINISHED');
    expect(second.status().incarnation).toBe('second');
    expect(second.status().rowsIn).toBe(1100);
    expect(readBefore).toBeLessThan(1100);
    expect(sink.table()).toEqual(await undisturbed());
  },
);

test('a savepoint leaves its job running, and another job can begin from it', async () => {
  const sink = new MemorySink();
  const first = start({ sink, parallelism: 2 });
  await some(first);
  const path = join(folder, 'savepoint');
  await first.savepoint(path, false);
  // What the first has shown up to the savepoint is what the second builds on.
  const upToIt = [...sink.changes];
  expect(await first.whenEnded).toBe('FINISHED');
  expect(sink.table()).toEqual(await undisturbed());
  const other = new MemorySink();
  other.changes.push(...upToIt);
  const second = start({ sink: other, savepoint: path, incarnation: 'second' });
  expect(await second.whenEnded).toBe('FINISHED');
  expect(other.table()).toEqual(await undisturbed());
});

test('a savepoint that is missing, or is something else, fails the job and says so', async () => {
  const missing = start({ sink: new MemorySink(), savepoint: join(folder, 'nothing') });
  expect(await missing.whenEnded).toBe('FAILED');
  expect(missing.status().exception).toContain(`No savepoint can be read at ${join(folder, 'nothing')}`);
  writeFileSync(join(folder, 'text'), 'not a savepoint');
  const wrong = start({ sink: new MemorySink(), savepoint: join(folder, 'text') });
  expect(await wrong.whenEnded).toBe('FAILED');
  expect(wrong.status().exception).toContain('not one of this version');
});
