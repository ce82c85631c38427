import type { TopicPartition } from '../log.ts';

/** The topic of committed offsets as clients see it in a transaction's partitions. */
export const OFFSETS_TOPIC = '__consumer_offsets';
/** Kafka's default of `offsets.topic.num.partitions`. */
const OFFSETS_PARTITIONS = 50;

/** Where Kafka would keep the offsets of a group: the id's hash as Java's `String.hashCode` makes it. */
export function offsetsPartitionOf(groupId: string): TopicPartition {
  let hash = 0;
  for (let i = 0; i < groupId.length; i++) hash = (Math.imul(hash, 31) + groupId.charCodeAt(i)) | 0;
  // Java's `Utils.abs`: the one number without a positive counterpart counts as 0.
  const positive = hash === -(2 ** 31) ? 0 : Math.abs(hash);
  return { topic: OFFSETS_TOPIC, partition: positive % OFFSETS_PARTITIONS };
}
