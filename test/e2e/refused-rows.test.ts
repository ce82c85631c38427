import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';

interface JobRow {
  readonly state: string;
  readonly deadLettered: number;
  readonly restarts: number;
}

const JOB = `CREATE TABLE notes (id INT, note STRING)
WITH ('connector' = 'kafka', 'topic' = 'notes', 'format' = 'json');
CREATE TABLE kept (id INT, note STRING, PRIMARY KEY (id) NOT ENFORCED)
WITH ('connector' = 'jdbc', 'table-name' = 'kept');
INSERT INTO kept SELECT id, note FROM notes;`;

/**
 * Invariant: wherever the program dies, a refused row is among the dead letters once, all others in the
 * table.
 */
describe('rows that PostgreSQL refuses', () => {
  let folder = '';
  let millrace: Millrace | undefined;
  afterEach(async () => {
    await millrace?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([1, 2])('go to the dead letters once, killed in between; parallelism %i', async parallelism => {
    folder = mkdtempSync(join(tmpdir(), 'millrace refused '));
    const app = join(folder, 'app');
    for (const part of ['jobs', 'database']) mkdirSync(join(app, part), { recursive: true });
    writeFileSync(join(app, 'app.yaml'), 'name: notes\ntitle: Notes\ndatabase: notes\n');
    writeFileSync(join(app, 'topics.yaml'), '- { name: notes, partitions: 2 }\n');
    const table = 'CREATE TABLE IF NOT EXISTS kept (id int PRIMARY KEY CHECK (id > 0), note varchar(5));';
    writeFileSync(join(app, 'database', '01.sql'), table);
    writeFileSync(join(app, 'jobs', 'keep.sql'), `SET 'parallelism.default' = '${parallelism}';\n${JOB}`);
    const running = await startMillrace({ args: [app] });
    millrace = running;
    const produce = (...rows: readonly (readonly [number, string])[]): number | null => {
      const file = join(folder, 'rows.jsonl');
      writeFileSync(file, rows.map(([id, note]) => `${JSON.stringify({ id, note })}\n`).join(''));
      return running.cli('produce', 'notes', '-f', file).status;
    };
    const shows = (count: number): Promise<unknown> =>
      eventually(`the table has ${count} rows`, async () => {
        const client = await running.database();
        try {
          const { rows } = await client.query(
            "SELECT count(*)::int AS n, max(note) AS most FROM kept WHERE note = 'fine'",
          );
          expect(rows).toEqual([{ n: count, most: 'fine' }]);
          return true;
        } finally {
          await client.end();
        }
      });
    const letters = (count: number): Promise<readonly string[]> =>
      eventually(`${count} letters`, async () => {
        const lines = running.cli('consume', 'notes.keep.dlq', '--value').stdout.split('\n');
        const found = lines.filter(line => line !== '').map(line => JSON.parse(line) as { value: string });
        expect(found.length).toBe(count);
        return found.map(({ value }) => Buffer.from(value, 'base64').toString());
      });

    expect(produce([1, 'fine'], [2, 'much too long'], [3, 'fine'])).toBe(0);
    await shows(2);
    await letters(1);
    const jobs = await running.get<{ jobs: readonly JobRow[] }>('/api/status');
    expect(jobs.jobs).toMatchObject([{ state: 'RUNNING', restarts: 0, deadLettered: 1 }]);

    const points = ['jdbc.apply.after', 'refused.commit.before', 'refused.commit.after'];
    for (const [i, failpoint] of points.entries()) {
      await running.stop();
      const id = 10 * (i + 1);
      const killed = running.startUntilKilled({ MILLRACE_FAILPOINT: failpoint });
      const sent = eventually(
        'rows are taken',
        async () => produce([id, 'fine'], [-id, 'fine'], [id + 1, 'fine']) === 0,
      );
      await Promise.all([killed, sent]);
      await running.start();
      expect(produce([id + 2, 'fine'])).toBe(0);
      await shows(2 + 3 * (i + 1));
      expect(await letters(i + 2)).toContain(`{"id":${-id},"note":"fine"}`);
      console.log(`  killed at ${failpoint}: ${2 + 3 * (i + 1)} rows kept, ${i + 2} letters`);
    }
  });
});
