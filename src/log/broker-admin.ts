import type { LogAdmin, TopicTraffic } from './admin.ts';
import type { LogBroker } from './broker.ts';
import { consumerAssignment } from './consumer-assignment.ts';
import type { GroupError, Groups, TopicPartitions } from './group/mod.ts';
import type { TopicPartition } from './log.ts';
import { Refusal } from './refusal.ts';

/** What the administration of the embedded log is made of. */
export interface BrokerAdminParts
  extends Pick<
    LogBroker,
    'allTopics' | 'describeTopicConfig' | 'alterTopicConfig' | 'createPartitions' | 'deleteRecords' | 'sizeOf'
  > {
  readonly clusterId: string;
  readonly groups: Groups;
  readonly traffic: () => ReadonlyMap<string, TopicTraffic>;
}

/** The embedded log for operators. It knows no listeners: who serves it to clients says where. */
export function brokerAdmin(parts: BrokerAdminParts): LogAdmin {
  return { ...topicAdmin(parts), ...groupAdmin(parts.groups) };
}

type GroupAdmin = Pick<
  LogAdmin,
  'listGroups' | 'describeGroup' | 'committedOffsets' | 'commitOffsets' | 'deleteOffsets' | 'deleteGroup'
>;

function topicAdmin(parts: BrokerAdminParts): Omit<LogAdmin, keyof GroupAdmin> {
  return {
    cluster: async () => ({ clusterId: parts.clusterId, controllerId: -1, brokers: [] }),
    listTopics: async () =>
      parts
        .allTopics()
        .map(({ name, partitions, internal }) => ({ name, partitions, internal, replicationFactor: 1 }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    describeConfigs: async names => {
      const there = new Set(parts.allTopics().map(({ name }) => name));
      const known = names.filter(name => there.has(name));
      return new Map(known.map(name => [name, parts.describeTopicConfig(name)] as const));
    },
    alterConfig: (topic, changes) =>
      parts.alterTopicConfig(
        topic,
        Object.entries(changes).map(([name, value]) => ({
          ...{ name, op: value === null ? ('delete' as const) : ('set' as const), value },
        })),
      ),
    createPartitions: (topic, total) => parts.createPartitions(topic, total),
    deleteRecords: (at, before) => parts.deleteRecords(at, before),
    sizes: async () =>
      new Map(
        parts
          .allTopics()
          .map(({ name, partitions }) => [
            name,
            Array.from({ length: partitions }, (_, partition) => parts.sizeOf({ topic: name, partition })),
          ]),
      ),
    traffic: async () => parts.traffic(),
  };
}

function groupAdmin(groups: Groups): GroupAdmin {
  return {
    listGroups: async () =>
      groups
        .list()
        .map(({ groupId, state, protocolType }) => ({ groupId, state, protocolType }))
        .sort((a, b) => (a.groupId < b.groupId ? -1 : 1)),
    describeGroup: async groupId => {
      const found = groups.describe(groupId);
      if (found === undefined) return undefined;
      const { state, protocolType, protocol } = found;
      const members = found.members.map(
        ({ memberId, groupInstanceId, clientId, clientHost, assignment }) => ({
          ...{ memberId, groupInstanceId, clientId, clientHost },
          assignment: protocolType === 'consumer' ? consumerAssignment(assignment) : [],
        }),
      );
      return { groupId, state, protocolType, protocol, members };
    },
    committedOffsets: async groupId =>
      groups
        .fetchOffsets(groupId, null, false)
        .flatMap(({ topic, partitions }) =>
          partitions.flatMap(({ partition, offset, metadata }) =>
            offset < 0 ? [] : [{ topic, partition, offset, metadata }],
          ),
        ),
    commitOffsets: async (groupId, offsets) => {
      refuseWhileUsed(groups, groupId);
      const noMember = { memberId: '', groupInstanceId: null, generation: -1, retentionMs: null };
      const errors = await groups.commitOffsets({
        ...{ groupId, ...noMember },
        offsets: offsets.map(at => ({ ...at, leaderEpoch: -1, metadata: '' })),
      });
      for (const error of errors) refuse(error, groupId);
    },
    deleteOffsets: async (groupId, at) => {
      const deleted = await groups.deleteOffsets(groupId, byTopic(at));
      refuse(deleted.error, groupId);
      for (const { partitions } of deleted.topics) for (const { error } of partitions) refuse(error, groupId);
    },
    deleteGroup: async groupId => refuse(await groups.delete(groupId), groupId),
  };
}

function refuseWhileUsed(groups: Groups, groupId: string): void {
  const members = groups.describe(groupId)?.members.length ?? 0;
  if (members > 0) refuse('NON_EMPTY_GROUP', groupId);
}

const MESSAGES: Partial<Readonly<Record<GroupError, string>>> = {
  NON_EMPTY_GROUP: 'has members, which would overwrite its offsets: stop its consumers first',
  GROUP_ID_NOT_FOUND: 'does not exist',
  GROUP_SUBSCRIBED_TO_TOPIC: 'has a member that reads the topic: stop its consumers first',
  COORDINATOR_NOT_AVAILABLE: 'can not be stored now: try again',
};

function refuse(error: GroupError | null, groupId: string): void {
  if (error === null) return;
  const why = error === 'UNKNOWN_MEMBER_ID' ? 'NON_EMPTY_GROUP' : error;
  throw new Refusal(why, `consumer group ${groupId} ${MESSAGES[why] ?? `was refused: ${why}`}`);
}

function byTopic(at: readonly TopicPartition[]): TopicPartitions[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of at) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }));
}
