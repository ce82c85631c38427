import type { PartitionOffsets, TopicPartition } from '../../log/mod.ts';

/** Where the offsets of a group are set to. */
export type ResetTarget =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'shift'; readonly by: number }
  | { readonly kind: 'time'; readonly timestampMs: number };

/** One line of a plan. */
export interface PlannedOffset extends TopicPartition {
  /** Null where the group has not committed. */
  readonly before: number | null;
  readonly after: number;
  /** Records that will be read once more; below zero: that many will be passed over. */
  readonly again: number | null;
}

/**
 * Where a reset sets a partition: within what the partition has, as Kafka's own tool does. A time behind the
 * last record means the end (`atTime` is undefined then).
 */
export function plannedOffset(
  at: TopicPartition,
  before: number | null,
  to: ResetTarget,
  offsets: PartitionOffsets,
  atTime: number | undefined,
): PlannedOffset {
  const { logStartOffset: start, highWatermark: end } = offsets;
  const wanted = wantedOffset(to, before ?? start, start, end, atTime);
  const after = Math.min(end, Math.max(start, wanted));
  return { ...at, before, after, again: before === null ? null : before - after };
}

function wantedOffset(
  to: ResetTarget,
  current: number,
  start: number,
  end: number,
  atTime: number | undefined,
): number {
  switch (to.kind) {
    case 'earliest':
      return start;
    case 'latest':
      return end;
    case 'offset':
      return to.offset;
    case 'shift':
      return current + to.by;
    case 'time':
      return atTime ?? end;
  }
}
