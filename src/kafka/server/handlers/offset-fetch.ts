import type { FetchedTopic, LogBroker, TopicPartitions } from '../../../log/mod.ts';
import { OFFSET_FETCH } from '../../messages/offset-fetch.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { ZERO_UUID } from '../../protocol/uuid.ts';
import { groupCode } from '../group-errors.ts';
import { codeOf, handler } from '../handler.ts';

type Request = RequestOf<typeof OFFSET_FETCH>;
type AskedGroup = Request['groups'][number];
type AskedTopic = NonNullable<AskedGroup['topics']>[number];
type GroupResponse = NonNullable<ResponseOf<typeof OFFSET_FETCH>['groups']>[number];

const BATCHED_FROM = 8;
const TOPIC_IDS_FROM = 10;

/** Where groups stand: one in old versions, several in newer ones. */
export const offsetFetch = handler(OFFSET_FETCH, {
  handle: (request, { broker, apiVersion }) => {
    const { requireStable } = request;
    if (apiVersion >= BATCHED_FROM) {
      const answer = apiVersion >= TOPIC_IDS_FROM ? byId : byName;
      const groups = eachOnce(request.groups).map(group => answer(broker, group, requireStable));
      return { throttleTimeMs: 0, groups };
    }
    const asked = { topics: request.topics, groupId: request.groupId };
    return { throttleTimeMs: 0, errorCode: 0, topics: fetchByName(broker, asked, requireStable) };
  },
  refuse: (request, { code }, { apiVersion }) =>
    apiVersion >= BATCHED_FROM
      ? {
          throttleTimeMs: 0,
          groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode: code })),
        }
      : { throttleTimeMs: 0, errorCode: code, topics: [] },
});

/** Without the groups of which everything is asked for again: that could be more than there is memory. */
function eachOnce(groups: readonly AskedGroup[]): readonly AskedGroup[] {
  const whole = new Set<string>();
  return groups.filter(({ groupId, topics }) => {
    if (topics !== null) return true;
    const isFirst = !whole.has(groupId);
    whole.add(groupId);
    return isFirst;
  });
}

interface AskedByName {
  readonly groupId: string;
  readonly topics: readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] | null;
}

function fetchByName({ groups }: LogBroker, { groupId, topics }: AskedByName, requireStable: boolean) {
  const asked = topics?.map(({ name, partitionIndexes }) => ({ topic: name, partitions: partitionIndexes }));
  return groups
    .fetchOffsets(groupId, asked ?? null, requireStable)
    .map(fetched => ({ name: fetched.topic, partitions: partitionsOf(fetched) }));
}

function byName(broker: LogBroker, group: AskedGroup, requireStable: boolean): GroupResponse {
  return { groupId: group.groupId, topics: fetchByName(broker, group, requireStable), errorCode: 0 };
}

/** Ids are names to the groups: a topic that is gone has no offsets either. */
function byId(broker: LogBroker, { groupId, topics }: AskedGroup, requireStable: boolean): GroupResponse {
  const { groups } = broker;
  if (topics !== null) {
    const answer = (asked: AskedTopic) => {
      const topic = broker.topicById(asked.topicId);
      if (topic === undefined) return unknownTopic(asked);
      const of: TopicPartitions = { topic: topic.name, partitions: asked.partitionIndexes };
      const [fetched] = groups.fetchOffsets(groupId, [of], requireStable);
      return { topicId: topic.id, partitions: partitionsOf(fetched!) };
    };
    return { groupId, topics: topics.map(answer), errorCode: 0 };
  }
  const all = groups.fetchOffsets(groupId, null, requireStable).map(fetched => ({
    topicId: broker.topicNamed(fetched.topic)?.id ?? ZERO_UUID,
    partitions: partitionsOf(fetched),
  }));
  return { groupId, topics: all.filter(({ topicId }) => topicId !== ZERO_UUID), errorCode: 0 };
}

function partitionsOf({ partitions }: FetchedTopic) {
  return partitions.map(({ partition, offset, leaderEpoch, metadata, error }) => ({
    partitionIndex: partition,
    committedOffset: offset,
    committedLeaderEpoch: leaderEpoch,
    metadata,
    errorCode: groupCode(error),
  }));
}

function unknownTopic({ topicId, partitionIndexes }: AskedTopic) {
  return {
    topicId,
    partitions: partitionIndexes.map(partitionIndex => ({
      partitionIndex,
      committedOffset: -1,
      committedLeaderEpoch: -1,
      metadata: '',
      errorCode: codeOf('UNKNOWN_TOPIC_ID'),
    })),
  };
}
