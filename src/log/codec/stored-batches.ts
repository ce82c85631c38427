import { batchSizeAt, readBatchHeader } from './batch-header.ts';
import { readInt16 } from './integers.ts';
import * as at from './layout.ts';

/** Kafka's compression types by their number in a batch's attributes. */
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const COMPRESSION_BITS = 0b111;
const LOG_APPEND_TIME_BIT = 0b1000;

/** How a batch is stored: what tools show beside its records. */
export interface StoredBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly recordCount: number;
  /** Its head included, compressed where it is. */
  readonly sizeBytes: number;
  readonly compression: (typeof COMPRESSIONS)[number] | 'unknown';
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
    const { baseOffset, lastOffset, recordCount } = readBatchHeader(bytes, start);
    const attributes = readInt16(bytes, start + at.ATTRIBUTES_AT);
    batches.push({
      ...{ baseOffset, lastOffset, recordCount, sizeBytes },
      compression: COMPRESSIONS[attributes & COMPRESSION_BITS] ?? 'unknown',
      logAppendTime: (attributes & LOG_APPEND_TIME_BIT) !== 0,
    });
    start += sizeBytes;
  }
}
