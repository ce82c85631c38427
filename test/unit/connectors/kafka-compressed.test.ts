import { expect, test } from 'vitest';
import { kafkaSource } from '../../../src/connectors/kafka/mod.ts';
import type { DataType } from '../../../src/core/mod.ts';
import { ALL, brokerWorld, clientBatch } from '../../support/client-batches.ts';
import { record } from '../../support/log-conformance.ts';
import { readToEnd } from '../../support/source-conformance.ts';
import { tableOf } from '../../support/tables.ts';
import { T } from '../formats/support.ts';

const t0 = { topic: 't', partition: 0 };
const fields: Record<string, DataType> = { id: T.int, v: T.text };
const options = { connector: 'kafka', topic: 't', format: 'json', 'scan.bounded.mode': 'latest-offset' };

/** Rows in batches of the codec, and one without between them; read by SQL's source. */
async function readBack(codec: 'gzip' | 'snappy' | 'lz4' | 'zstd', text: string, rowsPerBatch: number) {
  const { log } = await brokerWorld();
  await log.createTopicAs('t', 1, {});
  const line = (id: number): string => JSON.stringify({ id, v: text });
  for (let batch = 0; batch < 6; batch++) {
    const rows = Array.from({ length: rowsPerBatch }, (_, i) => record(line(batch * rowsPerBatch + i)));
    if (batch === 3) await log.append(t0, rows);
    else await log.appendBatches(t0, clientBatch(rows, { codec }), ALL);
  }
  const source = await kafkaSource(log, tableOf(fields, [], options), [0, 1]);
  const { rows } = await readToEnd(source);
  return rows.map(row => JSON.parse(row).slice(1) as [number, string]);
}

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('SQL reads topics in %s', async codec => {
  const rows = await readBack(codec, 'x', 500);
  expect(rows).toEqual(Array.from({ length: 3000 }, (_, id) => [id, 'x']));
});

test('what a read brings is decompressed piece by piece', async () => {
  // A batch takes 3 MB when it is decompressed, and several are in one read.
  const text = 'y'.repeat(30_000);
  const rows = await readBack('zstd', text, 100);
  expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 600 }, (_, id) => id));
  expect(rows.every(([, v]) => v === text)).toBe(true);
});
