import {
  type CommittedOffset,
  type GroupDescription,
  type GroupListing,
  type GroupMember,
  type GroupState,
  type LogAdmin,
  type OffsetToCommit,
  Refusal,
  type TopicPartition,
} from '../../log/mod.ts';
import {
  DELETE_GROUPS,
  DESCRIBE_GROUPS,
  LIST_GROUPS,
  OFFSET_COMMIT,
  OFFSET_DELETE,
  OFFSET_FETCH,
  type ReadResponse,
} from '../messages/mod.ts';
import { errorName, Reader } from '../protocol/mod.ts';
import type { Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { check, isKafka, mayRetry } from './failures.ts';

/** The last versions that name topics and ask for one group. */
const OFFSET_FETCH_VERSION_MAX = 7;
const OFFSET_COMMIT_VERSION_MAX = 9;
const STATES: readonly string[] = [
  'PreparingRebalance',
  'CompletingRebalance',
  'Stable',
  'Empty',
  'Dead',
] satisfies readonly GroupState[];

type GroupCalls = Pick<
  LogAdmin,
  'listGroups' | 'describeGroup' | 'committedOffsets' | 'commitOffsets' | 'deleteOffsets' | 'deleteGroup'
>;
type Member = ReadResponse<typeof DESCRIBE_GROUPS>['groups'][number]['members'][number];

/** Consumer groups of a cluster, as operators see and change them. */
export class ClusterGroups {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  calls(): GroupCalls {
    return {
      listGroups: () => this.#cluster.retrying('listing the groups', () => this.#list()),
      describeGroup: groupId => this.#describe(groupId),
      committedOffsets: groupId => this.#committed(groupId),
      commitOffsets: (groupId, offsets) => this.#commit(groupId, offsets),
      deleteOffsets: (groupId, at) => this.#deleteOffsets(groupId, at),
      deleteGroup: groupId => this.#delete(groupId),
    };
  }

  /** Every broker knows the groups that it coordinates. */
  async #list(): Promise<readonly GroupListing[]> {
    await this.#cluster.askBrokers();
    const found: GroupListing[] = [];
    for (const nodeId of this.#cluster.brokers.nodes.keys()) {
      const connection = await this.#cluster.brokers.node(nodeId);
      const answer = await connection.request(LIST_GROUPS, { statesFilter: [], typesFilter: [] });
      check(answer.errorCode);
      for (const { groupId, protocolType, groupState } of answer.groups) {
        found.push({ groupId, protocolType, state: stateOf(groupState) });
      }
    }
    return found.sort((a, b) => (a.groupId < b.groupId ? -1 : 1));
  }

  async #describe(groupId: string): Promise<GroupDescription | undefined> {
    return this.#atCoordinator(groupId, `describing the group ${groupId}`, async connection => {
      const question = { groups: [groupId], includeAuthorizedOperations: false };
      const [group] = (await connection.request(DESCRIBE_GROUPS, question)).groups;
      if (group === undefined || errorName(group.errorCode) === 'GROUP_ID_NOT_FOUND') return undefined;
      check(group.errorCode, group.errorMessage);
      if (group.groupState === 'Dead') return undefined;
      const { protocolType, protocolData: protocol } = group;
      const members = group.members.map(member => memberOf(member, protocolType));
      return { groupId, state: stateOf(group.groupState), protocolType, protocol, members };
    });
  }

  async #committed(groupId: string): Promise<readonly CommittedOffset[]> {
    return this.#atCoordinator(groupId, `asking where the group ${groupId} stands`, async connection => {
      const question = { groupId, topics: null, groups: [] };
      const options = { versionMax: OFFSET_FETCH_VERSION_MAX };
      const answer = await connection.request(OFFSET_FETCH, question, options);
      check(answer.errorCode);
      return answer.topics.flatMap(({ name, partitions }) =>
        partitions.flatMap(({ partitionIndex, committedOffset, metadata, errorCode }) => {
          check(errorCode);
          if (committedOffset < 0) return [];
          const at = { topic: name, partition: partitionIndex };
          return [{ ...at, offset: committedOffset, metadata: metadata ?? '' }];
        }),
      );
    });
  }

  async #commit(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
    const topics = byTopic(offsets, ({ partition, offset }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedMetadata: '',
    }));
    await this.#atCoordinator(groupId, `setting offsets of the group ${groupId}`, async connection => {
      const question = { groupId, memberId: '', topics };
      const options = { versionMax: OFFSET_COMMIT_VERSION_MAX };
      const answer = await connection.request(OFFSET_COMMIT, question, options);
      for (const { errorCode } of answer.topics.flatMap(topic => topic.partitions)) {
        // With members a commit from outside comes from a member that is not there.
        if (['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'].includes(errorName(errorCode))) {
          throw new Refusal('NON_EMPTY_GROUP', `the group ${groupId} has members: stop them first`);
        }
        check(errorCode);
      }
    });
  }

  async #deleteOffsets(groupId: string, at: readonly TopicPartition[]): Promise<void> {
    const topics = byTopic(at, ({ partition }) => ({ partitionIndex: partition }));
    await this.#atCoordinator(groupId, `deleting offsets of the group ${groupId}`, async connection => {
      const answer = await connection.request(OFFSET_DELETE, { groupId, topics });
      check(answer.errorCode);
      for (const { errorCode } of answer.topics.flatMap(topic => topic.partitions)) check(errorCode);
    });
  }

  async #delete(groupId: string): Promise<void> {
    await this.#atCoordinator(groupId, `deleting the group ${groupId}`, async connection => {
      const [result] = (await connection.request(DELETE_GROUPS, { groupsNames: [groupId] })).results;
      check(result?.errorCode ?? 0);
    });
  }

  async #atCoordinator<T>(
    groupId: string,
    doing: string,
    ask: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    return this.#cluster.retrying(doing, async () => {
      try {
        const node = await this.#cluster.coordinator('group', groupId);
        return await ask(await this.#cluster.brokers.node(node));
      } catch (error) {
        if (mayRetry(error)) this.#cluster.forgetCoordinator('group', groupId);
        if (isKafka(error, 'NON_EMPTY_GROUP')) {
          throw new Refusal('NON_EMPTY_GROUP', `the group ${groupId} has members: stop them first`);
        }
        if (isKafka(error, 'GROUP_ID_NOT_FOUND')) {
          throw new Refusal('GROUP_ID_NOT_FOUND', `there is no group ${groupId}`);
        }
        if (isKafka(error, 'GROUP_SUBSCRIBED_TO_TOPIC')) {
          throw new Refusal('GROUP_SUBSCRIBED_TO_TOPIC', `the group ${groupId} reads the topic now`);
        }
        throw error;
      }
    });
  }
}

