import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Delivery } from '../../../src/connectors/postgres-cdc/delivery.ts';
import { EnvelopeWriter } from '../../../src/connectors/postgres-cdc/encode/envelope.ts';
import { TableEncoder } from '../../../src/connectors/postgres-cdc/encode/table-encoder.ts';
import { Gate } from '../../../src/connectors/postgres-cdc/gate.ts';
import { readLsn } from '../../../src/connectors/postgres-cdc/lsn.ts';
import { readConfig } from '../../../src/connectors/postgres-cdc/mod.ts';
import { tableOfRelation } from '../../../src/connectors/postgres-cdc/relations.ts';
import { StreamReader } from '../../../src/connectors/postgres-cdc/stream-read.ts';
import type { TypeRow } from '../../../src/connectors/postgres-cdc/types.ts';
import { type Log, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { readTopic, textOf } from '../../support/capture.ts';
import { mask } from '../../support/debezium-samples.ts';

/**
 * What PostgreSQL 18 sent for: insert, update, change of the key, delete, a logical message, TRUNCATE. One
 * XLogData a
 * line, in hexadecimal. No server is needed to read them.
 */
const MESSAGES = readFileSync('test/fixtures/pgoutput/orders.hex', 'latin1')
  .trim()
  .split('\n')
  .map(line => Buffer.from(line, 'hex'));
const XLOG_DATA_HEADER_BYTES = 25;

const TYPES = new Map<number, TypeRow>(
  Object.entries({
    20: 'int8',
    23: 'int4',
    25: 'text',
    1700: 'numeric',
    1184: 'timestamptz',
    1114: 'timestamp',
  })
    .concat([['1043', 'varchar']])
    .map(([oid, name]) => [
      Number(oid),
      { name, kind: 'b', category: 'S', element: 0, base: 0, modifier: -1 },
    ]),
);
const NOT_NULL = ['id', 'customer_id', 'status', 'amount', 'created_at'];

let directory: string;
let log: Log;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-pgoutput-'));
  log = await openEmbeddedLog({ storage: nodeStorage(), clock: systemClock, directory });
});
afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Feed all messages to a reader that begins behind `position`; resolves when its commits are durable. */
async function feed(position: number, more: Readonly<Record<string, string>> = {}): Promise<number[]> {
  const server = { 'database.hostname': 'h', 'database.user': 'u', 'database.dbname': 'shop' };
  const config = readConfig('c', {
    ...server,
    'topic.prefix': 'shop',
    'decimal.handling.mode': 'string',
    'tombstones.on.delete': 'false',
    ...more,
  });
  const durable: number[] = [];
  const writer = await log.openWriter('cdc/c');
  const delivery = new Delivery(writer, log, 1, lsn => durable.push(lsn));
  const names = { version: 'x', connector: 'postgresql', prefix: 'shop', database: 'shop', runId: 'run' };
  const reader = new StreamReader({
    ...{ config, delivery, position, system: '1', gate: new Gate() },
    envelopes: new EnvelopeWriter(names),
    nowMs: () => 0,
    onReceived: () => undefined,
    resolve: async relation => {
      const table = tableOfRelation(relation, undefined, TYPES);
      const columns = table.columns.map(column => ({ ...column, nullable: !NOT_NULL.includes(column.name) }));
      const encoder = new TableEncoder({ ...table, columns }, { ...config, half: 'streamRead' });
      return { encoder, topic: 'shop.public.orders' };
    },
  });
  for (const bytes of MESSAGES) await reader.message(bytes, XLOG_DATA_HEADER_BYTES, readLsn(bytes, 1));
  await delivery.drained();
  await writer.close();
  return durable;
}

/** Key, op, before and after of each event. */
async function events(): Promise<string[]> {
  return (await readTopic(log, 'shop.public.orders')).map(({ key, value }) => {
    const masked = mask(textOf(value))!;
    const op = /"op":"(.)"/.exec(masked)![1];
    return `${textOf(key)} ${op} ${masked.slice(0, masked.indexOf(',"source"'))}`;
  });
}

const REST =
  '"created_at":"2026-11-21T10:00:00.000001Z","updated_at":1795255200000000,"city":"Zürich","note":null';
const ZERO =
  '"customer_id":0,"status":"","amount":"0.00","created_at":"1970-01-01T00:00:00.000000Z","updated_at":null,' +
  '"city":null,"note":null';
const EXPECTED = [
  `{"id":3} c {"before":null,"after":{"id":3,"customer_id":9,"status":"created","amount":"7.50",${REST}}`,
  `{"id":3} u {"before":null,"after":{"id":3,"customer_id":9,"status":"paid","amount":"8.50",${REST}}`,
  `{"id":3} d {"before":{"id":3,${ZERO}},"after":null`,
  `{"id":33} c {"before":null,"after":{"id":33,"customer_id":9,"status":"paid","amount":"8.50",${REST}}`,
  `{"id":33} d {"before":{"id":33,${ZERO}},"after":null`,
];

test('bytes of pgoutput become events', async () => {
  const durable = await feed(0);
  expect(await events()).toEqual(EXPECTED);
  // Four row changes and a logical message; the truncate is skipped and its transaction empty.
  expect(durable).toHaveLength(5);
  expect(durable).toEqual([...durable].sort((a, b) => a - b));
  const [message] = await readTopic(log, 'shop.message');
  expect(textOf(message!.key)).toBe('{"prefix":"app"}');
  expect(textOf(message!.value)).toContain('"message":{"prefix":"app","content":"aGVsbG8="}');
});

test('what is at or before the position is passed over, and sent twice it is stored once', async () => {
  const durable = await feed(0);
  await feed(durable[1]!);
  await feed(0);
  expect(await events()).toEqual(EXPECTED);
});

test('truncates and tombstones come when asked for', async () => {
  await feed(0, { 'skipped.operations': 'none', 'tombstones.on.delete': 'true' });
  const records = await readTopic(log, 'shop.public.orders');
  expect(records.filter(record => record.value === null).map(({ key }) => textOf(key))).toEqual([
    '{"id":3}',
    '{"id":33}',
  ]);
  expect(textOf(records.at(-1)!.value)).toContain('{"before":null,"after":null,');
  expect(records.at(-1)!.key).toBeNull();
});

test('skipped operations make no event', async () => {
  await feed(0, { 'skipped.operations': 'c,d,t' });
  expect(await events()).toHaveLength(3);
});
