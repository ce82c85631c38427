import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';

const CITIES = ['Oslo', 'Roma', 'Wien', 'Bern', 'Riga', 'Turku', 'Łódź'];
const HALF = 3000;

interface Order {
  readonly id: number;
  readonly city: string;
  readonly amount: number;
}
const orders = (from: number, to: number): Order[] =>
  Array.from({ length: to - from }, (_, i) => {
    const id = from + i;
    return { id, city: CITIES[(id * 7919) % CITIES.length]!, amount: (id * 31) % 1000 };
  });

let folder: string;
let millrace: Millrace;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-savepoint-'));
  writeFileSync(join(folder, 'app.yaml'), 'name: orders\ntitle: Orders\ndatabase: orders\n');
  const topics = [
    '- name: orders\n  partitions: 3',
    '- name: passed\n  partitions: 2',
    '- name: totals\n  partitions: 1',
  ];
  writeFileSync(join(folder, 'topics.yaml'), `${topics.join('\n')}\n`);
  millrace = await startMillrace({ args: [folder] });
}, 120_000);
afterAll(async () => {
  await millrace?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Each order as it is, and what each city's orders come to; both exactly once. */
const jobOf = (parallelism: number, savepoint: string | null): string => `
  SET 'parallelism.default' = '${parallelism}';
  ${savepoint === null ? '' : `SET 'execution.state-recovery.path' = '${savepoint}';`}
  ${TABLES}
  EXECUTE STATEMENT SET BEGIN
    INSERT INTO passed SELECT id FROM orders;
    INSERT INTO totals SELECT city, COUNT(*), SUM(amount) FROM orders GROUP BY city;
  END;`;
const TABLES = `
  CREATE TABLE orders (id BIGINT, city STRING, amount BIGINT) WITH ('connector' = 'kafka', 'topic' = 'orders',
    'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
  CREATE TABLE passed (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'passed', 'format' = 'json',
    'sink.delivery-guarantee' = 'exactly-once');
  CREATE TABLE totals (city STRING, n BIGINT, total BIGINT, PRIMARY KEY (city) NOT ENFORCED)
    WITH ('connector' = 'upsert-kafka', 'topic' = 'totals', 'key.format' = 'json', 'value.format' = 'json',
    'sink.delivery-guarantee' = 'exactly-once');`;

function produce(all: readonly Order[]): void {
  const file = join(folder, 'orders.jsonl');
  writeFileSync(file, all.map(order => `${JSON.stringify(order)}\n`).join(''));
  const { status, stderr } = millrace.cli('produce', 'orders', '-f', file);
  expect(status, stderr).toBe(0);
}

function ask<T>(query: string): readonly T[] {
  const { status, stdout, stderr } = millrace.cli('sql', '--json', '-e', `${TABLES} ${query}`);
  expect(status, stderr).toBe(0);
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as T);
}

async function passed(count: number): Promise<void> {
  await eventually(`${count} orders passed`, async () => {
    const [row] = ask<{ n: number }>('SELECT COUNT(*) AS n FROM passed');
    return row!.n >= count;
  });
}

/** Every order passed once, and the totals are those of all orders up to `end`. */
async function expectAll(end: number): Promise<void> {
  await passed(end);
  const [row] = ask<{ n: number; ids: number; most: number }>(
    'SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids, MAX(id) AS most FROM passed',
  );
  expect(row).toEqual({ n: end, ids: end, most: end - 1 });
  const wanted = CITIES.map(city => {
    const own = orders(0, end).filter(order => order.city === city);
    return { city, n: own.length, total: own.reduce((sum, { amount }) => sum + amount, 0) };
  });
  const byCity = (a: { city: string }, b: { city: string }): number => (a.city < b.city ? -1 : 1);
  await eventually('the totals of all orders', async () => {
    const rows = ask<{ city: string; n: number; total: number }>('SELECT city, n, total FROM totals');
    const expected = JSON.stringify([...wanted].sort(byCity));
    return JSON.stringify([...rows].sort(byCity)) === expected;
  });
}

const names = async (): Promise<string[]> =>
  (await millrace.get<{ name: string }[]>('/api/jobs')).map(job => job.name);

function keep(job: string, ...flags: readonly string[]): string {
  const { status, stdout, stderr } = millrace.cli('savepoint', job, ...flags);
  expect(status, stderr).toBe(0);
  const path = stdout.trim();
  expect(existsSync(path)).toBe(true);
  return path;
}

test('a job stopped with a savepoint goes on as others, at other parallelisms, and nothing is lost or doubled', async () => {
  produce(orders(0, HALF));
  await millrace.post('/api/jobs', { name: 'first', sql: jobOf(2, null) });
  await passed(1);
  const first = keep('first', '--stop');
  expect(await names()).not.toContain('first');
  produce(orders(HALF, 2 * HALF));
  // What was stopped stays so.
  await millrace.stop();
  await millrace.start();
  expect(await names()).not.toContain('first');

  await millrace.post('/api/jobs', { name: 'second', sql: jobOf(3, first) });
  await expectAll(2 * HALF);
  const second = keep('second', '--stop');
  produce(orders(2 * HALF, 3 * HALF));
  // The name is free again; a kill later the job goes on from its own checkpoints.
  await millrace.post('/api/jobs', { name: 'second', sql: jobOf(1, second) });
  await passed(2 * HALF + 1);
  await millrace.kill();
  await millrace.start();
  await expectAll(3 * HALF);
});

test('without --stop the job goes on', async () => {
  const before = await names();
  keep('second');
  expect(await names()).toEqual(before);
  produce(orders(3 * HALF, 3 * HALF + 10));
  await expectAll(3 * HALF + 10);
});

test('a job that is not there, and a savepoint that is none, are refused by name', async () => {
  const { status, stderr } = millrace.cli('savepoint', 'nobody');
  expect(status).not.toBe(0);
  expect(stderr).toContain('no job nobody');
  await millrace.post('/api/jobs', { name: 'third', sql: jobOf(1, join(folder, 'app.yaml')) });
  const failed = await eventually('a job that failed', async () => {
    const jobs = await millrace.get<{ name: string; state: string; failure: string | null }[]>('/api/jobs');
    return jobs.find(job => job.name === 'third' && job.state === 'FAILED');
  });
  expect(failed.failure).toContain('No savepoint can be read at');
});
