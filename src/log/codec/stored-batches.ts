import { batchSizeAt, readBatchHeader } from './batch-header.ts';
import type { CompressionName } from './compression.ts';

/** How a batch is stored: what tools show beside its records. */
export interface StoredBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly recordCount: number;
  /** Its head included, compressed where it is. */
  readonly sizeBytes: number;
  readonly compression: CompressionName;
  /** True where the log set the timestamps. */
  readonly logAppendTime: boolean;
}

/** The batches of a read, back to back, as they are stored. */
export function storedBatches(bytes: Uint8Array): StoredBatch[] {
  const batches: StoredBatch[] = [];
  let start = 0;
  for (;;) {
    const sizeBytes = batchSizeAt(bytes, start);
    if (sizeBytes < 0 || start + sizeBytes > bytes.length) return batches;
    const { baseOffset, lastOffset, recordCount, compression, hasAppendTime } = readBatchHeader(bytes, start);
    const batch = { baseOffset, lastOffset, recordCount, sizeBytes };
    batches.push({ ...batch, compression, logAppendTime: hasAppendTime });
    start += sizeBytes;
  }
}
