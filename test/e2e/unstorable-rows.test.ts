import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';

interface JobRow {
  readonly state: string;
  readonly deadLettered: number;
  readonly restarts: number;
}

const JOB = `CREATE TABLE notes (id INT, note STRING)
WITH ('connector' = 'kafka', 'topic' = 'notes', 'format' = 'json');
CREATE TABLE kept (id INT, note STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED)
WITH ('connector' = 'jdbc', 'table-name' = 'kept');
INSERT INTO kept SELECT id, MAX(note), COUNT(*) FROM notes GROUP BY id;`;

describe('rows that PostgreSQL can not store', () => {
  let folder = '';
  let millrace: Millrace | undefined;
  afterEach(async () => {
    await millrace?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([1, 2])(
    'go to the dead letters of the job, and stop nothing; parallelism %i',
    async parallelism => {
      folder = mkdtempSync(join(tmpdir(), 'millrace unstorable '));
      const app = join(folder, 'app');
      for (const part of ['jobs', 'database']) mkdirSync(join(app, part), { recursive: true });
      writeFileSync(join(app, 'app.yaml'), 'name: notes\ntitle: Notes\ndatabase: notes\n');
      writeFileSync(join(app, 'topics.yaml'), '- { name: notes, partitions: 2 }\n');
      const table = 'CREATE TABLE IF NOT EXISTS kept (id int PRIMARY KEY, note text, n bigint);';
      writeFileSync(join(app, 'database', '01.sql'), table);
      writeFileSync(join(app, 'jobs', 'keep.sql'), `SET 'parallelism.default' = '${parallelism}';\n${JOB}`);
      const running = await startMillrace({ args: [app] });
      millrace = running;
      const produce = (...rows: readonly (readonly [number, string])[]): void => {
        const file = join(folder, 'rows.jsonl');
        writeFileSync(file, rows.map(([id, note]) => `${JSON.stringify({ id, note })}\n`).join(''));
        expect(running.cli('produce', 'notes', '-f', file).status).toBe(0);
      };
      const { databaseUrl } = JSON.parse(running.cli('status', '--json').stdout) as { databaseUrl: string };
      const kept = async (): Promise<unknown[][]> => {
        const client = new pg.Client({ connectionString: databaseUrl });
        await client.connect();
        try {
          return (await client.query({ text: 'SELECT * FROM kept ORDER BY id', rowMode: 'array' })).rows;
        } finally {
          await client.end();
        }
      };
      const shows = (rows: readonly (readonly [number, string, string])[]): Promise<unknown> =>
        eventually(`the table shows ${JSON.stringify(rows)}`, async () => {
          expect(await kept()).toEqual(rows);
          return true;
        });

      produce([1, 'a'], [2, 'b']);
      await shows([
        [1, 'a', '1'],
        [2, 'b', '1'],
      ]);
      produce([2, 'z\0'], [3, 'c']);
      await shows([
        [1, 'a', '1'],
        [3, 'c', '1'],
      ]);
      produce([2, 'zz'], [4, '\0']);
      await shows([
        [1, 'a', '1'],
        [2, 'zz', '3'],
        [3, 'c', '1'],
      ]);

      const jobs = async (): Promise<readonly JobRow[]> =>
        (await running.get<{ jobs: readonly JobRow[] }>('/api/status')).jobs;
      await eventually('both are counted', async () => (await jobs())[0]!.deadLettered === 2);
      expect(await jobs()).toMatchObject([{ state: 'RUNNING', restarts: 0 }]);
      const letters = await eventually('the letters', async () => {
        const lines = running.cli('consume', 'notes.keep.dlq', '--value').stdout.split('\n');
        const found = lines
          .filter(line => line !== '')
          .map(line => JSON.parse(line) as Record<string, unknown>);
        return found.length === 2 ? found : null;
      });
      const rows = letters.map(({ value }) => Buffer.from(String(value), 'base64').toString());
      expect(rows.sort()).toEqual(['{"id":2,"note":"z\\u0000","n":2}', '{"id":4,"note":"\\u0000","n":1}']);
      expect(letters[0]).toMatchObject({
        reason: "sink 'kept': column 'note' holds the character U+0000, which PostgreSQL can not store",
        ...{ topic: null, partition: null, offset: null, job: 'notes/keep', key: null },
      });
    },
  );
});
