import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaSink, kafkaSource } from '../../../src/connectors/kafka/mod.ts';
import type { DataType } from '../../../src/core/mod.ts';
import {
  decodeRecords,
  type Log,
  type NewRecord,
  nodeStorage,
  openEmbeddedLog,
} from '../../../src/log/mod.ts';
import type { MetadataColumn, TableDeclaration } from '../../../src/plan/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { exactlyOnceSinkConformance } from '../../support/sink-conformance.ts';
import { readToEnd } from '../../support/source-conformance.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { notNull, T } from '../formats/support.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-kafka-columns-'));
const bounded = { 'scan.bounded.mode': 'latest-offset' };
const STRING: DataType = { kind: 'VARCHAR', length: 2147483647, nullable: true };
const LTZ: DataType = { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: true };
const HEADERS: DataType = {
  kind: 'MAP',
  key: STRING,
  value: { kind: 'VARBINARY', length: 2147483647, nullable: true },
  nullable: true,
};
let log: Log;
let topics = 0;

beforeAll(async () => {
  log = await openEmbeddedLog({ storage: nodeStorage(), clock: systemClock, directory });
});
afterAll(async () => {
  await log?.close();
  rmSync(directory, { recursive: true, force: true });
});

const bytes = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text));
const record = (key: string | null, value: string | null, more: Partial<NewRecord> = {}): NewRecord => ({
  key: bytes(key),
  value: bytes(value),
  ...more,
});

async function topicOf(records: readonly NewRecord[], partitions = 1): Promise<string> {
  const topic = `columns-${++topics}`;
  await log.createTopic(topic, partitions);
  if (records.length > 0) await log.append({ topic, partition: 0 }, records);
  return topic;
}

const withMetadata = (table: TableDeclaration, metadata: readonly MetadataColumn[]): TableDeclaration => ({
  ...table,
  metadata,
});
const column = (key: string, type: DataType): MetadataColumn => ({ name: key, key, type });

async function rowsRead(table: TableDeclaration, projection: readonly number[]): Promise<string[]> {
  return (await readToEnd(await kafkaSource(log, table, projection))).rows;
}

async function written(topic: string, partition = 0) {
  const { logStartOffset } = await log.offsets({ topic, partition });
  const read = await log.read({ topic, partition }, logStartOffset, 1 << 20, 'read_committed');
  const text = (part: Uint8Array | null): string | null =>
    part === null ? null : Buffer.from(part).toString();
  return decodeRecords(read.bytes, { aborted: read.aborted }).map(r => ({
    key: text(r.key),
    value: text(r.value),
    timestampMs: r.timestampMs,
    headers: r.headers.map(h => `${h.key}=${text(h.value)}`),
  }));
}

test('METADATA columns tell where a record lies, when it came and its headers', async () => {
  const headers = [{ key: 'h', value: Buffer.from('x') }];
  const topic = await topicOf([
    record(null, '{"id":1}', { timestampMs: 1_700_000_000_123, headers }),
    record(null, 'not json'),
    record(null, '{"id":2}', { timestampMs: 5 }),
  ]);
  const metadata = [
    column('offset', { kind: 'BIGINT', nullable: false }),
    column('partition', { kind: 'INT', nullable: false }),
    column('topic', STRING),
    column('timestamp', LTZ),
    column('timestamp-type', STRING),
    column('leader-epoch', { kind: 'INT', nullable: true }),
    column('headers', HEADERS),
  ];
  const table = withMetadata(
    tableOf({ id: T.int }, [], { connector: 'kafka', topic, format: 'json', ...bounded }),
    metadata,
  );
  const rows = await rowsRead(table, [1, 0, 2, 3, 4, 5, 6, 7]);
  expect(rows.map(row => JSON.parse(row))).toEqual([
    ['+I', '0', 1, 0, topic, [1_700_000_000_123, 0], 'CreateTime', null, [['h', '78']]],
    ['+I', '2', 2, 0, topic, [5, 0], 'CreateTime', null, []],
  ]);
});

