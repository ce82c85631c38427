import type { TopicPartition } from '../../../log/mod.ts';
import { FETCH } from '../../messages/fetch.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import type { RequestContext } from '../context.ts';
import { newReading, PartitionsReader, type Reading } from '../fetch/read.ts';
import { ReadLease } from '../fetch/read-memory.ts';
import type { FetchSessionRequest, OpenedFetch, WantedPartition } from '../fetch/sessions.ts';
import { failureOf, handler } from '../handler.ts';
import { checkLeaderEpoch } from '../leader-epoch.ts';
import { checkPartition, topicOf } from '../topic-of.ts';

type Request = RequestOf<typeof FETCH>;
type Response = ResponseOf<typeof FETCH>;
type TopicResponse = Response['responses'][number];
type PartitionResponse = TopicResponse['partitions'][number];

/** From this version on topics are named by their ids. */
const BY_ID = 13;

/** Reads record batches as they are stored, of many partitions, and waits where there are too few. */
export const fetch = handler(FETCH, {
  handle: (request, context) => {
    const opened = context.server.sessions.open(
      sessionRequestOf(request, context),
      context.server.clock.nowMs(),
    );
    if (typeof opened === 'number')
      return { throttleTimeMs: 0, errorCode: opened, sessionId: 0, responses: [] };
    return answer(request, opened, context);
  },
  refuse: (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, sessionId: 0, responses: [] }),
});

function sessionRequestOf(request: Request, { apiVersion }: RequestContext): FetchSessionRequest {
  const { sessionId, sessionEpoch, topics, forgottenTopicsData } = request;
  return {
    ...{ sessionId, sessionEpoch, usesIds: apiVersion >= BY_ID },
    wanted: topics.flatMap(({ topic, topicId, partitions }) =>
      partitions.map(partition => ({ topic, topicId, ...partition })),
    ),
    forgotten: forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
      partitions.map(partition => ({ topic, topicId, partition })),
    ),
  };
}

async function answer(request: Request, opened: OpenedFetch, context: RequestContext): Promise<Response> {
  const { server, broker, signal } = context;
  const readings = opened.wanted.map(wanted => begin(wanted, context));
  const limits = {
    isolation: request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted',
    minBytes: request.minBytes,
    maxBytes: Math.min(request.maxBytes, server.answerBytesMax()),
    bytesMaxNow: () => server.answerBytesMax(),
    maxWaitMs: request.maxWaitMs,
  } as const;
  const lease = new ReadLease(server.readMemory, bytes => server.hold(bytes));
  context.gone = isSent => lease.end(isSent);
  await new PartitionsReader(broker, readings, limits, lease).run(server.clock, signal);
  lease.made();
  const partitions = readings.map(reading => ({
    response: responseOf(reading, limits.isolation === 'read_committed', context),
    ...{ highWatermark: reading.highWatermark, logStartOffset: reading.logStartOffset },
    ...{ hasRecords: reading.bytes > 0, isNews: reading.diverging !== null },
  }));
  const { sessionId, told } = opened.close(
    partitions.map(partition => ({ ...partition, errorCode: partition.response.errorCode })),
  );
  const responses: { topic: string; topicId: string; partitions: PartitionResponse[] }[] = [];
  partitions.forEach(({ response }, i) => {
    if (!told[i]) return;
    const { topic, topicId } = readings[i]!.wanted;
    const last = responses.at(-1);
    if (last?.topic === topic && last.topicId === topicId) last.partitions.push(response);
    else responses.push({ topic, topicId, partitions: [response] });
  });
  return { throttleTimeMs: 0, errorCode: 0, sessionId, responses };
}

function begin(wanted: WantedPartition, { broker, apiVersion }: RequestContext): Reading {
  try {
    const topic = topicOf(broker, apiVersion >= BY_ID, wanted.topic, wanted.topicId);
    checkPartition(topic, wanted.partition);
    checkLeaderEpoch(wanted.currentLeaderEpoch);
    const at: TopicPartition = { topic: topic.name, partition: wanted.partition };
    return newReading(wanted, at, undefined);
  } catch (error) {
    return newReading(wanted, null, error);
  }
}

function responseOf(reading: Reading, isCommitted: boolean, context: RequestContext): PartitionResponse {
  const { wanted, error, diverging, highWatermark, lastStableOffset, logStartOffset } = reading;
  const errorCode = error === undefined ? 0 : failureOf(error, FETCH.name, context).code;
  return {
    ...{ partitionIndex: wanted.partition, errorCode, highWatermark, lastStableOffset, logStartOffset },
    ...(diverging === null ? {} : { divergingEpoch: diverging }),
    abortedTransactions:
      isCommitted && errorCode === 0
        ? reading.aborted.map(({ producerId, firstOffset }) => ({
            producerId: Number(producerId),
            firstOffset,
          }))
        : null,
    records: reading.chunks,
  };
}
