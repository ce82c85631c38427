import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataFile } from '../support/data.ts';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import { spawnReplay } from '../support/replay.ts';

const file = dataFile('online_retail_II_2009_2010.csv.gz');

const RETAIL_JOB = `
CREATE TABLE retail (
  Invoice STRING, Quantity INT, InvoiceDate TIMESTAMP(3), Price DECIMAL(10, 3), Country STRING
) WITH ('connector' = 'kafka', 'topic' = 'retail', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
CREATE TABLE retail_daily (
  sale_day DATE, country STRING, revenue DECIMAL(38, 3), sale_lines BIGINT,
  PRIMARY KEY (sale_day, country) NOT ENFORCED
) WITH ('connector' = 'jdbc', 'table-name' = 'retail_daily');
INSERT INTO retail_daily
SELECT CAST(InvoiceDate AS DATE), Country, SUM(Quantity * Price), COUNT(*)
FROM retail GROUP BY CAST(InvoiceDate AS DATE), Country;`;

interface Totals {
  readonly revenue: string;
  readonly groups: string;
  readonly lines: string;
}

async function prepare(millrace: Millrace): Promise<pg.Client> {
  const database = await millrace.database();
  await database.query(`DROP TABLE IF EXISTS retail_daily`);
  await database.query(`CREATE TABLE retail_daily (sale_day date, country text, revenue numeric(38,3),
    sale_lines bigint, PRIMARY KEY (sale_day, country))`);
  await millrace.post('/api/topics', { name: 'retail', partitions: 1 });
  await millrace.post('/api/jobs', { name: 'retail-daily', sql: RETAIL_JOB });
  return database;
}

const totals = async (database: pg.Client): Promise<Totals> =>
  (
    await database.query(
      `SELECT sum(revenue)::text AS revenue, count(*)::text AS groups, sum(sale_lines)::text AS lines FROM retail_daily`,
    )
  ).rows[0] as Totals;

/** The known answer of the data set, to the last digit. */
const EXPECTED: Totals = { revenue: '9539484.634', groups: '1571', lines: '525461' };

const settled = async (millrace: Millrace): Promise<Totals> =>
  eventually(
    'all rows in the table',
    async () => {
      const database = await millrace.database();
      try {
        const seen = await totals(database);
        return seen.lines === EXPECTED.lines ? seen : null;
      } finally {
        await database.end();
      }
    },
    120_000,
  );

describe.skipIf(file === null)('a year of a shop, replayed and summed by SQL', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace({ args: ['--no-generator'] });
  });
  afterAll(() => millrace?.dispose());

  test('525,461 rows give the exact revenue, none dead-lettered', async () => {
    const database = await prepare(millrace);
    await database.end();
    const replay = spawnReplay(millrace, file as string, '--topic', 'retail', '--speed', 'max');
    expect(await replay.done).toBe(0);
    expect(await settled(millrace)).toEqual(EXPECTED);
    const topics = await millrace.get<{ name: string }[]>('/api/topics');
    expect(topics.map(topic => topic.name)).not.toContain('retail.dlq');
  });
});

describe.skipIf(file === null)('the same year under kill -9', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace({ args: ['--no-generator'] });
  });
  afterAll(() => millrace?.dispose());

  test('three kills on the way lose and double nothing', async () => {
    await (await prepare(millrace)).end();
    const replay = spawnReplay(millrace, file as string, '--topic', 'retail', '--speed', 'max');
    for (const fraction of [0.2, 0.45, 0.7]) {
      const inFlight = await eventually(
        `${fraction} of the file in the log`,
        async () => {
          const { partitions } = await millrace.get<{ partitions: { logEndOffset: number }[] }>(
            '/api/topics/retail',
          );
          const end = partitions[0]?.logEndOffset ?? 0;
          return end > fraction * 525_461 ? end : null;
        },
        120_000,
      );
      expect(inFlight).toBeLessThan(525_461);
      await millrace.kill();
      await millrace.start();
      console.log(`killed with ${inFlight} of 525461 records in the log`);
    }
    expect(await replay.done).toBe(0);
    expect(await settled(millrace)).toEqual(EXPECTED);
  });
});
