import { batchSizeAt, compressionOf, lastOffsetAt, sealBatch } from './batch-header.ts';
import { COMPRESSIONS, type CompressionName, compress, decompress } from './compression.ts';
import { readInt16, writeInt16, writeInt32 } from './integers.ts';
import * as at from './layout.ts';

/** The records of the batch at `start`, decompressed where they are compressed. */
export function recordsOf(bytes: Uint8Array, start: number): Uint8Array {
  const end = start + batchSizeAt(bytes, start);
  const records = bytes.subarray(start + at.BATCH_HEADER_BYTES, end);
  return decompress(compressionOf(readInt16(bytes, start + at.ATTRIBUTES_AT)), records);
}

/** What a read brought, as far as it is without compression now. */
interface Plain {
  readonly bytes: Uint8Array;
  readonly nextOffset: number;
}

/**
 * A read whose batches are not compressed, for those who look for records in one memory: the read itself
 * where none is, else a copy. It ends before the batch behind which it would exceed `bytesMax`, but not
 * before the first: `nextOffset` says where the next read goes on.
 */
export function plainRead(read: Plain, bytesMax: number): Plain {
  const { bytes } = read;
  if (!hasCompressed(bytes)) return read;
  const batches: Uint8Array[] = [];
  let [total, nextOffset] = [0, 0];
  for (let start = 0; start < bytes.length; start += batchSizeAt(bytes, start)) {
    const batch = plainBatchAt(bytes, start);
    if (total > 0 && total + batch.length > bytesMax) return { bytes: Buffer.concat(batches), nextOffset };
    batches.push(batch);
    total += batch.length;
    nextOffset = lastOffsetAt(bytes, start) + 1;
  }
  return { bytes: Buffer.concat(batches), nextOffset: read.nextOffset };
}

function hasCompressed(bytes: Uint8Array): boolean {
  for (let start = 0, size = 0; start < bytes.length; start += size) {
    size = batchSizeAt(bytes, start);
    // Whoever decodes the bytes says what is wrong with them.
    if (size < 0 || start + size > bytes.length) return false;
    if ((readInt16(bytes, start + at.ATTRIBUTES_AT) & at.COMPRESSION_MASK) !== 0) return true;
  }
  return false;
}

/** A batch without compression: itself where it has none. */
export function plainBatch(batch: Uint8Array): Uint8Array {
  return plainBatchAt(batch, 0);
}

function plainBatchAt(bytes: Uint8Array, start: number): Uint8Array {
  const attributes = readInt16(bytes, start + at.ATTRIBUTES_AT);
  const stored = bytes.subarray(start, start + batchSizeAt(bytes, start));
  if ((attributes & at.COMPRESSION_MASK) === 0) return stored;
  return withRecords(stored, recordsOf(bytes, start), attributes & ~at.COMPRESSION_MASK);
}

/** A batch without compression as one with it. */
export function withCompression(batch: Uint8Array, codec: CompressionName, level?: number): Uint8Array {
  if (codec === 'none') return batch;
  const attributes = readInt16(batch, at.ATTRIBUTES_AT) | COMPRESSIONS.indexOf(codec);
  return withRecords(batch, compress(codec, batch.subarray(at.BATCH_HEADER_BYTES), level), attributes);
}

/** The batch with its records as `records` and other attributes. */
function withRecords(batch: Uint8Array, records: Uint8Array, attributes: number): Uint8Array {
  const made = new Uint8Array(at.BATCH_HEADER_BYTES + records.length);
  made.set(batch.subarray(0, at.BATCH_HEADER_BYTES));
  made.set(records, at.BATCH_HEADER_BYTES);
  writeInt32(made, at.BATCH_LENGTH_AT, made.length - at.LENGTH_PREFIX_BYTES);
  writeInt16(made, at.ATTRIBUTES_AT, attributes);
  sealBatch(made, 0, made.length);
  return made;
}
