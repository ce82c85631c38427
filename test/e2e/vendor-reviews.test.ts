import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataFile } from '../support/data.ts';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import { spawnReplay } from '../support/replay.ts';

const file = dataFile('vendor_reviews_anon.csv.gz');
const ROWS = 578_805;

const job = (table: string, delayDays: number): string => `
CREATE TABLE reviews (
  reviewerId BIGINT, vendorId INT, rating INT, \`date\` STRING,
  at_time AS TO_TIMESTAMP(\`date\`, 'yyyy-MM-dd HH:mm'),
  WATERMARK FOR at_time AS at_time - INTERVAL '${delayDays}' DAY(4)
) WITH ('connector' = 'kafka', 'topic' = 'reviews', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset',
        'scan.bounded.mode' = 'latest-offset');
CREATE TABLE ${table} (
  vendor_id INT, window_start TIMESTAMP(3), review_count BIGINT, rating_sum BIGINT,
  PRIMARY KEY (vendor_id, window_start) NOT ENFORCED
) WITH ('connector' = 'jdbc', 'table-name' = '${table}');
INSERT INTO ${table}
SELECT vendorId, window_start, COUNT(*), SUM(CAST(rating AS BIGINT))
FROM TABLE(TUMBLE(TABLE reviews, DESCRIPTOR(at_time), INTERVAL '1' DAY))
GROUP BY vendorId, window_start, window_end;`;

interface JobStatus {
  readonly name: string;
  readonly state: string;
  readonly lateRows: number;
}

describe.skipIf(file === null)('579 k reviews out of order, in one-day windows', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace({ args: ['--no-generator'] });
    await millrace.post('/api/topics', { name: 'reviews', partitions: 1 });
    expect(await spawnReplay(millrace, file as string, '--topic', 'reviews', '--speed', 'max').done).toBe(0);
  });
  afterAll(() => millrace?.dispose());

  const runJob = async (table: string, delayDays: number): Promise<JobStatus> => {
    const database = await millrace.database();
    await database.query(`CREATE TABLE ${table} (vendor_id int, window_start timestamp, review_count bigint,
      rating_sum bigint, PRIMARY KEY (vendor_id, window_start))`);
    await database.end();
    await millrace.post('/api/jobs', { name: table, sql: job(table, delayDays) });
    return eventually(
      `${table} finished`,
      async () => {
        const jobs = await millrace.get<JobStatus[]>('/api/jobs');
        return jobs.find(found => found.name === table && found.state === 'FINISHED');
      },
      120_000,
    );
  };

  test('with a delay longer than the disorder every window equals DuckDB', async () => {
    const { lateRows } = await runJob('reviews_daily', 1106);
    expect(lateRows).toBe(0);
    const database = await millrace.database();
    const ours = await database.query({
      text: `SELECT vendor_id, to_char(window_start, 'YYYY-MM-DD'), review_count::text, rating_sum::text
             FROM reviews_daily ORDER BY 1, 2`,
      rowMode: 'array',
    });
    await database.end();
    const duck = await (await DuckDBInstance.create(':memory:')).connect();
    const theirs = await duck.runAndReadAll(
      `SELECT vendorId::INT, strftime("date"::TIMESTAMP, '%Y-%m-%d'), count(*)::VARCHAR, sum(rating)::VARCHAR
       FROM read_csv('${(file as string).replaceAll("'", "''")}') GROUP BY 1, 2 ORDER BY 1, 2`,
    );
    expect(ours.rows.length).toBeGreaterThan(1000);
    expect(ours.rows).toEqual(theirs.getRows());
  });

  test('with a delay of seven days counted and late rows add up', async () => {
    const { lateRows } = await runJob('reviews_late', 7);
    const database = await millrace.database();
    const { rows } = await database.query(`SELECT sum(review_count)::int AS counted FROM reviews_late`);
    await database.end();
    expect(lateRows).toBeGreaterThan(0);
    expect(rows[0].counted + lateRows).toBe(ROWS);
  });
});
