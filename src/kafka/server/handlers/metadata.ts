import { type LogBroker, Refusal, type TopicInfo } from '../../../log/mod.ts';
import { METADATA } from '../../messages/metadata.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { ZERO_UUID } from '../../protocol/uuid.ts';
import { checkTopicName } from '../admin/config-resources.ts';
import { checkRoom } from '../admin/partition-room.ts';
import { CLUSTER_OPERATIONS, TOPIC_OPERATIONS } from '../authorized-operations.ts';
import { LEADER_EPOCH, NODE_ID, type RequestContext } from '../context.ts';
import { failureOf, handler } from '../handler.ts';

type Request = RequestOf<typeof METADATA>;
type Response = ResponseOf<typeof METADATA>;
type TopicResponse = Response['topics'][number];
type Asked = NonNullable<Request['topics']>[number];

const NOT_ASKED = -2147483648;
const TOPIC_IDS_FROM = 12;

/**
 * The one broker, under the address of the listener that the client came by, and topics with their
 * partitions.
 */
export const metadata = handler(METADATA, {
  handle: async (request, context) => {
    const { broker, apiVersion } = context;
    const isAll = request.topics === null || (apiVersion === 0 && request.topics.length === 0);
    const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : NOT_ASKED;
    const topics = isAll
      ? broker.allTopics().map(topic => described(topic, operations))
      : await findAll(request, operations, context);
    return {
      ...around(context),
      topics,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? CLUSTER_OPERATIONS
        : NOT_ASKED,
    };
  },
  refuse: (request, { code }, context) => ({
    ...around(context),
    topics: (request.topics ?? []).map(({ name, topicId }) => unknown(name, topicId, code, context)),
    errorCode: code,
  }),
});

function around({ broker, connection }: RequestContext) {
  const { advertisedHost, advertisedPort } = connection.listener;
  return {
    throttleTimeMs: 0,
    brokers: [{ nodeId: NODE_ID, host: advertisedHost, port: advertisedPort, rack: null }],
    clusterId: broker.clusterId,
    controllerId: NODE_ID,
  };
}

function described(topic: TopicInfo, topicAuthorizedOperations: number): TopicResponse {
  const node = [NODE_ID];
  return {
    ...{ errorCode: 0, name: topic.name, topicId: topic.id, isInternal: topic.internal },
    partitions: Array.from({ length: topic.partitions }, (_, partitionIndex) => ({
      ...{ errorCode: 0, partitionIndex, leaderId: NODE_ID, leaderEpoch: LEADER_EPOCH },
      ...{ replicaNodes: node, isrNodes: node, offlineReplicas: [] },
    })),
    topicAuthorizedOperations,
  };
}

function unknown(
  name: string | null,
  topicId: string,
  errorCode: number,
  { apiVersion }: RequestContext,
): TopicResponse {
  const known = apiVersion >= TOPIC_IDS_FROM ? name : (name ?? '');
  return { errorCode, name: known, topicId, isInternal: false, partitions: [] };
}

/**
 * One after the other, so that topics which are made count before the next one is; what is named again is not
 * told again, or a small request could ask for more than there is memory.
 */
async function findAll(
  request: Request,
  operations: number,
  context: RequestContext,
): Promise<readonly TopicResponse[]> {
  const asked = new Map((request.topics ?? []).map(one => [`${one.name}/${one.topicId}`, one]));
  const topics: TopicResponse[] = [];
  for (const one of asked.values()) topics.push(await find(one, request, operations, context));
  return topics;
}

async function find(
  asked: Asked,
  request: Request,
  operations: number,
  context: RequestContext,
): Promise<TopicResponse> {
  const { name, topicId } = asked;
  try {
    return described(await topicAsked(asked, request, context), operations);
  } catch (error) {
    return unknown(name, topicId, failureOf(error, METADATA.name, context).code, context);
  }
}

async function topicAsked(
  { name, topicId }: Asked,
  { allowAutoTopicCreation }: Request,
  context: RequestContext,
): Promise<TopicInfo> {
  const { broker, apiVersion, server } = context;
  const byId = topicId !== ZERO_UUID;
  if (apiVersion < TOPIC_IDS_FROM && (byId || name === null)) {
    throw new Refusal('INVALID_REQUEST', `version ${apiVersion} names topics by their names`);
  }
  const topic = byId || name === null ? broker.topicById(topicId) : broker.topicNamed(name);
  if (topic !== undefined) return topic;
  if (byId || name === null)
    throw new Refusal('UNKNOWN_TOPIC_ID', `there is no topic with the id ${topicId}`);
  if (allowAutoTopicCreation && server.settings.autoCreateTopics) {
    const { numPartitions } = server.settings;
    checkRoom(numPartitions, context);
    return createOrFind(broker, name, numPartitions);
  }
  checkTopicName(name);
  throw new Refusal('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
}

async function createOrFind(broker: LogBroker, name: string, partitions: number): Promise<TopicInfo> {
  try {
    return await broker.createTopicAs(name, partitions, {});
  } catch (error) {
    // Another client was quicker.
    const topic = broker.topicNamed(name);
    if (topic === undefined) throw error;
    return topic;
  }
}
