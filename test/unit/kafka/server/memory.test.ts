import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { API_VERSIONS, FETCH, PRODUCE } from '../../../../src/kafka/messages/mod.ts';
import { ALL, clientBatch } from '../../../support/client-batches.ts';
import { TestBroker } from '../../../support/kafka-broker.ts';
import { requestFrame } from '../../../support/kafka-wire.ts';

const WHO = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
const MB = 1 << 20;

function produceOf(bytes: number) {
  const records = clientBatch([{ key: null, value: Buffer.alloc(bytes) }]);
  const topicData = [{ name: 'orders', partitionData: [{ index: 0, records }] }];
  return { transactionalId: null, acks: -1, timeoutMs: 1_000, topicData };
}

function fetchOf(bytesMax: number, maxWaitMs: number) {
  const partition = {
    ...{ partition: 0, fetchOffset: 0, partitionMaxBytes: bytesMax, currentLeaderEpoch: -1 },
    ...{ lastFetchedEpoch: -1, logStartOffset: -1 },
  };
  const topics = [{ topic: 'orders', partitions: [partition] }];
  return {
    ...{ replicaId: -1, maxWaitMs, minBytes: 1, maxBytes: bytesMax, isolationLevel: 0 },
    ...{ topics, forgottenTopicsData: [], sessionId: 0, sessionEpoch: -1, rackId: '' },
  };
}

/** Somebody who promises a large request and sends only a part of it. */
async function hog(broker: TestBroker, bytes: number) {
  const socket = connect(broker.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.concat([Buffer.from([3, 0, 0, 0]), Buffer.alloc(bytes)]));
  return socket;
}

/** A second passes for the broker. */
async function second(broker: TestBroker): Promise<void> {
  await broker.until(() => broker.clock.sleeping > 0);
  broker.clock.advance(1_000);
  await new Promise(resolve => setImmediate(resolve));
}

describe('when clients that do not go on hold all the memory', () => {
  test('small requests pass, large ones wait until those who held it are shed', async () => {
    await using broker = await TestBroker.start({ memoryBytesMax: 4 * MB });
    await broker.log.createTopic('orders', 1);
    const hogs = [await hog(broker, 2.2 * MB), await hog(broker, 2.2 * MB)];
    await broker.until(() => broker.server.stats().memoryBytes >= 4 * MB);
    await using small = await broker.connect();
    expect((await small.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
    await using large = await broker.connect();
    let isAnswered = false;
    const answer = large.ask(PRODUCE, 9, produceOf(800_000)).then(response => {
      isAnswered = true;
      return response;
    });
    await second(broker);
    expect((await small.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
    expect(isAnswered).toBe(false);
    for (let i = 0; i < 12 && !isAnswered; i++) await second(broker);
    expect((await answer).responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
    expect(broker.lines).toContainEqual(expect.stringContaining('it kept memory that others wait for'));
    expect(hogs.some(({ destroyed }) => destroyed)).toBe(true);
    for (const socket of hogs) socket.destroy();
    await broker.until(() => broker.server.stats().memoryBytes === 0);
  });

  test('a client that asks for much and takes nothing is shed likewise', async () => {
    await using broker = await TestBroker.start({ memoryBytesMax: 6 * MB, fetchBytesMax: 8 * MB });
    await broker.log.createTopic('orders', 1);
    for (let i = 0; i < 16; i++) {
      const bytes = clientBatch([{ key: null, value: Buffer.alloc(900_000) }]);
      await broker.log.appendBatches({ topic: 'orders', partition: 0 }, bytes, ALL);
    }
    const frame = requestFrame(FETCH, 11, fetchOf(8 * MB, 0));
    const socket = connect(broker.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    socket.write(Buffer.concat([frame, frame, frame]));
    await broker.until(() => broker.server.stats().memoryBytes > 6 * MB);
    await using small = await broker.connect();
    for (let i = 0; i < 12 && broker.lines.length === 0; i++) {
      await second(broker);
      expect((await small.ask(API_VERSIONS, 3, WHO)).errorCode).toBe(0);
    }
    expect(broker.lines).toEqual([expect.stringContaining('it kept memory that others wait for')]);
    socket.destroy();
    await broker.until(() => broker.server.stats().memoryBytes === 0);
  });

  test('who waits for more with much in hand is answered', async () => {
    await using broker = await TestBroker.start({ memoryBytesMax: 4 * MB });
    await broker.log.createTopic('orders', 1);
    const records = clientBatch([{ key: null, value: Buffer.alloc(900_000) }]);
    await broker.log.appendBatches({ topic: 'orders', partition: 0 }, records, ALL);
    await using reader = await broker.connect();
    const answer = reader.ask(FETCH, 11, { ...fetchOf(8 * MB, 60_000), minBytes: 8 * MB });
    await broker.until(() => broker.server.stats().memoryBytes > 900_000);
    const hogs = [await hog(broker, 2.2 * MB), await hog(broker, 2.2 * MB)];
    await broker.until(() => broker.server.stats().memoryBytes >= 4 * MB);
    await second(broker);
    const { responses } = await answer;
    expect(responses[0]!.partitions[0]!.records!.length).toBeGreaterThan(900_000);
    for (const socket of hogs) socket.destroy();
    await broker.until(() => broker.server.stats().memoryBytes === 0);
  });

  test('who has taken a large answer is read on', async () => {
    await using broker = await TestBroker.start({ memoryBytesMax: 4 * MB });
    await broker.log.createTopic('orders', 1);
    const records = clientBatch([{ key: null, value: Buffer.alloc(900_000) }]);
    await broker.log.appendBatches({ topic: 'orders', partition: 0 }, records, ALL);
    const hogs = [await hog(broker, 2.2 * MB), await hog(broker, 2.2 * MB)];
    await broker.until(() => broker.server.stats().memoryBytes >= 4 * MB);
    await using reader = await broker.connect();
    for (let i = 0; i < 3; i++) {
      const { responses } = await reader.ask(FETCH, 11, fetchOf(MB, 0));
      expect(responses[0]!.partitions[0]!.records!.length).toBeGreaterThan(900_000);
    }
    for (const socket of hogs) socket.destroy();
  });
});

test('behind a request that waits no large one is taken in', async () => {
  await using broker = await TestBroker.start();
  await broker.log.createTopic('orders', 1);
  const socket = connect(broker.port, '127.0.0.1');
  await once(socket, 'connect');
  const before = broker.clock.sleeping;
  socket.write(requestFrame(FETCH, 11, fetchOf(MB, 10_000)));
  await broker.until(() => broker.clock.sleeping > before);
  socket.write(Buffer.concat([Buffer.from([3, 0, 0, 0]), Buffer.alloc(8 * MB)]));
  await broker.until(() => broker.server.stats().memoryBytes > 64 << 10);
  for (let i = 0; i < 100; i++) await new Promise(resolve => setImmediate(resolve));
  expect(broker.server.stats().memoryBytes).toBeLessThan(MB);
  broker.clock.advance(10_000);
  await broker.until(() => broker.server.stats().memoryBytes > 7 * MB);
  socket.destroy();
});
