import type { GroupOffsets } from './committed.ts';
import type { GroupMetadata } from './group-state.ts';
import { memberError } from './member.ts';
import type { FetchedOffset, FetchedTopic, GroupError, MemberRequest, TopicPartitions } from './messages.ts';

/**
 * Why a group does not take a commit; null where it does. Without generation, member and instance it comes
 * from a tool or from a consumer that takes no part in rebalances: fine as long as nobody else does. The
 * members of transactions were not asked for who they are in older versions.
 */
export function commitError(
  group: GroupMetadata,
  request: MemberRequest,
  isTransactional: boolean,
): GroupError | null {
  const { generation, memberId, groupInstanceId } = request;
  if (generation < 0 && group.state === 'Empty') return null;
  if (generation >= 0 || memberId !== '' || groupInstanceId !== null) {
    const error = memberError(group, memberId, groupInstanceId);
    if (error !== null) return error;
    if (generation !== group.generation) return 'ILLEGAL_GENERATION';
  } else if (!isTransactional && group.state !== 'Empty') {
    return 'UNKNOWN_MEMBER_ID';
  }
  return !isTransactional && group.state === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : null;
}

/** Whose offsets may be deleted: of a group of other workers than consumers only when it has none. */
export function deleteOffsetsError(group: GroupMetadata): GroupError | null {
  return group.state === 'Empty' || group.protocolType === 'consumer' ? null : 'NON_EMPTY_GROUP';
}

/** What a group has committed, for these topics or all. */
export function fetched(
  offsets: GroupOffsets | undefined,
  topics: readonly TopicPartitions[] | null,
  requireStable: boolean,
): FetchedTopic[] {
  const asked: Iterable<readonly [string, Iterable<number>]> =
    topics === null
      ? Array.from(offsets?.committed.topics() ?? [], ([topic, partitions]) => [topic, partitions.keys()])
      : topics.map(({ topic, partitions }) => [topic, partitions]);
  return Array.from(asked, ([topic, partitions]) => ({
    topic,
    partitions: Array.from(partitions, partition => fetchedOne(offsets, topic, partition, requireStable)),
  }));
}

function fetchedOne(
  offsets: GroupOffsets | undefined,
  topic: string,
  partition: number,
  requireStable: boolean,
): FetchedOffset {
  const none = { partition, offset: -1, leaderEpoch: -1, metadata: '', error: null };
  if (offsets === undefined) return none;
  if (requireStable && offsets.isPending(topic, partition)) {
    return { ...none, error: 'UNSTABLE_OFFSET_COMMIT' };
  }
  const found = offsets.committed.get(topic, partition);
  if (found === undefined) return none;
  const { offset, leaderEpoch, metadata } = found;
  return { partition, offset, leaderEpoch, metadata, error: null };
}

/** An offset that is too old to be kept. */
export interface ExpiredOffset {
  readonly topic: string;
  readonly partition: number;
}

/**
 * The offsets of a group that nobody needs any more (KIP-211): of an empty group, since it became empty; of a
 * simple consumer's, or of topics that a stable group does not read, since they were committed.
 */
export function expiredOffsets(
  group: GroupMetadata,
  offsets: GroupOffsets,
  nowMs: number,
  retentionMs: number,
): ExpiredOffset[] {
  const isSimple = group.protocolType === null;
  const isEmpty = group.state === 'Empty';
  if (!isSimple && !isEmpty && (group.state !== 'Stable' || group.subscribed === null)) return [];
  const expired: ExpiredOffset[] = [];
  for (const [topic, partition, value] of offsets.committed.entries()) {
    if (group.isSubscribedTo(topic) || offsets.isPending(topic, partition)) continue;
    const sinceMs = !isSimple && isEmpty ? group.stateSinceMs : value.committedMs;
    const isOver = value.expiresMs === null ? nowMs - sinceMs >= retentionMs : nowMs >= value.expiresMs;
    if (isOver) expired.push({ topic, partition });
  }
  return expired;
}
