import { expect, test } from 'vitest';
import { finalTable } from '../../support/flink-query.ts';

test('CURRENT_WATERMARK is NULL before the first watermark, then leaves late rows out where asked', () => {
  const table = `CREATE TABLE events (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
    WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json', 'properties.bootstrap.servers' = 'x');`;
  const query = `SELECT id, CURRENT_WATERMARK(ts) AS w FROM events
    WHERE CURRENT_WATERMARK(ts) IS NULL OR ts > CURRENT_WATERMARK(ts);`;
  const rows = ['10', '04', '06', '20', '14'].map((s, i) => `{"id": ${i}, "ts": "2024-01-01 00:00:${s}"}`);
  expect(finalTable(`${table} ${query}`, () => rows)).toEqual([
    ['0', null],
    ['2', '2024-01-01 00:00:05.000'],
    ['3', '2024-01-01 00:00:05.000'],
  ]);
});