const stateOf = (state: string): GroupState => (STATES.includes(state) ? (state as GroupState) : 'Unknown');

function memberOf(member: Member, protocolType: string): GroupMember {
  const { memberId, groupInstanceId, clientId, clientHost, memberAssignment } = member;
  const assignment = protocolType === 'consumer' ? assignmentOf(memberAssignment) : [];
  return { memberId, groupInstanceId, clientId, clientHost, assignment };
}

/** ConsumerProtocolAssignment, of which all versions begin alike: `version, topics (name, partitions)`. */
function assignmentOf(bytes: Uint8Array): readonly TopicPartition[] {
  if (bytes.length < 6) return [];
  const reader = new Reader(bytes);
  reader.int16();
  const assigned: TopicPartition[] = [];
  for (let topics = reader.arrayLength(6); topics > 0; topics--) {
    const topic = reader.string();
    for (let count = reader.arrayLength(4); count > 0; count--) {
      assigned.push({ topic, partition: reader.int32() });
    }
  }
  return assigned;
}

function byTopic<A extends TopicPartition, P>(
  all: readonly A[],
  partitionOf: (one: A) => P,
): readonly { readonly name: string; readonly partitions: readonly P[] }[] {
  const topics = new Map<string, P[]>();
  for (const one of all) topics.set(one.topic, [...(topics.get(one.topic) ?? []), partitionOf(one)]);
  return Array.from(topics, ([name, partitions]) => ({ name, partitions }));
}
