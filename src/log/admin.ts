import type { TopicPartition } from './log.ts';

/**
 * What operators ask of a log beside reading and appending: topics with everything about them, sizes,
 * settings, consumer groups. One contract for the embedded log and a real cluster, in Kafka's words; what an
 * implementation cannot tell is null, never a guess.
 */
export interface LogAdmin {
  cluster(): Promise<ClusterDescription>;
  /** Every topic, the internal ones too, by name. */
  listTopics(): Promise<readonly TopicListing[]>;
  /**
   * Every setting of each of these topics, defaults included, by name; of those only that are there. With
   * `documentation` of what each does where that is asked for.
   */
  describeConfigs(
    topics: readonly string[],
    options?: { readonly documentation: boolean },
  ): Promise<ReadonlyMap<string, readonly ConfigEntry[]>>;
  /**
   * Change settings of a topic at once or not at all: text values as Kafka's, null gives one back to its
   * default. TOPIC_INVALID names the setting that is unknown or whose value does not fit.
   */
  alterConfig(topic: string, changes: ConfigChanges): Promise<void>;
  /** Raise the number of partitions to `total`. TOPIC_INVALID where that is no more than there are. */
  createPartitions(topic: string, total: number): Promise<void>;
  /** Delete what lies below `before`; answers the new start. OFFSET_OUT_OF_RANGE beyond the end. */
  deleteRecords(at: TopicPartition, before: number): Promise<number>;
  /** Bytes on disk of each partition by topic, indexed by partition; without topics where it is not known. */
  sizes(): Promise<ReadonlyMap<string, readonly number[]>>;
  /** What went in and out of each topic since start; null where nobody counts it. */
  traffic(): Promise<ReadonlyMap<string, TopicTraffic> | null>;
  /** Every consumer group, by id. */
  listGroups(): Promise<readonly GroupListing[]>;
  /** undefined where there is no such group. */
  describeGroup(groupId: string): Promise<GroupDescription | undefined>;
  /** Where a group stands; empty where it never committed. */
  committedOffsets(groupId: string): Promise<readonly CommittedOffset[]>;
  /**
   * Set offsets from outside; a group that is not there is made. Refused with NON_EMPTY_GROUP while it has
   * members.
   */
  commitOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void>;
  /** Forget where a group stands in some partitions; refused with GROUP_SUBSCRIBED_TO_TOPIC while used. */
  deleteOffsets(groupId: string, at: readonly TopicPartition[]): Promise<void>;
  /** Refused with NON_EMPTY_GROUP while it has members, with GROUP_ID_NOT_FOUND where there is none. */
  deleteGroup(groupId: string): Promise<void>;
}

export interface ClusterDescription {
  readonly clusterId: string;
  /** The broker that answers for topics and groups; -1 where none does now. */
  readonly controllerId: number;
  readonly brokers: readonly {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
  }[];
}

export interface TopicListing {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** True for topics of the log's own, e.g. `__consumer_offsets`. */
  readonly internal: boolean;
}

export type ConfigChanges = Readonly<Record<string, string | null>>;

/** Where a setting got its value, in the words of DescribeConfigs. */
export type ConfigSource =
  | 'DYNAMIC_TOPIC_CONFIG'
  | 'DYNAMIC_BROKER_CONFIG'
  | 'DYNAMIC_DEFAULT_BROKER_CONFIG'
  | 'STATIC_BROKER_CONFIG'
  | 'DEFAULT_CONFIG'
  | 'UNKNOWN';

/** One setting of a topic. */
export interface ConfigEntry {
  readonly name: string;
  /** As text, in Kafka's form; null where it is secret. */
  readonly value: string | null;
  readonly source: ConfigSource;
  readonly readOnly: boolean;
  readonly type: 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';
  /** What it does, for people; null where the log does not say. */
  readonly documentation: string | null;
}

/** Counters since start. */
export interface TopicTraffic {
  readonly recordsAppended: number;
  readonly bytesAppended: number;
  readonly recordsRead: number;
  readonly bytesRead: number;
}

/** The states of a classic group, in the words of ListGroups. */
export type GroupState =
  | 'PreparingRebalance'
  | 'CompletingRebalance'
  | 'Stable'
  | 'Empty'
  | 'Dead'
  | 'Unknown';

export interface GroupListing {
  readonly groupId: string;
  readonly state: GroupState;
  /** `consumer` for consumers, `connect` for Connect's workers, empty for groups that only store offsets. */
  readonly protocolType: string;
}

export interface GroupDescription extends GroupListing {
  /** The chosen assignor, e.g. `range`; empty while there is none. */
  readonly protocol: string;
  readonly members: readonly GroupMember[];
}

export interface GroupMember {
  readonly memberId: string;
  /** Of a static member. */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Empty for members of groups that are no consumers. */
  readonly assignment: readonly TopicPartition[];
}

export interface CommittedOffset extends TopicPartition {
  readonly offset: number;
  readonly metadata: string;
}

export type OffsetToCommit = TopicPartition & { readonly offset: number };
