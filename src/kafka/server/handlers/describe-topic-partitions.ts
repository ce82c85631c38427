import { Refusal, type TopicInfo } from '../../../log/mod.ts';
import { DESCRIBE_TOPIC_PARTITIONS } from '../../messages/describe-topic-partitions.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { checkTopicName } from '../admin/config-resources.ts';
import { TOPIC_OPERATIONS } from '../authorized-operations.ts';
import { LEADER_EPOCH, NODE_ID, type RequestContext } from '../context.ts';
import { codeOf, failureOf, handler } from '../handler.ts';

type Request = RequestOf<typeof DESCRIBE_TOPIC_PARTITIONS>;
type Response = ResponseOf<typeof DESCRIBE_TOPIC_PARTITIONS>;
type Described = Response['topics'][number];

/** Partitions in one response, whatever is asked for. */
const PARTITIONS_MAX = 2000;

/** Topics by their names, page by page: what does not fit any more is where the next page begins. */
export const describeTopicPartitions = handler(DESCRIBE_TOPIC_PARTITIONS, {
  handle: (request, context) => pageOf(request, context),
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name }) => ({ errorCode: code, name, partitions: [] })),
    nextCursor: null,
  }),
});

function pageOf(
  { topics: asked, responsePartitionLimit, cursor }: Request,
  context: RequestContext,
): Response {
  if (cursor !== null && cursor.partitionIndex < 0) {
    throw new Refusal('INVALID_REQUEST', 'a page begins at a partition that is not negative');
  }
  const all = asked.length === 0 ? context.broker.allTopics() : asked;
  const names = [...new Set(all.map(({ name }) => name))].sort();
  const from = names.filter(name => cursor === null || name >= cursor.topicName);
  if (cursor !== null && asked.length > 0 && !from.includes(cursor.topicName)) {
    const what = `the topics asked for should contain that of the cursor: ${cursor.topicName}`;
    throw new Refusal('INVALID_REQUEST', what);
  }
  const topics: Described[] = [];
  let room = Math.max(Math.min(responsePartitionLimit, PARTITIONS_MAX), 1);
  for (const name of from) {
    if (room === 0) return page(topics, name, 0);
    const first = name === cursor?.topicName ? cursor.partitionIndex : 0;
    const topic = context.broker.topicNamed(name);
    if (topic === undefined) {
      topics.push(unknown(name, missing(name, context)));
      continue;
    }
    const end = Math.min(topic.partitions, first + room);
    topics.push(described(topic, first, end));
    room -= Math.max(end - first, 0);
    if (end < topic.partitions) return page(topics, name, end);
  }
  return { throttleTimeMs: 0, topics, nextCursor: null };
}

/** Why there is no such topic. */
function missing(name: string, context: RequestContext): number {
  try {
    checkTopicName(name);
    return codeOf('UNKNOWN_TOPIC_OR_PARTITION');
  } catch (error) {
    return failureOf(error, DESCRIBE_TOPIC_PARTITIONS.name, context).code;
  }
}

const page = (topics: Described[], topicName: string, partitionIndex: number): Response => {
  return { throttleTimeMs: 0, topics, nextCursor: { topicName, partitionIndex } };
};

const unknown = (name: string, errorCode: number): Described => {
  return { errorCode, name, partitions: [], topicAuthorizedOperations: TOPIC_OPERATIONS };
};

function described(topic: TopicInfo, first: number, end: number): Described {
  const node = [NODE_ID];
  const partitions: Described['partitions'][number][] = [];
  for (let partitionIndex = first; partitionIndex < end; partitionIndex++) {
    partitions.push({
      ...{ errorCode: 0, partitionIndex, leaderId: NODE_ID, leaderEpoch: LEADER_EPOCH },
      ...{ replicaNodes: node, isrNodes: node, offlineReplicas: [] },
      ...{ eligibleLeaderReplicas: [], lastKnownElr: [] },
    });
  }
  return {
    ...{ errorCode: 0, name: topic.name, topicId: topic.id, isInternal: topic.internal },
    partitions,
    topicAuthorizedOperations: TOPIC_OPERATIONS,
  };
}
