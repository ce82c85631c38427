import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kafkaSink, kafkaSource } from '../../../src/connectors/kafka/mod.ts';
import type { DataType, RowValue } from '../../../src/core/mod.ts';
import { type Log, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { readToEnd } from '../../support/source-conformance.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { notNull, T } from '../formats/support.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-kafka-formats-'));
const at = { incarnation: 'i', sinkId: 's' };
const bounded = { 'scan.bounded.mode': 'latest-offset' };
let log: Log;

beforeAll(async () => {
  log = await openEmbeddedLog({ storage: nodeStorage(), clock: systemClock, directory });
});
afterAll(async () => {
  await log?.close();
  rmSync(directory, { recursive: true, force: true });
});

type Row = readonly ['+I', ...RowValue[]];

/** Writes rows to a topic and reads the columns `projection` of them back. */
async function throughTopic(
  topic: string,
  fields: Record<string, DataType>,
  options: Record<string, string>,
  rows: readonly Row[],
  projection: readonly number[],
): Promise<readonly string[]> {
  await log.createTopic(topic, 1);
  const delivery = { 'sink.delivery-guarantee': 'at-least-once' };
  const table = tableOf(fields, [], { connector: 'kafka', topic, ...options, ...delivery });
  const writer = await (await kafkaSink(log, table, 'append')).openWriter(at);
  await writer.write(batchOf(table.physicalSchema, rows));
  await writer.flush();
  const read = tableOf(fields, [], { connector: 'kafka', topic, ...options, ...bounded });
  return (await readToEnd(await kafkaSource(log, read, projection))).rows;
}

const list: DataType = { kind: 'ARRAY', element: T.text, nullable: true };
const row: DataType = {
  kind: 'ROW',
  fields: [
    { name: 'x', type: T.int },
    { name: 'l', type: list },
  ],
  nullable: true,
};

it('avro carries nested values, and any columns of them are read', async () => {
  const fields = { id: notNull(T.int), r: row, v: T.text };
  const rows: Row[] = [
    ['+I', 1, [7, ['a', null]], 'one'],
    ['+I', 2, null, null],
  ];
  expect(await throughTopic('avro', fields, { format: 'avro' }, rows, [2, 1])).toEqual([
    '["+I","one",[7,["a",null]]]',
    '["+I",null,null]',
  ]);
});

it('csv carries lines, with a key of its own', async () => {
  const fields = { id: T.int, l: list, v: T.text };
  const options = {
    'key.format': 'raw',
    'key.fields': 'v',
    'value.format': 'csv',
    'value.csv.null-literal': '-',
    'value.fields-include': 'EXCEPT_KEY',
  };
  const rows: Row[] = [
    ['+I', 1, ['a b', 'c'], 'k,1'],
    ['+I', null, [], 'k2'],
  ];
  expect(await throughTopic('csv', fields, options, rows, [0, 1, 2])).toEqual([
    '["+I",1,["a b","c"],"k,1"]',
    '["+I",null,[],"k2"]',
  ]);
});

it('raw carries one value, NULL as a null value', async () => {
  const rows: Row[] = [
    ['+I', 'Zürich'],
    ['+I', null],
    ['+I', ''],
  ];
  const options = { format: 'raw', 'raw.charset': 'UTF-16' };
  expect(await throughTopic('raw', { v: T.text }, options, rows, [0])).toEqual([
    '["+I","Zürich"]',
    '["+I",null]',
    '["+I",""]',
  ]);
});

it('formats that can not hold the columns are refused when the table is opened', async () => {
  await log.createTopic('refused', 1);
  const open = (fields: Record<string, DataType>, format: string) =>
    kafkaSource(log, tableOf(fields, [], { connector: 'kafka', topic: 'refused', format }), [0]).then(
      source => source.open({ id: '0' }, null),
    );
  await expect(open({ a: T.int, b: T.int }, 'raw')).rejects.toThrow('only supports single physical column');
  await expect(
    open({ a: { kind: 'MAP', key: T.int, value: T.int, nullable: true } }, 'avro'),
  ).rejects.toThrow("Avro format doesn't support non-string as key type of map. The key type is: INT");
  await expect(open({ a: row }, 'csv')).rejects.toThrow(
    'Only simple types are supported in the second level',
  );
});
