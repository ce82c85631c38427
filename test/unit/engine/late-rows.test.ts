import { expect, test } from 'vitest';
import { MemorySink, memoryCheckpoints, startParallelJob } from '../../support/parallel-job.ts';
import type { Row } from './harness.ts';

const at = (seconds: number) => ({ millis: seconds * 1000, nanos: 0 });
const of = (name: string) =>
  `CREATE TABLE ${name} (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = '${name}', 'format' = 'json');`;
const SQL = `${of('l')}${of('r')}
CREATE TABLE o (a INT, b INT) WITH ('connector' = 'print');
INSERT INTO o SELECT l.k, r.k
FROM (SELECT * FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '10' SECOND))) l
JOIN (SELECT * FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '10' SECOND))) r
ON l.window_start = r.window_start AND l.window_end = r.window_end AND l.k = r.k;`;

test('a row that is late for a window join is dropped and counted, as in Flink', async () => {
  // The right side ends while the left one is far from its late row.
  const before = Array.from({ length: 200 }, (): Row => [0, 1, at(100)]);
  const late: Row = [0, 1, at(1)];
  const job = startParallelJob({
    sql: SQL,
    parallelism: 1,
    tables: { l: { a: [...before, late] }, r: { a: [[0, 1, at(1)]] } },
    sink: new MemorySink(),
    checkpoints: memoryCheckpoints(),
    rowsPerBatch: 1,
  });
  expect(await job.whenEnded).toBe('FINISHED');
  expect(job.status().lateRows).toBe(1);
});
