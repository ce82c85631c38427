import { expect, test } from 'vitest';
import { API_VERSIONS, HEARTBEAT, METADATA, PRODUCE } from '../../../../src/kafka/messages/mod.ts';
import { Reader } from '../../../../src/kafka/protocol/mod.ts';
import { decodeRecords } from '../../../../src/log/mod.ts';
import { clientBatch } from '../../../support/client-batches.ts';
import { TestBroker } from '../../../support/kafka-broker.ts';
import { requestFrame } from '../../../support/kafka-wire.ts';

const WHO = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
const batch = (text: string) => clientBatch([{ key: null, value: Buffer.from(text) }]);

function produceTo(topic: string, records: Uint8Array, acks = -1) {
  const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
  return { transactionalId: null, acks, timeoutMs: 1_000, topicData };
}

test('requests that come in one piece are answered in their order', async () => {
  await using broker = await TestBroker.start();
  await broker.log.createTopic('orders', 1);
  await using wire = await broker.connect();
  const frames = Array.from({ length: 40 }, (_, i) =>
    i % 4 === 3
      ? requestFrame(API_VERSIONS, 3, WHO, i)
      : requestFrame(PRODUCE, 9, produceTo('orders', batch(`${i}`)), i),
  );
  wire.send(Buffer.concat(frames));
  for (let i = 0; i < 40; i++) expect(new Reader((await wire.receive())!).int32()).toBe(i);
  expect((await broker.log.offsets({ topic: 'orders', partition: 0 })).highWatermark).toBe(30);
});

test('records of one connection get offsets in the order in which they came', async () => {
  await using broker = await TestBroker.start();
  await broker.log.createTopic('orders', 1);
  await using wire = await broker.connect();
  const count = 60;
  for (let i = 0; i < count; i++) wire.send(requestFrame(PRODUCE, 9, produceTo('orders', batch(`${i}`)), i));
  for (let i = 0; i < count; i++) await wire.receive();
  const { bytes } = await broker.log.read({ topic: 'orders', partition: 0 }, 0, 1 << 20, 'read_uncommitted');
  const values = decodeRecords(bytes).map(({ value }) => Number(Buffer.from(value!)));
  expect(values).toEqual(Array.from({ length: count }, (_, i) => i));
});

test('ApiVersions from the future is answered in version 0, and the connection goes on', async () => {
  await using broker = await TestBroker.start();
  await using wire = await broker.connect();
  const frame = requestFrame(API_VERSIONS, 4, WHO, 7);
  new DataView(frame.buffer, frame.byteOffset).setInt16(6, 99);
  wire.send(frame);
  const reader = new Reader((await wire.receive())!);
  const [correlationId, errorCode, apis, key, low, high] = [
    ...[reader.int32(), reader.int16(), reader.int32()],
    ...[reader.int16(), reader.int16(), reader.int16()],
  ];
  expect({ correlationId, errorCode, apis, key, low, high }).toEqual({
    ...{ correlationId: 7, errorCode: 35, apis: 1, key: 18, low: 0, high: 4 },
  });
  expect(reader.remaining).toBe(0);
  expect((await wire.ask(API_VERSIONS, 4, WHO)).errorCode).toBe(0);
});

test('ApiVersions tells of exactly the APIs that are served, Produce from version 0 on', async () => {
  await using broker = await TestBroker.start();
  await using wire = await broker.connect();
  const { apiKeys, errorCode } = await wire.ask(API_VERSIONS, 3, WHO);
  expect(errorCode).toBe(0);
  expect(apiKeys.find(({ apiKey }) => apiKey === 0)).toEqual({ apiKey: 0, minVersion: 0, maxVersion: 13 });
  expect(apiKeys.find(({ apiKey }) => apiKey === 1)).toEqual({ apiKey: 1, minVersion: 4, maxVersion: 18 });
  expect(new Set(apiKeys.map(({ apiKey }) => apiKey)).size).toBe(apiKeys.length);
  expect((await wire.ask(API_VERSIONS, 3, { ...WHO, clientSoftwareName: 'a b' })).errorCode).toBe(42);
});

