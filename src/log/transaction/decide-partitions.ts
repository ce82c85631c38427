import type { TopicPartition } from '../log.ts';
import {
  concurrent,
  type Decision,
  fenced,
  isPrepared,
  otherProducer,
  partitionKey,
  refuse,
  type TransactionEntry,
  type TransactionVersion,
} from './metadata.ts';
import { withPartitions } from './transitions.ts';

/** Who speaks of which partitions. */
export interface PartitionsRequest {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly partitions: readonly TopicPartition[];
}

/** AddPartitionsToTxn, AddOffsetsToTxn, and the first record of version 2. */
export function decideAdd(
  { metadata, pending }: TransactionEntry,
  { producerId, producerEpoch, partitions }: PartitionsRequest,
  version: TransactionVersion,
  nowMs: number,
): Decision {
  if (metadata.producerId !== producerId) return otherProducer(metadata, producerId);
  if (metadata.producerEpoch !== producerEpoch) return fenced(metadata, producerEpoch);
  if (pending !== null || isPrepared(metadata.state)) return concurrent(metadata);
  const areThere = partitions.every(at => metadata.partitions.has(partitionKey(at)));
  if (metadata.state === 'Ongoing' && areThere) return { kind: 'answer', producerId, producerEpoch };
  return { kind: 'store', next: withPartitions(metadata, partitions, version, nowMs) };
}

/**
 * May this producer's open transaction hold a record of the partition? Refused while the end is being stored,
 * too: a record that comes behind the markers would open a transaction that nobody ends.
 */
export function decideVerify(
  { metadata, pending }: TransactionEntry,
  { producerId, producerEpoch }: Omit<PartitionsRequest, 'partitions'>,
  at: TopicPartition,
): Decision {
  if (metadata.producerId !== producerId) return otherProducer(metadata, producerId);
  if (metadata.producerEpoch !== producerEpoch) return fenced(metadata, producerEpoch);
  if (isPrepared(metadata.state) || (pending !== null && isPrepared(pending))) return concurrent(metadata);
  if (metadata.partitions.has(partitionKey(at))) return { kind: 'answer', producerId, producerEpoch };
  return refuse(
    'TRANSACTION_ABORTABLE',
    `${at.topic}-${at.partition} is not part of the transaction of ${metadata.transactionalId}`,
  );
}
