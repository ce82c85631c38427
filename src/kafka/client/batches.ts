import type { EncodedBatch } from '../../log/mod.ts';
import type { Compression } from './settings.ts';

/**
 * Whole stored batches as they are to be read: in memory of their own, or in the memory that is given where
 * it has room.
 */
export async function plainBatches(stored: Uint8Array, into?: Uint8Array): Promise<Uint8Array> {
  if (into === undefined || stored.length > into.length) return new Uint8Array(stored);
  into.set(stored);
  return into.subarray(0, stored.length);
}

/** A batch with its records compressed. */
export function compressed(batch: EncodedBatch, _compression: Exclude<Compression, 'none'>): EncodedBatch {
  return batch;
}
