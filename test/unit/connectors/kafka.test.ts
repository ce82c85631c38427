import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kafkaSink, kafkaSource } from '../../../src/connectors/kafka/mod.ts';
import type { SourceEvent, SplitReader } from '../../../src/contract/mod.ts';
import type { DataType } from '../../../src/core/mod.ts';
import { decodeRecords, type Log, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { rowsOf } from '../../support/batch-rows.ts';
import { exactlyOnceSinkConformance } from '../../support/sink-conformance.ts';
import { boundedSourceConformance, readToEnd } from '../../support/source-conformance.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { notNull, T } from '../formats/support.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-kafka-'));
const signal = new AbortController().signal;
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

/** A topic holding the values, one append each. */
async function topicOf(values: readonly (string | null)[], partitions = 1): Promise<string> {
  const topic = `topic-${++topics}`;
  await log.createTopic(topic, partitions);
  for (const value of values)
    await log.append({ topic, partition: 0 }, [{ key: bytes('k'), value: bytes(value) }]);
  return topic;
}

const fields: Record<string, DataType> = { id: T.int, v: T.text };
const sourceOf = (topic: string, options: Record<string, string> = {}, key: readonly string[] = []) =>
  kafkaSource(log, tableOf(fields, key, { connector: 'kafka', topic, format: 'json', ...options }), [0, 1]);

const upsertOptions = { connector: 'upsert-kafka', 'key.format': 'json', 'value.format': 'json' };
const upsertTable = (topic: string, options: Record<string, string> = {}) =>
  tableOf({ id: notNull(T.int), v: T.text }, ['id'], { ...upsertOptions, topic, ...options });

async function committed(topic: string, partition = 0): Promise<string[]> {
  const found = await log.describeTopic(topic);
  if (found === undefined) return [];
  const { logStartOffset } = await log.offsets({ topic, partition });
  const { bytes: read, aborted } = await log.read(
    { topic, partition },
    logStartOffset,
    1 << 20,
    'read_committed',
  );
  const text = (part: Uint8Array | null): string => (part === null ? 'null' : Buffer.from(part).toString());
  return decodeRecords(read, { aborted }).map(r =>
    r.key === null ? text(r.value) : `${text(r.key)}=${text(r.value)}`,
  );
}

function rowsOfEvent(event: SourceEvent): unknown[][] {
  if (event.kind !== 'batch') throw new Error(`expected a batch, got ${event.kind}`);
  return rowsOf(event.batch);
}

async function opened(topic: string, options: Record<string, string> = {}): Promise<SplitReader> {
  return (await sourceOf(topic, options)).open({ id: '0' }, null);
}

describe('a kafka source', () => {
  const bounded = { 'scan.bounded.mode': 'latest-offset' };

  boundedSourceConformance(async () => {
    const topic = `topic-${++topics}`;
    await log.createTopic(topic, 1);
    const rows = Array.from({ length: 20_000 }, (_, i) => `{"id":${i},"v":"x${i}"}`);
    await log.append(
      { topic, partition: 0 },
      rows.map(row => ({ key: null, value: bytes(row) })),
    );
    return {
      open: () => sourceOf(topic, bounded),
      expected: rows.map((_, i) => JSON.stringify(['+I', i, `x${i}`])),
    };
  });

  it('ends where it ended when it began, also after a restore', async () => {
    const topic = await topicOf(['{"id":1}', '{"id":2}']);
    const reader = await opened(topic, bounded);
    const position = reader.position();
    await log.append({ topic, partition: 0 }, [{ key: null, value: bytes('{"id":3}') }]);
    expect((await readToEnd(await sourceOf(topic, bounded), position)).rows).toHaveLength(2);
  });

  it('collects what it can not decode with offset and bytes, skips tombstones, and goes on', async () => {
    const topic = await topicOf(['{"id":1}', 'nonsense', null, '{"id":2}']);
    const reader = await opened(topic, bounded);
    const rows: unknown[][] = [];
    for (
      let event = await reader.poll(0, signal);
      event.kind !== 'end';
      event = await reader.poll(0, signal)
    ) {
      rows.push(...rowsOfEvent(event));
    }
    expect(rows.map(r => r[1])).toEqual([1, 2]);
    const [rejected, ...others] = reader.takeRejected();
    expect(others).toEqual([]);
    expect({
      ...rejected,
      key: String(rejected!.key),
      value: Buffer.from(rejected!.value!).toString(),
    }).toMatchObject({
      topic,
      partition: 0,
      offset: 1,
      reason: "expected an object at byte 0, found 'nonsense'",
      value: 'nonsense',
    });
    expect(reader.takeRejected()).toEqual([]);
  });

  it('waits for records, reports lag, and is idle when none come', async () => {
    const topic = await topicOf([]);
    const reader = await opened(topic);
    expect(await reader.poll(5, signal)).toEqual({ kind: 'idle' });
    const waiting = reader.poll(20_000, signal);
    await log.append({ topic, partition: 0 }, [{ key: null, value: bytes('{"id":9}') }]);
    expect(rowsOfEvent(await waiting)).toEqual([['+I', 9, null]]);
    await log.append({ topic, partition: 0 }, [{ key: null, value: bytes('{"id":10}') }]);
    expect(await reader.lag()).toBe(1);
    await reader.close();
  });

  it('starts where scan.startup.mode says', async () => {
    const topic = `topic-${++topics}`;
    await log.createTopic(topic, 1);
    for (const at of [1000, 2000, 3000]) {
      await log.append({ topic, partition: 0 }, [
        { key: null, value: bytes(`{"id":${at}}`), timestampMs: at },
      ]);
    }
    const ids = async (options: Record<string, string>): Promise<unknown[]> =>
      (await readToEnd(await sourceOf(topic, { ...bounded, ...options }))).rows.map(r => JSON.parse(r)[1]);
    expect(await ids({ 'scan.startup.mode': 'latest-offset' })).toEqual([]);
    expect(await ids({ 'scan.startup.mode': 'timestamp', 'scan.startup.timestamp-millis': '1500' })).toEqual([
      2000, 3000,
    ]);
    const specific = {
      'scan.startup.mode': 'specific-offsets',
      'scan.startup.specific-offsets': 'partition:0,offset:2',
    };
    expect(await ids(specific)).toEqual([3000]);
    const until = { 'scan.bounded.mode': 'timestamp', 'scan.bounded.timestamp-millis': '2500' };
    expect(await ids(until)).toEqual([1000, 2000]);
  });

  it('shows committed transactions only', async () => {
    const topic = await topicOf([]);
    const writer = await log.openWriter('w');
    const records = [{ key: null, value: bytes('{"id":5}') }];
    await writer.stage([{ topic, partition: 0, records }]);
    const reader = await opened(topic);
    expect(await reader.poll(5, signal)).toEqual({ kind: 'idle' });
    await writer.commit({ sequence: 0, position: null, parts: [] });
    expect(rowsOfEvent(await reader.poll(5000, signal))).toEqual([['+I', 5, null]]);
    await writer.close();
  });

  it('reads upsert-kafka as updates and deletes by key', async () => {
    const topic = await topicOf([]);
    for (const [key, value] of [
      ['{"id":1}', '{"id":1,"v":"a"}'],
      ['{"id":1}', null],
    ] as const) {
      await log.append({ topic, partition: 0 }, [{ key: bytes(key), value: bytes(value) }]);
    }
    const source = await kafkaSource(log, upsertTable(topic, bounded), [1, 0]);
    expect((await readToEnd(source)).rows).toEqual(['["+U","a",1]', '["-D",null,1]']);
  });
});

describe('a kafka sink', () => {
  const at = { incarnation: 'i', sinkId: 's' };
  const schema = tableOf(fields, [], {}).physicalSchema;
  const sinkTable = (topic: string, options: Record<string, string> = {}) =>
    tableOf(fields, [], { connector: 'kafka', topic, format: 'json', ...options });

  exactlyOnceSinkConformance(async () => {
    const topic = `topic-${++topics}`;
    return {
      schema,
      open: () => kafkaSink(log, sinkTable(topic), 'append'),
      visible: () => committed(topic),
      rows: [
        { row: ['+I', 1, 'a'], shown: '{"id":1,"v":"a"}' },
        { row: ['+I', 2, null], shown: '{"id":2,"v":null}' },
      ],
    };
  });

  it('at-least-once appends at flush', async () => {
    const topic = await topicOf([]);
    const sink = await kafkaSink(
      log,
      sinkTable(topic, { 'sink.delivery-guarantee': 'at-least-once' }),
      'append',
    );
    const writer = await sink.openWriter(at);
    await writer.write(batchOf(schema, [['+I', 1, 'a']]));
    expect(await committed(topic)).toEqual([]);
    await writer.flush();
    expect(await committed(topic)).toEqual(['{"id":1,"v":"a"}']);
    expect(await sink.openCommitter(at)).toBeNull();
  });

  it('upsert-kafka writes the last image by key and tombstones, into a compacted topic', async () => {
    const topic = `topic-${++topics}`;
    const table = upsertTable(topic, { 'sink.delivery-guarantee': 'at-least-once' });
    const writer = await (await kafkaSink(log, table, 'retract')).openWriter(at);
    await writer.write(
      batchOf(table.physicalSchema, [
        ['+I', 1, 'a'],
        ['-U', 1, 'a'],
        ['+U', 1, 'b'],
        ['-D', 1, 'b'],
      ]),
    );
    await writer.flush();
    expect(await committed(topic)).toEqual([
      '{"id":1}={"id":1,"v":"a"}',
      '{"id":1}={"id":1,"v":"b"}',
      '{"id":1}=null',
    ]);
    expect((await log.describeTopic(topic))?.config['cleanup.policy']).toBe('compact');
  });

  it('debezium-json takes updates; json refuses them when planned', async () => {
    const topic = await topicOf([]);
    const options = { format: 'debezium-json', 'sink.delivery-guarantee': 'at-least-once' };
    const writer = await (await kafkaSink(log, sinkTable(topic, options), 'retract')).openWriter(at);
    await writer.write(batchOf(schema, [['-D', 1, 'a']]));
    await writer.prepare(1);
    expect(await committed(topic)).toEqual(['{"before":{"id":1,"v":"a"},"after":null,"op":"d"}']);
    await expect(kafkaSink(log, sinkTable(topic), 'retract')).rejects.toThrow(
      "doesn't support consuming update",
    );
  });

  it("puts keys where Kafka's own producer puts them", async () => {
    const topic = await topicOf([], 3);
    const options = { 'key.format': 'json', 'key.fields': 'id', 'sink.delivery-guarantee': 'at-least-once' };
    const writer = await (await kafkaSink(log, sinkTable(topic, options), 'append')).openWriter(at);
    await writer.write(
      batchOf(
        schema,
        Array.from({ length: 30 }, (_, i) => ['+I', i, null] as const),
      ),
    );
    await writer.flush();
    const parts = [await committed(topic, 0), await committed(topic, 1), await committed(topic, 2)];
    expect(parts.flat()).toHaveLength(30);
    expect(parts.every(part => part.length > 3)).toBe(true);
  });
});

describe('kafka tables refuse', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      'unknown options',
      { nonsense: '1' },
      "Unsupported options found for 'kafka'.\n\nUnsupported options:\n\nnonsense",
    ],
    ['unknown format options', { 'json.nonsense': '1' }, 'Unsupported options:\n\njson.nonsense'],
    ['unknown formats', { format: 'orc' }, "Could not find any format factory for identifier 'orc'"],
    [
      'group offsets of no group',
      { 'scan.startup.mode': 'group-offsets' },
      "'properties.group.id' is required in 'group-offsets' mode but missing.",
    ],
    [
      'a wrong reset',
      {
        'scan.startup.mode': 'group-offsets',
        'properties.group.id': 'g',
        'properties.auto.offset.reset': 'x',
      },
      'properties.auto.offset.reset can not be set to x',
    ],
    ['unknown modes', { 'scan.startup.mode': 'x' }, "Invalid value for option 'scan.startup.mode'"],
    [
      'a mode without its value',
      { 'scan.startup.mode': 'timestamp' },
      "'scan.startup.timestamp-millis' is required",
    ],
    ['other clusters without a port', { 'properties.bootstrap.servers': 'kafka.example.org' }, 'host:port'],
    ['key fields without format', { 'key.fields': 'id' }, 'can only be declared if a key format is defined'],
    ['a wrong guarantee', { 'sink.delivery-guarantee': 'twice' }, 'exactly-once or at-least-once'],
  ])('%s', async (_, options, message) => {
    await expect(sourceOf('any', options)).rejects.toThrow(message);
  });

  it('missing options, missing keys and missing topics', async () => {
    const without = tableOf(fields, [], { connector: 'kafka', format: 'json' });
    await expect(kafkaSource(log, without, [0])).rejects.toThrow('Missing required options are:\n\ntopic');
    const keyless = tableOf(fields, [], { ...upsertOptions, topic: 'x' });
    await expect(kafkaSink(log, keyless, 'append')).rejects.toThrow('require to define a PRIMARY KEY');
    await expect(sourceOf('nowhere')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    await expect(sourceOf('any', { 'properties.bootstrap.servers': 'localhost:9092' })).rejects.toMatchObject(
      {
        code: 'UNKNOWN_TOPIC',
      },
    );
  });
});
