import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';

const FILES: Readonly<Record<string, string>> = {
  'app.yaml': 'name: visits\ntitle: Visits\ndatabase: visits\n',
  'topics.yaml': '- name: visits\n  partitions: 1\n- name: named\n  partitions: 1\n',
  'jobs/named.sql': `
    CREATE TABLE visits (id INT, place INT, seen AS PROCTIME())
      WITH ('connector' = 'kafka', 'topic' = 'visits', 'format' = 'json');
    CREATE TABLE places (id INT, name STRING, opened TIMESTAMP_LTZ(3), PRIMARY KEY (id) NOT ENFORCED)
      WITH ('connector' = 'jdbc', 'table-name' = 'places', 'lookup.cache' = 'PARTIAL',
        'lookup.partial-cache.max-rows' = '100');
    CREATE TABLE named (id INT, name STRING) WITH ('connector' = 'kafka', 'topic' = 'named', 'format' = 'json');
    INSERT INTO named SELECT v.id, p.name
      FROM visits v LEFT JOIN places FOR SYSTEM_TIME AS OF v.seen AS p ON v.place = p.id;`,
};

let folder: string;
let millrace: Millrace;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-visits-'));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  millrace = await startMillrace({ args: [folder] });
  const database = await millrace.database();
  await database.query(
    `CREATE TABLE places (id int PRIMARY KEY, name text, opened timestamptz);
     INSERT INTO places VALUES (1, 'Rome', '2024-01-01 00:00:00+01'), (2, 'Zürich', NULL)`,
  );
  await database.end();
}, 120_000);
afterAll(async () => {
  await millrace?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function produce(visits: readonly object[]): void {
  const file = join(folder, 'visits.jsonl');
  writeFileSync(file, `${visits.map(visit => JSON.stringify(visit)).join('\n')}\n`);
  const { status, stderr } = millrace.cli('produce', 'visits', '-f', file);
  expect(status, stderr).toBe(0);
}

function sql(script: string): string[] {
  const { status, stdout, stderr } = millrace.cli('sql', '-e', script, '--json');
  expect(status, stderr).toBe(0);
  return stdout.trim().split('\n').sort();
}

const named = (count: number) =>
  eventually('the names of the visits', async () => {
    const lines = sql('SELECT id, name FROM named');
    return lines.length === count && lines;
  });

test('a job asks PostgreSQL for each key, also over a kill', async () => {
  const visit = (id: number, place: number | null) => ({ id, place });
  produce([visit(1, 1), visit(2, 2), visit(3, 3), visit(4, null)]);
  const first = [
    '{"id":1,"name":"Rome"}',
    '{"id":2,"name":"Zürich"}',
    '{"id":3,"name":null}',
    '{"id":4,"name":null}',
  ];
  expect(await named(4)).toEqual(first);
  await millrace.kill();
  await millrace.start();
  produce([visit(5, 2)]);
  expect(await named(5)).toEqual([...first, '{"id":5,"name":"Zürich"}']);
});

test('a table in PostgreSQL is read as it is', () => {
  const places = `CREATE TABLE places (id INT, name STRING, opened TIMESTAMP_LTZ(3), PRIMARY KEY (id) NOT ENFORCED)
    WITH ('connector' = 'jdbc', 'table-name' = 'places')`;
  expect(sql(`${places}; SELECT * FROM places WHERE id < 2`)).toEqual([
    `{"id":1,"name":"Rome","opened":${Date.UTC(2023, 11, 31, 23)}}`,
  ]);
});