test.each([
  [
    'an API that nobody serves',
    [0, 0, 0, 10, 3, 231, 0, 0, 0, 0, 0, 1, 255, 255],
    'an API 999 is not served',
  ],
  [
    'a version that is not served',
    [0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 1, 255, 255],
    'Produce is served in versions',
  ],
  ['a length beyond the limit', [127, 255, 255, 255], 'a message of 2147483647 bytes'],
  ['a negative length', [255, 255, 255, 255], 'a message of -1 bytes'],
  ['half a header', [0, 0, 0, 3, 0, 18, 0], 'beyond the end'],
])('%s ends the connection with one line', async (_, bytes, line) => {
  await using broker = await TestBroker.start();
  await using wire = await broker.connect();
  wire.send(Uint8Array.from(bytes));
  expect(await wire.receive()).toBeNull();
  expect(broker.lines).toEqual([expect.stringContaining(line)]);
  await using next = await broker.connect();
  expect((await next.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
});

test('requests before something that is none are answered', async () => {
  await using broker = await TestBroker.start();
  await using wire = await broker.connect();
  const ask = (correlationId: number) => requestFrame(API_VERSIONS, 3, WHO, correlationId);
  wire.send(Buffer.concat([ask(1), ask(2), Uint8Array.from([255, 255, 255, 255, 0])]));
  for (const correlationId of [1, 2]) {
    const answer = await wire.receive();
    expect(Buffer.from(answer!).readInt32BE(0)).toBe(correlationId);
  }
  expect(await wire.receive()).toBeNull();
  expect(broker.lines).toEqual([expect.stringContaining('a message of -1 bytes')]);
});

test('with acks=0 nothing is said, and a failure ends the connection', async () => {
  await using broker = await TestBroker.start();
  await broker.log.createTopic('orders', 1);
  await using wire = await broker.connect();
  wire.send(requestFrame(PRODUCE, 9, produceTo('orders', batch('a'), 0), 1));
  expect((await wire.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
  expect((await broker.log.offsets({ topic: 'orders', partition: 0 })).highWatermark).toBe(1);
  wire.send(requestFrame(PRODUCE, 9, produceTo('nowhere', batch('a'), 0), 3));
  expect(await wire.receive()).toBeNull();
  expect(broker.lines).toEqual([expect.stringContaining('acks=0 failed: there is no topic nowhere')]);
});

test('there are no more connections than may be, and the next one is welcome when one has gone', async () => {
  await using broker = await TestBroker.start({ connectionsPerIpMax: 2 });
  await using first = await broker.connect();
  {
    await using second = await broker.connect();
    expect((await first.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
    expect((await second.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
    await using third = await broker.connect();
    expect(await third.receive()).toBeNull();
  }
  await broker.until(() => broker.server.stats().connections === 1);
  await using fourth = await broker.connect();
  expect((await fourth.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
});

test('a connection that nobody uses is closed, one in use is not', async () => {
  await using broker = await TestBroker.start({ idleMsMax: 60_000 });
  await using idle = await broker.connect();
  await using used = await broker.connect();
  for (let i = 0; i < 70; i++) {
    await broker.until(() => broker.clock.sleeping > 0);
    broker.clock.advance(1_000);
    expect((await used.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
  }
  expect(await idle.receive()).toBeNull();
  expect(broker.server.stats().connections).toBe(1);
});

test('clients are told the advertised address', async () => {
  await using broker = await TestBroker.start({ advertised: { host: 'kafka.example.com', port: 19092 } });
  await using wire = await broker.connect();
  const request = { ...NOTHING_ASKED, topics: [] };
  const { brokers, clusterId, controllerId } = await wire.ask(METADATA, 9, request);
  expect(brokers).toEqual([{ nodeId: 1, host: 'kafka.example.com', port: 19092, rack: null }]);
  expect({ clusterId, controllerId }).toEqual({ clusterId: broker.log.clusterId, controllerId: 1 });
});

const NOTHING_ASKED = {
  allowAutoTopicCreation: true,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

test('topics are made when they are asked for, unless client or broker say no', async () => {
  await using broker = await TestBroker.start({ numPartitions: 3 });
  await using wire = await broker.connect();
  const ask = async (name: string, allowAutoTopicCreation: boolean) => {
    const { topics } = await wire.ask(METADATA, 12, {
      ...NOTHING_ASKED,
      allowAutoTopicCreation,
      topics: [{ name }],
    });
    return topics[0]!;
  };
  expect(await ask('shy', false)).toMatchObject({ errorCode: 3, name: 'shy', partitions: [] });
  const made = await ask('bold', true);
  expect(made).toMatchObject({ errorCode: 0, name: 'bold', topicId: broker.log.topicNamed('bold')!.id });
  expect(made.partitions).toHaveLength(3);
  expect(await ask('no/name', true)).toMatchObject({ errorCode: 17, partitions: [] });
  expect(await ask('no/name', false)).toMatchObject({ errorCode: 17, partitions: [] });
  const byId = await wire.ask(METADATA, 12, {
    ...NOTHING_ASKED,
    topics: [{ name: null, topicId: made.topicId }],
  });
  expect(byId.topics[0]).toMatchObject({ errorCode: 0, name: 'bold' });
  const unknown = [{ name: null, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }];
  const none = await wire.ask(METADATA, 12, { ...NOTHING_ASKED, topics: unknown });
  expect(none.topics[0]).toMatchObject({ errorCode: 100, name: null });
});

test('what a handler refuses is answered with the error of Kafka, without a line', async () => {
  await using broker = await TestBroker.start();
  await using wire = await broker.connect();
  const request = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };
  expect((await wire.ask(HEARTBEAT, 3, request)).errorCode).toBe(25);
  expect(broker.lines).toEqual([]);
});
