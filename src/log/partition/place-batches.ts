import { type EncodedBatch, placeBatch } from '../codec/mod.ts';
import type { PlacedBatch } from './append-queue.ts';

/** Who appends, and what: data, or the marker that ends a transaction. */
export interface AppendRole {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
  readonly marker: 'commit' | 'abort' | null;
  /** Of a marker. */
  readonly coordinatorEpoch?: number;
}

/** Give the batches their offsets, from `baseOffset` on. */
export function placeBatches(
  batches: readonly EncodedBatch[],
  role: AppendRole,
  baseOffset: number,
): PlacedBatch[] {
  let nextOffset = baseOffset;
  let { baseSequence } = role;
  return batches.map(batch => {
    const from = nextOffset;
    placeBatch(batch.bytes, 0, from);
    nextOffset += batch.recordCount;
    const sizeBytes = batch.sizeBytes ?? batch.bytes.length;
    const placed = {
      ...role,
      ...batch,
      sizeBytes,
      baseSequence,
      baseOffset: from,
      lastOffset: nextOffset - 1,
    };
    if (role.transactional) baseSequence = (baseSequence + batch.recordCount) % 2 ** 31;
    return placed;
  });
}
