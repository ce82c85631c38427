import { type EncodedBatch, placeBatch } from '../codec/mod.ts';
import type { PlacedBatch } from './append-queue.ts';
import { type AppliedBatch, entryAfter, type ProducerEntry } from './producer-entry.ts';

/** Who appends, and what: data, or the marker that ends a transaction. */
export interface AppendRole {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
  readonly marker: 'commit' | 'abort' | null;
}

/**
 * Give the batches their offsets, from `baseOffset` on. `entry` says where their producer stands before them.
 */
export function placeBatches(
  batches: readonly EncodedBatch[],
  role: AppendRole,
  baseOffset: number,
  entry: ProducerEntry | undefined,
  nowMs: number,
): PlacedBatch[] {
  let nextOffset = baseOffset;
  let { baseSequence } = role;
  let last = entry;
  return batches.map(batch => {
    const from = nextOffset;
    placeBatch(batch.bytes, 0, from);
    nextOffset += batch.recordCount;
    const applied: AppliedBatch = {
      baseOffset: from,
      lastOffset: nextOffset - 1,
      producerId: role.producerId,
      producerEpoch: role.producerEpoch,
      baseSequence,
      recordCount: batch.recordCount,
      maxTimestamp: batch.maxTimestamp,
      transactional: role.transactional,
      marker: role.marker,
    };
    const sizeBytes = batch.sizeBytes ?? batch.bytes.length;
    if (role.transactional) baseSequence = (baseSequence + batch.recordCount) % 2 ** 31;
    if (role.producerId < 0) return { ...applied, bytes: batch.bytes, sizeBytes };
    last = entryAfter(last, applied, nowMs);
    return { ...applied, bytes: batch.bytes, sizeBytes, entry: last };
  });
}
