import type { CommittedOffset, GroupDescription, PartitionOffsets } from '../../log/mod.ts';

/** Where a group stands in a partition that it reads or has committed. */
export interface GroupPartitionView {
  readonly topic: string;
  readonly partition: number;
  /** Null where the group has not committed. */
  readonly committedOffset: number | null;
  readonly logStartOffset: number | null;
  readonly logEndOffset: number | null;
  /** Records between the committed offset and the end; null where one of them is not known. */
  readonly lag: number | null;
  readonly metadata: string;
  /** Who reads it now; null: nobody. */
  readonly memberId: string | null;
  readonly clientId: string | null;
}

/** A group with its members and its lag. */
export interface GroupView {
  readonly groupId: string;
  readonly state: string;
  readonly protocolType: string;
  readonly protocol: string;
  readonly members: GroupDescription['members'];
  readonly topics: readonly string[];
  /** Over the partitions where it is known; null where it is known of none. */
  readonly lag: number | null;
  readonly partitions: readonly GroupPartitionView[];
}

const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`;

/** The partitions a group has to do with: assigned ones and committed ones, each once. */
export function placesOf(
  group: GroupDescription,
  committed: readonly CommittedOffset[],
): readonly { readonly topic: string; readonly partition: number }[] {
  const assigned = group.members.flatMap(member => member.assignment);
  const places = new Map(
    [...assigned, ...committed].map(({ topic, partition }) => [
      placeOf(topic, partition),
      { topic, partition },
    ]),
  );
  return [...places.values()].sort((a, b) =>
    a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition,
  );
}

/**
 * Joins what a group says with where its partitions end. `endsOf` is undefined for a partition that is gone, null
 * where nobody tells now.
 */
export function groupView(
  group: GroupDescription,
  committed: readonly CommittedOffset[],
  endsOf: (topic: string, partition: number) => PartitionOffsets | null | undefined,
): GroupView {
  const offsets = new Map(committed.map(each => [placeOf(each.topic, each.partition), each]));
  const readers = new Map(
    group.members.flatMap(member =>
      member.assignment.map(({ topic, partition }) => [placeOf(topic, partition), member] as const),
    ),
  );
  const partitions = placesOf(group, committed).map(({ topic, partition }): GroupPartitionView => {
    const [stored, ends] = [offsets.get(placeOf(topic, partition)), endsOf(topic, partition)];
    const reader = readers.get(placeOf(topic, partition));
    return {
      ...{ topic, partition, committedOffset: stored?.offset ?? null },
      logStartOffset: ends?.logStartOffset ?? null,
      logEndOffset: ends?.highWatermark ?? null,
      lag: stored && ends ? lagOf(stored.offset, ends) : null,
      metadata: stored?.metadata ?? '',
      ...{ memberId: reader?.memberId ?? null, clientId: reader?.clientId ?? null },
    };
  });
  const known = partitions.flatMap(({ lag }) => (lag === null ? [] : [lag]));
  return {
    ...{ groupId: group.groupId, state: group.state },
    ...{ protocolType: group.protocolType, protocol: group.protocol, members: group.members },
    topics: [...new Set(partitions.map(({ topic }) => topic))],
    lag: known.length === 0 ? null : known.reduce((sum, lag) => sum + lag, 0),
    partitions,
  };
}

/** What is left to read: what was deleted before it was read can't be. */
function lagOf(committed: number, { logStartOffset, highWatermark }: PartitionOffsets): number {
  return Math.max(0, highWatermark - Math.max(committed, logStartOffset));
}
