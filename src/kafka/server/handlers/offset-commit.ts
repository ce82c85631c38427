import type { GroupError, LogBroker, OffsetCommit } from '../../../log/mod.ts';
import { OFFSET_COMMIT } from '../../messages/offset-commit.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { groupCode } from '../group-errors.ts';
import { codeOf, handler } from '../handler.ts';

type Topic = RequestOf<typeof OFFSET_COMMIT>['topics'][number];
type Response = ResponseOf<typeof OFFSET_COMMIT>;

const NAMES_MISSING_GROUP_FROM = 9;
const TOPIC_IDS_FROM = 10;

/** A group's positions; each partition has an answer of its own. */
export const offsetCommit = handler(OFFSET_COMMIT, {
  handle: async (request, { broker, apiVersion }) => {
    const checked = request.topics.map(topic => checkTopic(broker, topic, apiVersion));
    const offsets = checked.flatMap(({ partitions }) => partitions.flatMap(({ offset }) => offset ?? []));
    const answers =
      offsets.length === 0
        ? []
        : await broker.groups.commitOffsets({
            groupId: request.groupId,
            memberId: request.memberId,
            groupInstanceId: request.groupInstanceId,
            generation: request.generationIdOrMemberEpoch,
            retentionMs: request.retentionTimeMs < 0 ? null : request.retentionTimeMs,
            offsets,
          });
    return answered(checked, offsets, answers, apiVersion);
  },
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
    })),
  }),
});

interface CheckedTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly {
    readonly partitionIndex: number;
    /** Null where the topic or the partition does not exist. */
    readonly offset: OffsetCommit | null;
    readonly errorCode: number;
  }[];
}

function checkTopic(broker: LogBroker, { name, topicId, partitions }: Topic, version: number): CheckedTopic {
  const byId = version >= TOPIC_IDS_FROM;
  const topic = byId ? broker.topicById(topicId) : broker.topicNamed(name);
  const unknown = byId && topic === undefined ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION';
  return {
    name,
    topicId,
    partitions: partitions.map(given => {
      const { partitionIndex } = given;
      if (topic === undefined || partitionIndex < 0 || partitionIndex >= topic.partitions) {
        return { partitionIndex, offset: null, errorCode: codeOf(unknown) };
      }
      return { partitionIndex, offset: offsetOf(topic.name, given), errorCode: 0 };
    }),
  };
}

/** An offset as groups take it. */
export function offsetOf(topic: string, given: Topic['partitions'][number]): OffsetCommit {
  return {
    topic,
    partition: given.partitionIndex,
    offset: given.committedOffset,
    leaderEpoch: given.committedLeaderEpoch,
    metadata: given.committedMetadata ?? '',
  };
}

function answered(
  checked: readonly CheckedTopic[],
  offsets: readonly OffsetCommit[],
  answers: readonly (GroupError | null)[],
  version: number,
): Response {
  const errors = new Map(offsets.map((offset, i) => [offset, answers[i] ?? null]));
  return {
    throttleTimeMs: 0,
    topics: checked.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex, offset, errorCode }) => ({
        partitionIndex,
        errorCode: offset === null ? errorCode : groupCode(inVersion(errors.get(offset) ?? null, version)),
      })),
    })),
  };
}

/** Older clients know a group that is gone as one that has another generation. */
function inVersion(error: GroupError | null, version: number): GroupError | null {
  return error === 'GROUP_ID_NOT_FOUND' && version < NAMES_MISSING_GROUP_FROM ? 'ILLEGAL_GENERATION' : error;
}
