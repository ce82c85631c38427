import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';

const FILES: Readonly<Record<string, string>> = {
  'app.yaml': 'name: words\ntitle: Words\ndatabase: words\n',
  'topics.yaml': '- name: words\n  partitions: 2\n- name: shouted\n  partitions: 1\n',
  'functions/texts.ts': `import { defineFunction } from 'millrace/app';
    export const shout = defineFunction({
      arguments: ['STRING', 'INT NOT NULL'],
      returns: 'STRING',
      call: (text: string | null, times: number) => {
        if (text === 'boom') throw new Error('it went boom');
        return text === null ? null : text.toUpperCase() + '!'.repeat(times);
      },
    });`,
  'jobs/shout.sql': `CREATE FUNCTION shout AS 'shout' LANGUAGE JAVASCRIPT USING 'functions/texts.ts';
    CREATE TABLE words (word STRING, at_offset BIGINT METADATA FROM 'offset' VIRTUAL)
      WITH ('connector' = 'kafka', 'topic' = 'words', 'format' = 'json');
    CREATE TABLE shouted (word STRING) WITH ('connector' = 'kafka', 'topic' = 'shouted', 'format' = 'json');
    INSERT INTO shouted SELECT shout(word, 2) FROM words;`,
};

let folder: string;
let millrace: Millrace;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-words-'));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  millrace = await startMillrace({ args: [folder] });
  const words = ['one', null, 'two'].map(word => JSON.stringify({ word }));
  writeFileSync(join(folder, 'words.jsonl'), `${words.join('\n')}\n`);
  const { status, stderr } = millrace.cli('produce', 'words', '-f', join(folder, 'words.jsonl'));
  expect(status, stderr).toBe(0);
}, 120_000);
afterAll(async () => {
  await millrace?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function sql(script: string, ...flags: readonly string[]): string {
  const { status, stdout, stderr } = millrace.cli('sql', '-e', script, ...flags);
  expect(status, stderr).toBe(0);
  return stdout;
}

test('a job calls a function of its application', async () => {
  const rows = await eventually('shouted words', async () => {
    const lines = sql('SELECT word FROM shouted', '--json').trim().split('\n').sort();
    return lines.length === 3 && lines;
  });
  expect(rows).toEqual(['{"word":"ONE!!"}', '{"word":"TWO!!"}', '{"word":null}']);
});

test('statements answer as tables, in the order of the script', () => {
  expect(sql('SHOW TABLES; USE default_database; DESCRIBE words; SELECT COUNT(*) AS n FROM words')).toBe(
    [
      ...['table name', '----------', 'shouted', 'words', '2 rows', ''],
      'name       type    null  key   extras                          watermark',
      '---------  ------  ----  ----  ------------------------------  ---------',
      'word       STRING  true  NULL  NULL                            NULL',
      "at_offset  BIGINT  true  NULL  METADATA FROM 'offset' VIRTUAL  NULL",
      ...['2 rows', '', 'n', '-', '3', '1 row', ''],
    ].join('\n'),
  );
  expect(sql('SHOW USER FUNCTIONS')).toBe('function name\n-------------\nshout\n1 row\n');
  expect(sql("CREATE DATABASE d; SET 'table.local-time-zone' = 'UTC'")).toBe('result\n------\nOK\n1 row\n');
});

test('EXPLAIN and SHOW CREATE TABLE answer as texts', () => {
  expect(sql('EXPLAIN SELECT shout(word, 1) AS w FROM words')).toBe(
    '== Optimized Physical Plan ==\nCalc(select=[shout(word, 1) AS w])\n' +
      '+- TableSourceScan(table=[[default_catalog, default_database, words]], fields=[word])\n',
  );
  expect(sql('SHOW CREATE TABLE shouted')).toMatch(/^CREATE TABLE `default_catalog`.*\n {2}`word` VARCHAR/);
});

test.each([
  ['ALTER TABLE nope DROP x', 'Table `default_catalog`.`default_database`.`nope` doesn'],
  ["INSERT INTO words VALUES ('x')", 'what writes to tables is a job'],
  ['SHOW JOBS', 'SHOW JOBS is not supported yet'],
  ["SELECT shout('boom', 1)", "The function 'shout' failed: it went boom"],
])('%s is refused', (script, message) => {
  const { status, stderr } = millrace.cli('sql', '-e', script);
  expect(status).not.toBe(0);
  expect(stderr).toContain(message);
});

test('made-up rows go through a query to files, as a job of the user', async () => {
  const out = join(folder, 'out');
  await millrace.post('/api/jobs', {
    name: 'numbers',
    sql: `CREATE TABLE n (id INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000', 'fields.id.kind' = 'sequence',
            'fields.id.start' = '1', 'fields.id.end' = '50');
          CREATE TABLE files WITH ('connector' = 'filesystem', 'path' = '${out}', 'format' = 'json') AS SELECT id * 2 AS twice FROM n`,
  });
  const name = await eventually('a visible part', async () => {
    const jobs = await millrace.get<{ name: string; state: string }[]>('/api/jobs');
    return jobs.find(job => job.name === 'numbers')?.state === 'FINISHED' && 'numbers';
  });
  expect(name).toBe('numbers');
  const read = sql(
    `CREATE TABLE files (twice INT) WITH ('connector' = 'filesystem', 'path' = '${out}', 'format' = 'json');
     SELECT COUNT(*) AS n, SUM(twice) AS s FROM files`,
    '--json',
  );
  expect(JSON.parse(read)).toEqual({ n: 50, s: 2550 });
});
