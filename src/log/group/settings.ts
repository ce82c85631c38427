/** What bounds the groups. The comments name Kafka's setting, whose default each one has. */
export interface GroupSettings {
  /** `group.initial.rebalance.delay.ms`: how long an empty group waits for more members. */
  readonly initialRebalanceDelayMs: number;
  /** `group.min.session.timeout.ms` */
  readonly sessionTimeoutMsMin: number;
  /** `group.max.session.timeout.ms` */
  readonly sessionTimeoutMsMax: number;
  /** `group.max.size` */
  readonly membersMax: number;
  /** What members of all groups may have the log keep of them; Kafka sets no bound. */
  readonly memberBytesMax: number;
  /** `offset.metadata.max.bytes` */
  readonly offsetMetadataBytesMax: number;
  /** `offsets.retention.minutes`, in milliseconds */
  readonly offsetRetentionMs: number;
  /** `offsets.retention.check.interval.ms` */
  readonly retentionCheckIntervalMs: number;
}

/** How long the first join of a new member may wait: it can send no heartbeats before it is answered. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000;

export const DEFAULT_GROUP_SETTINGS: GroupSettings = {
  initialRebalanceDelayMs: 3_000,
  sessionTimeoutMsMin: 6_000,
  sessionTimeoutMsMax: 1_800_000,
  membersMax: 2 ** 31 - 1,
  memberBytesMax: 256 << 20,
  offsetMetadataBytesMax: 4_096,
  offsetRetentionMs: 7 * 24 * 3_600_000,
  retentionCheckIntervalMs: 600_000,
};