test("an envelope's own times and places are columns, one for each row it makes", async () => {
  const source = { ts_ms: 1000, db: 'shop', schema: 'public', table: 'orders', lsn: 7 };
  const before = { id: 1 };
  const topic = await topicOf([
    record(null, JSON.stringify({ op: 'u', ts_ms: 2000, before, after: { id: 2 }, source })),
    record(null, null),
    record(null, JSON.stringify({ op: 'c', before: null, after: { id: 3 } })),
  ]);
  const metadata = [
    column('value.ingestion-timestamp', LTZ),
    column('value.source.timestamp', LTZ),
    column('value.source.database', STRING),
    column('value.source.schema', STRING),
    column('value.source.table', STRING),
    column('value.source.properties', { kind: 'MAP', key: STRING, value: STRING, nullable: true }),
  ];
  const table = withMetadata(
    tableOf({ id: T.int }, [], { connector: 'kafka', topic, format: 'debezium-json', ...bounded }),
    metadata,
  );
  const rows = (await rowsRead(table, [0, 1, 2, 3, 4, 5, 6])).map(row => JSON.parse(row));
  const properties = Object.entries(source).map(([key, value]) => [key, String(value)]);
  const place = [[2000, 0], [1000, 0], 'shop', 'public', 'orders', properties];
  expect(rows).toEqual([
    ['-U', 1, ...place],
    ['+U', 2, ...place],
    ['+I', 3, null, null, null, null, null, null],
  ]);
});

const apart = { 'key.format': 'json', 'value.fields-include': 'EXCEPT_KEY', 'key.fields-prefix': 'k_' };

test('columns of the key alone are read from the key; a record with a bad key is rejected', async () => {
  const topic = await topicOf([
    record('{"id":1}', '{"v":"a","id":"of the value"}'),
    record('no json', '{"v":"b","id":"x"}'),
    record('{"id":3}', '{"v":"c","id":"y"}'),
  ]);
  const options = {
    connector: 'kafka',
    topic,
    'value.format': 'json',
    'key.fields': 'k_id',
    ...apart,
    ...bounded,
  };
  const table = tableOf({ v: T.text, k_id: T.int, id: T.text }, [], options);
  expect((await rowsRead(table, [1, 0, 2])).map(row => JSON.parse(row))).toEqual([
    ['+I', 1, 'a', 'of the value'],
    ['+I', 3, 'c', 'y'],
  ]);
});

test('an upsert topic without its key in the value: updates and deletions', async () => {
  const topic = `columns-${++topics}`;
  const options = { connector: 'upsert-kafka', topic, 'value.format': 'json', ...apart, ...bounded };
  const table = tableOf({ k_id: notNull(T.int), v: T.text }, ['k_id'], options);
  const atLeastOnce = { ...table, options: { ...options, 'sink.delivery-guarantee': 'at-least-once' } };
  const sink = await kafkaSink(log, atLeastOnce, 'upsert');
  const writer = await sink.openWriter({ incarnation: 'i', sinkId: 's' });
  await writer.write(
    batchOf(table.physicalSchema, [
      ['+I', 1, 'a'],
      ['+I', 2, 'b'],
      ['-D', 1, 'a'],
      ['-D', 2, 'b'],
      ['+U', 1, 'c'],
    ]),
  );
  await writer.flush();
  expect((await written(topic)).map(({ key, value }) => `${key} ${value}`)).toEqual([
    '{"id":1} {"v":"a"}',
    '{"id":2} {"v":"b"}',
    '{"id":1} null',
    '{"id":2} null',
    '{"id":1} {"v":"c"}',
  ]);
  expect((await rowsRead(table, [1, 0])).map(row => JSON.parse(row))).toEqual([
    ['+U', 'a', 1],
    ['+U', 'b', 2],
    ['-D', null, 1],
    ['-D', null, 2],
    ['+U', 'c', 1],
  ]);
});

test.each(['csv', 'avro', 'raw'])(
  'an upsert topic with keys of the format %s and values of json',
  async format => {
    const topic = `columns-${++topics}`;
    const options = {
      connector: 'upsert-kafka',
      topic,
      'key.format': format,
      'value.format': 'json',
      ...bounded,
    };
    const table = tableOf({ id: notNull(T.text), v: T.int }, ['id'], options);
    const atLeastOnce = { ...table, options: { ...options, 'sink.delivery-guarantee': 'at-least-once' } };
    const writer = await (await kafkaSink(log, atLeastOnce, 'upsert')).openWriter({
      incarnation: 'i',
      sinkId: 's',
    });
    await writer.write(
      batchOf(table.physicalSchema, [
        ['+I', 'a', 1],
        ['-D', 'a', 1],
        ['+I', 'b', 2],
      ]),
    );
    await writer.flush();
    expect((await rowsRead(table, [0, 1])).map(row => JSON.parse(row))).toEqual([
      ['+U', 'a', 1],
      ['-D', 'a', null],
      ['+U', 'b', 2],
    ]);
  },
);

