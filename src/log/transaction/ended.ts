import type { TopicPartition } from '../log.ts';

/**
 * Where a transaction that was decided wrote. COMMIT and ABORT markers are not flushed on their own: until
 * one is known to be durable, this tells a start what became of the records before it.
 */
export interface EndedPart extends TopicPartition {
  readonly topicId: number;
  readonly producerId: number;
  /** Where the marker lies: behind all records of the transaction. */
  readonly markerOffset: number;
  readonly committed: boolean;
}

/** An open transaction as a partition's records show it. */
export interface OpenTransaction {
  readonly topicId: number;
  readonly partition: number;
  readonly producerId: number;
  readonly firstOffset: number;
}

/** The part whose marker was lost, if the records belong to a transaction that was decided. */
export function endedPartOf(parts: readonly EndedPart[], open: OpenTransaction): EndedPart | undefined {
  // In their order: the first that ends behind the first record.
  return parts.find(
    part =>
      part.topicId === open.topicId &&
      part.partition === open.partition &&
      part.producerId === open.producerId &&
      open.firstOffset < part.markerOffset,
  );
}

/** The parts whose markers a crash may still take. `durableOffset` tells how far its partition is flushed. */
export function stillNeeded(
  parts: readonly EndedPart[],
  durableOffset: (part: EndedPart) => number | undefined,
): readonly EndedPart[] {
  return parts.filter(part => {
    const end = durableOffset(part);
    return end !== undefined && end <= part.markerOffset;
  });
}
