import { assert } from '../../core/mod.ts';
import type { TopicPartition } from '../log.ts';
import {
  type Decision,
  EPOCH_MAX,
  isExhausted,
  isPrepared,
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
  };
}

/**
 * Abort an open transaction over its producer's head: a newer one begins, or the time is up. The epoch is
 * bumped whatever the producer speaks; one that goes on from its own epoch is given this one. `spare` is a
 * producer id of nobody, where one was asked for.
 */
export function fence(metadata: TransactionMetadata, nowMs: number, spare: number | null): Decision {
  assert(metadata.state === 'Ongoing', 'only an open transaction is fenced');
  const needsId = isExhausted(metadata.producerEpoch);
  if (needsId && spare === null) return { kind: 'producer-id' };
  const nextProducerId = needsId ? spare! : NO_PRODUCER_ID;
  return { kind: 'store', next: prepared(metadata, 'PrepareAbort', 2, nextProducerId, nowMs) };
}