const writable = [column('timestamp', LTZ), column('headers', HEADERS)];
const writing = (topic: string, options: Record<string, string> = {}) =>
  withMetadata(
    tableOf({ id: T.int }, [], { connector: 'kafka', topic, format: 'json', ...options }),
    writable,
  );

test('METADATA columns of a sink set time and headers of its records', async () => {
  const topic = await topicOf([]);
  const table = writing(topic, { 'sink.delivery-guarantee': 'at-least-once' });
  const writer = await (await kafkaSink(log, table, 'append')).openWriter({ incarnation: 'i', sinkId: 's' });
  const schema = { fields: [...table.physicalSchema.fields, ...writable] };
  const before = Date.now();
  await writer.write(
    batchOf(schema, [
      ['+I', 1, { millis: 42, nanos: 0 }, [['a', Buffer.from('1')]]],
      ['+I', 2, null, null],
    ]),
  );
  await writer.flush();
  const [first, second] = await written(topic);
  expect(first).toEqual({ key: null, value: '{"id":1}', timestampMs: 42, headers: ['a=1'] });
  expect(second!.headers).toEqual([]);
  expect(second!.timestampMs).toBeGreaterThanOrEqual(before);
});

exactlyOnceSinkConformance(async () => {
  const topic = `columns-${++topics}`;
  const table = writing(topic);
  return {
    schema: { fields: [...table.physicalSchema.fields, ...writable] },
    open: () => kafkaSink(log, table, 'append'),
    visible: async () => {
      if ((await log.describeTopic(topic)) === undefined) return [];
      return (await written(topic)).map(r => `${r.value} ${r.timestampMs} ${r.headers}`);
    },
    rows: [
      { row: ['+I', 1, { millis: 42, nanos: 0 }, [['a', Buffer.from('x')]]], shown: '{"id":1} 42 a=x' },
      { row: ['+I', 2, { millis: 43, nanos: 0 }, null], shown: '{"id":2} 43 ' },
    ],
  };
});

test.each([
  ['fixed', [6, 0, 0]],
  ['round-robin', [2, 2, 2]],
])('the partitioner %s', async (partitioner, counts) => {
  const topic = await topicOf([], 3);
  const options = { 'sink.partitioner': partitioner, 'sink.delivery-guarantee': 'at-least-once' };
  const table = tableOf({ id: T.int }, [], { connector: 'kafka', topic, format: 'json', ...options });
  const writer = await (await kafkaSink(log, table, 'append')).openWriter({ incarnation: 'i', sinkId: 's' });
  await writer.write(
    batchOf(
      table.physicalSchema,
      [1, 2, 3, 4, 5, 6].map(i => ['+I', i] as const),
    ),
  );
  await writer.flush();
  const found = await Promise.all([0, 1, 2].map(partition => written(topic, partition)));
  expect(found.map(part => part.length)).toEqual(counts);
});

test.each<[Record<string, string>, string]>([
  [{ 'properties.sasl.jaas.config': 'secret' }, "not supported yet: 'properties.sasl.jaas.config'"],
  [{ 'properties.security.protocol': 'SSL' }, "'properties.security.protocol'"],
  [{ 'sink.partitioner': 'org.example.Mine' }, "'sink.partitioner' = 'org.example.Mine'"],
  [{ 'sink.partitioner': 'random' }, "Could not parse value 'random' for key 'sink.partitioner'"],
  [{ 'value.fields-include': 'SOME' }, 'expected ALL or EXCEPT_KEY'],
  [
    { 'key.format': 'json', 'key.fields': 'id', 'key.fields-prefix': 'i' },
    "A key prefix is not allowed when option 'value.fields-include' is set to 'ALL'",
  ],
  [
    {
      'key.format': 'json',
      'key.fields': 'id',
      'key.fields-prefix': 'x',
      'value.fields-include': 'EXCEPT_KEY',
    },
    "must be prefixed with 'x'",
  ],
])('%j is refused', async (options, message) => {
  const table = tableOf({ id: T.int }, [], { connector: 'kafka', topic: 't', format: 'json', ...options });
  await expect(kafkaSink(log, table, 'append')).rejects.toThrow(message);
});
