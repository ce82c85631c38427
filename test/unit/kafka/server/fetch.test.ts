import { describe, expect, test } from 'vitest';
import {
  FETCH,
  LIST_OFFSETS,
  type ReadResponse,
  type RequestOf,
} from '../../../../src/kafka/messages/mod.ts';
import {
  FetchSessions,
  type OpenedFetch,
  type WantedPartition,
} from '../../../../src/kafka/server/fetch/sessions.ts';
import { decodeRecords } from '../../../../src/log/mod.ts';
import { ALL, clientBatch } from '../../../support/client-batches.ts';
import { TestBroker } from '../../../support/kafka-broker.ts';
import { requestFrame } from '../../../support/kafka-wire.ts';

type Response = ReadResponse<typeof FETCH>;

/** A request for partitions of topics, `[topic, partition, offset]` each. */
function fetchOf(
  wanted: readonly (readonly [topic: string, partition: number, offset: number])[],
  options: Partial<RequestOf<typeof FETCH>> & { readonly partitionMaxBytes?: number } = {},
): RequestOf<typeof FETCH> {
  const { partitionMaxBytes = 1 << 20, ...rest } = options;
  const topics = wanted.map(([topic, partition, fetchOffset]) => ({
    ...{ topic, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' },
    partitions: [
      {
        ...{ partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
        ...{
          logStartOffset: -1,
          replicaDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAA',
          highWatermark: 0x7fffffffffffffffn,
        },
      },
    ],
  }));
  return {
    ...{ clusterId: null, replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1 } },
    ...{ maxWaitMs: 500, minBytes: 1, maxBytes: 50 << 20, isolationLevel: 0 },
    ...{ sessionId: 0, sessionEpoch: -1, topics, forgottenTopicsData: [], rackId: '', ...rest },
  };
}

const found = ({ responses }: Response) =>
  responses.flatMap(({ topic, partitions }) =>
    partitions.map(({ partitionIndex, errorCode, records }) => ({
      at: `${topic}-${partitionIndex}`,
      errorCode,
      values: decodeRecords(records ?? new Uint8Array(0)).map(({ value }) => Buffer.from(value!).toString()),
    })),
  );

const batch = (text: string) => clientBatch([{ key: null, value: Buffer.from(text) }]);

async function started(topics: readonly string[]): Promise<TestBroker> {
  const broker = await TestBroker.start();
  for (const topic of topics) await broker.log.createTopic(topic, 2);
  return broker;
}

const append = (broker: TestBroker, topic: string, text: string, partition = 0) =>
  broker.log.appendBatches({ topic, partition }, batch(text), ALL);

describe('long poll', () => {
  test('waits for the first record of any of its partitions', async () => {
    await using broker = await started(['a', 'b']);
    await using wire = await broker.connect();
    const before = broker.clock.sleeping;
    const wanted = [
      ['a', 0, 0],
      ['a', 1, 0],
      ['b', 0, 0],
    ] as const;
    const answer = wire.ask(FETCH, 11, fetchOf(wanted));
    await broker.until(() => broker.clock.sleeping > before);
    await append(broker, 'b', 'news');
    expect(found(await answer)).toEqual([
      { at: 'a-0', errorCode: 0, values: [] },
      { at: 'a-1', errorCode: 0, values: [] },
      { at: 'b-0', errorCode: 0, values: ['news'] },
    ]);
    await broker.until(() => broker.clock.sleeping === before);
  });

  test('gives what there is when its time is over', async () => {
    await using broker = await started(['a']);
    await append(broker, 'a', 'one');
    await using wire = await broker.connect();
    const before = broker.clock.sleeping;
    const answer = wire.ask(FETCH, 11, fetchOf([['a', 0, 0]], { minBytes: 1_000 }));
    await broker.until(() => broker.clock.sleeping > before);
    broker.clock.advance(500);
    expect(found(await answer)).toEqual([{ at: 'a-0', errorCode: 0, values: ['one'] }]);
  });

  test('gathers over several appends until there are enough bytes, each record once', async () => {
    await using broker = await started(['a']);
    await append(broker, 'a', 'x'.repeat(100));
    await using wire = await broker.connect();
    const before = broker.clock.sleeping;
    const answer = wire.ask(
      FETCH,
      11,
      fetchOf(
        [
          ['a', 0, 0],
          ['a', 1, 0],
        ],
        { minBytes: 600 },
      ),
    );
    await broker.until(() => broker.clock.sleeping > before);
    for (const text of ['y', 'z']) await append(broker, 'a', text.repeat(100), text === 'y' ? 1 : 0);
    await append(broker, 'a', 'w'.repeat(200), 1);
    const values = found(await answer).map(({ values: [...texts] }) => texts.map(text => text[0]).join(''));
    expect(values).toEqual(['xz', 'yw']);
  });

  test('what does not fit any more ends it: nobody else waits for a partition that has more', async () => {
    await using broker = await started(['a']);
    await using wire = await broker.connect();
    for (const text of ['one', 'two']) await append(broker, 'a', text);
    const answer = await wire.ask(
      FETCH,
      11,
      fetchOf([['a', 0, 0]], { partitionMaxBytes: 10, minBytes: 9_000 }),
    );
    expect(found(answer)).toEqual([{ at: 'a-0', errorCode: 0, values: ['one'] }]);
  });

  test('ends without an answer when its client goes, and leaves nobody waiting', async () => {
    await using broker = await started(['a']);
    const before = broker.clock.sleeping;
    {
      await using wire = await broker.connect();
      wire.send(requestFrame(FETCH, 11, fetchOf([['a', 0, 0]], { maxWaitMs: 60_000 })));
      await broker.until(() => broker.clock.sleeping > before);
    }
    await broker.until(() => broker.clock.sleeping === before);
    expect(broker.lines).toEqual([]);
  });
});

describe('bounds', () => {
  test('the first batch goes out however large it is, later ones only if they fit', async () => {
    await using broker = await started(['a', 'b']);
    for (const topic of ['a', 'b']) await append(broker, topic, 'x'.repeat(1_000));
    await using wire = await broker.connect();
    const sizes = async (options: Parameters<typeof fetchOf>[1]) => {
      const { responses } = await wire.ask(
        FETCH,
        11,
        fetchOf(
          [
            ['a', 0, 0],
            ['b', 0, 0],
          ],
          options,
        ),
      );
      return responses.map(({ partitions }) => partitions[0]!.records!.length > 0);
    };
    expect(await sizes({ maxBytes: 10 })).toEqual([true, false]);
    expect(await sizes({ partitionMaxBytes: 10 })).toEqual([true, false]);
    expect(await sizes({})).toEqual([true, true]);
  });

  test('one partition that fails does not take the others with it', async () => {
    await using broker = await started(['a']);
    await append(broker, 'a', 'one');
    await using wire = await broker.connect();
    const wanted = [
      ['a', 0, 0],
      ['a', 1, 7],
      ['a', 5, 0],
      ['nowhere', 0, 0],
    ] as const;
    expect(found(await wire.ask(FETCH, 11, fetchOf(wanted)))).toEqual([
      { at: 'a-0', errorCode: 0, values: ['one'] },
      { at: 'a-1', errorCode: 1, values: [] },
      { at: 'a-5', errorCode: 3, values: [] },
      { at: 'nowhere-0', errorCode: 3, values: [] },
    ]);
  });

  test('a newer leader epoch and an offset beyond the end are told apart', async () => {
    await using broker = await started(['a']);
    await using wire = await broker.connect();
    const request = fetchOf([['a', 0, 5]]);
    const [topic] = request.topics;
    const ask = async (change: Partial<(typeof topic & object)['partitions'][number]>) => {
      const partitions = [{ ...topic!.partitions[0]!, ...change }];
      const response = await wire.ask(FETCH, 12, { ...request, topics: [{ ...topic!, partitions }] });
      return response.responses[0]!.partitions[0]!;
    };
    expect(await ask({ currentLeaderEpoch: 3 })).toMatchObject({ errorCode: 75 });
    expect(await ask({})).toMatchObject({ errorCode: 1, highWatermark: -1 });
    expect(await ask({ lastFetchedEpoch: 0 })).toMatchObject({
      ...{ errorCode: 0, divergingEpoch: { epoch: 0, endOffset: 0 } },
    });
  });
});

describe('sessions', () => {
  test('an incremental request names what changed and is told what changed', async () => {
    await using broker = await started(['a', 'b']);
    await append(broker, 'a', 'one');
    await using wire = await broker.connect();
    const full = await wire.ask(
      FETCH,
      11,
      fetchOf(
        [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
        { sessionEpoch: 0 },
      ),
    );
    expect(full.sessionId).toBeGreaterThan(0);
    expect(found(full)).toHaveLength(2);
    const { sessionId } = full;
    const next = (sessionEpoch: number, wanted: Parameters<typeof fetchOf>[0]) =>
      wire.ask(FETCH, 11, fetchOf(wanted, { sessionId, sessionEpoch, maxWaitMs: 0 }));
    expect(found(await next(1, [['a', 0, 1]]))).toEqual([]);
    await append(broker, 'b', 'two');
    expect(found(await next(2, []))).toEqual([{ at: 'b-0', errorCode: 0, values: ['two'] }]);
    expect(await next(2, [])).toMatchObject({ errorCode: 71, sessionId: 0, responses: [] });
    const forgottenTopicsData = [{ topic: 'b', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitions: [0] }];
    const rest = fetchOf([], { sessionId, sessionEpoch: 3, maxWaitMs: 0, forgottenTopicsData });
    expect(found(await wire.ask(FETCH, 11, rest))).toEqual([]);
    expect(broker.server.stats().fetchSessions).toBe(1);
    await wire.ask(FETCH, 11, fetchOf([['a', 0, 1]], { sessionId, sessionEpoch: -1, maxWaitMs: 0 }));
    expect(broker.server.stats().fetchSessions).toBe(0);
    expect(await next(4, [])).toMatchObject({ errorCode: 70 });
  });

  test('grow no larger than all of them may be', () => {
    const sessions = new FetchSessions(10, () => 7);
    const wanted = (count: number): WantedPartition[] =>
      Array.from({ length: count }, (_, partition) => ({
        ...{ topic: 'a', topicId: '', partition, fetchOffset: 0, partitionMaxBytes: 1 },
        ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
      }));
    const request = { sessionId: 0, sessionEpoch: 0, forgotten: [], usesIds: false };
    const full = sessions.open({ ...request, wanted: wanted(1) }, 0) as OpenedFetch;
    const told = { errorCode: 0, highWatermark: 0, logStartOffset: 0, hasRecords: false, isNews: false };
    expect(full.close([told]).sessionId).toBe(7);
    const more = { ...request, sessionId: 7, sessionEpoch: 1 };
    expect(sessions.open({ ...more, wanted: wanted(500_001) }, 0)).toBe(70);
    expect(sessions.count).toBe(0);
  });

  test('from version 13 on topics go by their ids', async () => {
    await using broker = await started(['a']);
    await append(broker, 'a', 'one');
    await using wire = await broker.connect();
    const { id } = broker.log.topicNamed('a')!;
    const ask = (topicId: string) => {
      const request = fetchOf([['', 0, 0]]);
      return wire.ask(FETCH, 18, {
        ...request,
        topics: request.topics.map(topic => ({ ...topic, topicId })),
      });
    };
    const known = (await ask(id)).responses[0]!;
    expect(known.topicId).toBe(id);
    expect(known.partitions[0]).toMatchObject({ errorCode: 0, highWatermark: 1 });
    expect((await ask('AAAAAAAAAAAAAAAAAAAAAQ')).responses[0]!.partitions[0]).toMatchObject({
      errorCode: 100,
    });
  });
});

test('offsets are found by time and by the words for start and end', async () => {
  await using broker = await started(['a']);
  const { log } = broker;
  for (const nowMs of [1_000, 3_000, 2_000]) {
    const bytes = clientBatch([{ key: null, value: Buffer.from('x'), timestampMs: nowMs }]);
    await log.appendBatches({ topic: 'a', partition: 0 }, bytes, ALL);
  }
  await using wire = await broker.connect();
  const ask = async (timestamp: number, version = 8) => {
    const partitions = [{ partitionIndex: 0, timestamp, currentLeaderEpoch: -1 }];
    const request = { replicaId: -1, isolationLevel: 0, topics: [{ name: 'a', partitions }] };
    const { topics } = await wire.ask(LIST_OFFSETS, version, request);
    const { errorCode, offset, timestamp: at } = topics[0]!.partitions[0]!;
    return [errorCode, offset, at];
  };
  expect(await ask(-2)).toEqual([0, 0, -1]);
  expect(await ask(-1)).toEqual([0, 3, -1]);
  expect(await ask(-3)).toEqual([0, 1, 3_000]);
  expect(await ask(-4)).toEqual([0, 0, -1]);
  expect(await ask(1_500)).toEqual([0, 1, 3_000]);
  expect(await ask(9_000)).toEqual([0, -1, -1]);
  expect(await ask(-3, 6)).toEqual([35, -1, -1]);
  expect(await ask(-1, 1)).toEqual([0, 3, -1]);
});
