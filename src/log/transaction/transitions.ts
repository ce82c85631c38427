import { assert } from '../../core/mod.ts';
import type { TopicPartition } from '../log.ts';
import {
  type Decision,
  EPOCH_MAX,
  isPrepared,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  partitionKey,
  type TransactionMetadata,
  type TransactionVersion,
} from './metadata.ts';

/** Begin a transaction with these partitions, or add them to the one that is open. */
export function withPartitions(
  metadata: TransactionMetadata,
  added: readonly TopicPartition[],
  version: TransactionVersion,
  nowMs: number,
): TransactionMetadata {
  const isOpen = metadata.state === 'Ongoing';
  const partitions = new Map(isOpen ? metadata.partitions : []);
  for (const at of added) partitions.set(partitionKey(at), { topic: at.topic, partition: at.partition });
  return {
    ...metadata,
    state: 'Ongoing',
    previousProducerId: metadata.producerId,
    partitions,
    startMs: isOpen ? metadata.startMs : nowMs,
    lastUpdateMs: nowMs,
    version,
  };
}

/**
 * The decision to end, which is the commit point once it is stored. Clients of version 2 get a new epoch with
 * it, so that whatever they sent before and arrives later is refused; `nextProducerId` where the epochs are used
 * up.
 */
export function prepared(
  metadata: TransactionMetadata,
  state: 'PrepareCommit' | 'PrepareAbort',
  version: TransactionVersion,
  nextProducerId: number,
  nowMs: number,
): TransactionMetadata {
  const { producerEpoch } = metadata;
  const bumped = Math.min(producerEpoch + 1, EPOCH_MAX);
  const isBegun = metadata.state === 'Ongoing';
  return {
    ...metadata,
    state,
    previousProducerId: metadata.producerId,
    nextProducerId,
    ...(version === 2 ? { producerEpoch: bumped, lastProducerEpoch: producerEpoch } : {}),
    // One of version 2 may abort without having begun anything.
    startMs: isBegun ? metadata.startMs : nowMs,
    lastUpdateMs: nowMs,
    version,
  };
}

/** All markers are written. */
export function completed(metadata: TransactionMetadata, nowMs: number): TransactionMetadata {
  assert(isPrepared(metadata.state), 'only what was prepared can be completed');
  const { nextProducerId } = metadata;
  const isRotated = metadata.version === 2 && nextProducerId !== NO_PRODUCER_ID;
  return {
    ...metadata,
    state: metadata.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    previousProducerId: metadata.producerId,
    ...(isRotated ? { producerId: nextProducerId, producerEpoch: 0 } : {}),
    nextProducerId: NO_PRODUCER_ID,
    partitions: new Map(),
    lastUpdateMs: nowMs,
    fenceFailed: false,
  };
}

/**
 * Abort an open transaction over its producer's head (a newer one begins, or the time is up). Nobody is ever
 * told the epoch it gets. Where it can't be stored the epoch stays bumped in memory, so that the producer is
 * fenced all the same.
 */
export function fence(metadata: TransactionMetadata, nowMs: number): Decision {
  assert(metadata.state === 'Ongoing', 'only an open transaction is fenced');
  const { producerEpoch, fenceFailed } = metadata;
  const bumped = fenceFailed ? producerEpoch : Math.min(producerEpoch + 1, EPOCH_MAX);
  const fenced = { ...metadata, producerEpoch: bumped, lastProducerEpoch: NO_PRODUCER_EPOCH };
  const next = prepared(fenced, 'PrepareAbort', 2, NO_PRODUCER_ID, nowMs);
  return { kind: 'store', next, onFailure: { ...fenced, fenceFailed: true } };
}
