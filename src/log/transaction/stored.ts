import type { TopicPartition } from '../log.ts';
import type { EndedPart } from './ended.ts';
import {
  type LastingState,
  partitionKey,
  type TransactionMetadata,
  type TransactionVersion,
} from './metadata.ts';

/** What `__transaction_state` holds of a client's transactional id: plain JSON. */
export interface StoredTransaction {
  readonly state: LastingState;
  readonly producerId: number;
  readonly previousProducerId: number;
  readonly nextProducerId: number;
  readonly producerEpoch: number;
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  /** Topic and partitions. */
  readonly partitions: readonly (readonly [string, readonly number[]])[];
  readonly startMs: number;
  readonly lastUpdateMs: number;
  readonly version: TransactionVersion;
  /** Topic, its id, partition, producer id, marker's offset, committed: see `EndedPart`. */
  readonly ended: readonly (readonly [string, number, number, number, number, boolean])[];
}

export function toStored(metadata: TransactionMetadata, ended: readonly EndedPart[]): StoredTransaction {
  const { transactionalId: _, partitions, ...rest } = metadata;
  return {
    ...rest,
    partitions: [...byTopic(partitions.values())],
    ended: ended.map(part => [
      part.topic,
      part.topicId,
      part.partition,
      part.producerId,
      part.markerOffset,
      part.committed,
    ]),
  };
}

export function fromStored(transactionalId: string, stored: StoredTransaction) {
  const { partitions, ended, ...rest } = stored;
  const all = partitions.flatMap(([topic, indexes]) => indexes.map(partition => ({ topic, partition })));
  const metadata: TransactionMetadata = {
    transactionalId,
    ...rest,
    partitions: new Map(all.map(at => [partitionKey(at), at])),
  };
  const parts = ended.map(
    ([topic, topicId, partition, producerId, markerOffset, committed]): EndedPart => ({
      topic,
      topicId,
      partition,
      producerId,
      markerOffset,
      committed,
    }),
  );
  return { metadata, ended: parts };
}

function byTopic(partitions: Iterable<TopicPartition>): Map<string, number[]> {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const known = topics.get(topic);
    if (known === undefined) topics.set(topic, [partition]);
    else known.push(partition);
  }
  return topics;
}
