/** What groups are asked and what they answer: the protocol's requests without their bytes. */

/** The protocol's names of what can be wrong; null in the place of one means nothing is. */
export type GroupError =
  | 'COORDINATOR_NOT_AVAILABLE'
  | 'FENCED_INSTANCE_ID'
  | 'GROUP_ID_NOT_FOUND'
  | 'GROUP_MAX_SIZE_REACHED'
  | 'GROUP_SUBSCRIBED_TO_TOPIC'
  | 'ILLEGAL_GENERATION'
  | 'INCONSISTENT_GROUP_PROTOCOL'
  | 'INVALID_GROUP_ID'
  | 'INVALID_SESSION_TIMEOUT'
  | 'MEMBER_ID_REQUIRED'
  | 'NON_EMPTY_GROUP'
  | 'NOT_COORDINATOR'
  | 'OFFSET_METADATA_TOO_LARGE'
  | 'REBALANCE_IN_PROGRESS'
  | 'UNKNOWN_MEMBER_ID'
  | 'UNSTABLE_OFFSET_COMMIT';

export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

/** One way to share out the work that a member can follow, e.g. `range`, with the member's subscription. */
export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface JoinRequest {
  readonly groupId: string;
  /** Empty for a member that has no id yet. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly GroupProtocol[];
  /** From version 4 on a new dynamic member is given its id first and joins with it (KIP-394). */
  readonly needsMemberId: boolean;
  /** From version 9 on a static leader that comes back may be told to keep the assignment (KIP-814). */
  readonly canSkipAssignment: boolean;
}

export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Uint8Array;
}

export interface JoinAnswer {
  readonly error: GroupError | null;
  /** -1 with an error */
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  /** All members for the leader, none for the others. */
  readonly members: readonly JoinedMember[];
}

/** What every request of a member carries. */
export interface MemberRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generation: number;
}

export interface SyncRequest extends MemberRequest {
  /** Null where the version has none: then they are not compared. */
  readonly protocolType: string | null;
  readonly protocol: string | null;
  /** By member; the leader's alone counts. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[];
}

export interface SyncAnswer {
  readonly error: GroupError | null;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Uint8Array;
}

/** A member to be removed: by its id, or a static one by its instance alone. */
export interface LeavingMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface LeaveAnswer {
  readonly error: GroupError | null;
  /** In the order of the request. */
  readonly members: readonly (LeavingMember & { readonly error: GroupError | null })[];
}

export interface OffsetCommit {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** -1 where unknown */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** `generation` -1 and no member: a consumer that takes no part in the group's rebalances, or a tool. */
export interface CommitRequest extends MemberRequest {
  readonly offsets: readonly OffsetCommit[];
  /** Versions 2 to 4 may say how long to keep the offsets; null for the broker's setting. */
  readonly retentionMs: number | null;
}

export interface TransactionalCommitRequest extends MemberRequest {
  readonly producerId: number;
  readonly offsets: readonly OffsetCommit[];
}

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface FetchedOffset {
  readonly partition: number;
  /** -1 where nothing is committed. */
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly error: GroupError | null;
}

export interface FetchedTopic {
  readonly topic: string;
  readonly partitions: readonly FetchedOffset[];
}

export interface DeletedOffsets {
  readonly error: GroupError | null;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly error: GroupError | null }[];
  }[];
}

export interface ListedGroup {
  readonly groupId: string;
  readonly protocolType: string;
  readonly state: ClassicGroupState;
  /** All groups are of the classic protocol. */
  readonly type: 'classic';
}

export interface DescribedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly metadata: Uint8Array;
  readonly assignment: Uint8Array;
}

export interface DescribedGroup {
  readonly groupId: string;
  readonly state: ClassicGroupState;
  readonly protocolType: string;
  /** The protocol that was chosen; empty unless the group is stable, as are members' bytes. */
  readonly protocol: string;
  readonly members: readonly DescribedMember[];
}

/**
 * The consumer groups of a log. What clients did wrong comes back as `GroupError`; a storage that does not
 * take the change is COORDINATOR_NOT_AVAILABLE, so that clients try again.
 */
export interface Groups {
  /** Waits until the group's members are known. */
  join(request: JoinRequest): Promise<JoinAnswer>;
  /** Waits until the leader's assignment is stored. */
  sync(request: SyncRequest): Promise<SyncAnswer>;
  heartbeat(request: MemberRequest): GroupError | null;
  leave(groupId: string, members: readonly LeavingMember[]): Promise<LeaveAnswer>;
  /** Resolves when the offsets are durable; one answer for each, in their order. */
  commitOffsets(request: CommitRequest): Promise<readonly (GroupError | null)[]>;
  /**
   * As `commitOffsets`, for a transaction: nobody sees the offsets before `completeTransaction`. Whether the
   * producer may is for the caller to know.
   */
  commitTransactionalOffsets(request: TransactionalCommitRequest): Promise<readonly (GroupError | null)[]>;
  /**
   * The transaction of this producer has ended: its offsets count now, or are forgotten. Durable when it
   * resolves; without pending offsets it does nothing, so that it may be called again after a crash.
   */
  completeTransaction(producerId: number, committed: boolean): Promise<void>;
  /** What is committed, for the asked partitions or (null) for all that have an offset. */
  fetchOffsets(
    groupId: string,
    topics: readonly TopicPartitions[] | null,
    requireStable: boolean,
  ): readonly FetchedTopic[];
  deleteOffsets(groupId: string, topics: readonly TopicPartitions[]): Promise<DeletedOffsets>;
  list(): readonly ListedGroup[];
  /** undefined where there is no such group. */
  describe(groupId: string): DescribedGroup | undefined;
  delete(groupId: string): Promise<GroupError | null>;
  /** A topic was deleted: nobody's offsets of it are kept. */
  forgetTopic(topic: string): Promise<void>;
}
