import { crc32c } from '@node-rs/crc32';
import { MillraceError } from '../../core/mod.ts';
import { COMPRESSIONS, type CompressionName } from './compression.ts';
import { readInt16, readInt32, readInt64, readUint32, writeInt32, writeInt64 } from './integers.ts';
import * as at from './layout.ts';

/** The head of a stored batch. Offsets, timestamps and the producer id are exact integers. */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Offset of the last record; stays when compaction takes records out. */
  readonly lastOffset: number;
  /** Of the whole batch with its prefix. */
  readonly sizeBytes: number;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly compression: CompressionName;
  /** All records have the time of the append, which is `maxTimestamp`. */
  readonly hasAppendTime: boolean;
  /** From when on compaction may take marks of deleted keys out of it; null: it has not met them yet. */
  readonly deleteHorizonMs: number | null;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** Size of the batch that begins at `start`, or -1 when its length field is not there yet or impossible. */
export function batchSizeAt(bytes: Uint8Array, start: number): number {
  if (start + at.LENGTH_PREFIX_BYTES > bytes.length) return -1;
  const size = at.LENGTH_PREFIX_BYTES + readInt32(bytes, start + at.BATCH_LENGTH_AT);
  return size < at.BATCH_HEADER_BYTES ? -1 : size;
}

/** Decode the header at `start`. The caller has made sure that BATCH_HEADER_BYTES are there. */
export function readBatchHeader(bytes: Uint8Array, start: number): BatchHeader {
  const baseOffset = readInt64(bytes, start);
  const attributes = readInt16(bytes, start + at.ATTRIBUTES_AT);
  const baseTimestamp = readInt64(bytes, start + at.BASE_TIMESTAMP_AT);
  return {
    baseOffset,
    lastOffset: baseOffset + readInt32(bytes, start + at.LAST_OFFSET_DELTA_AT),
    sizeBytes: at.LENGTH_PREFIX_BYTES + readInt32(bytes, start + at.BATCH_LENGTH_AT),
    transactional: (attributes & at.TRANSACTIONAL_BIT) !== 0,
    control: (attributes & at.CONTROL_BIT) !== 0,
    compression: compressionOf(attributes),
    hasAppendTime: (attributes & at.APPEND_TIME_BIT) !== 0,
    deleteHorizonMs: (attributes & at.DELETE_HORIZON_BIT) === 0 ? null : baseTimestamp,
    baseTimestamp,
    maxTimestamp: readInt64(bytes, start + at.MAX_TIMESTAMP_AT),
    producerId: readInt64(bytes, start + at.PRODUCER_ID_AT),
    producerEpoch: readInt16(bytes, start + at.PRODUCER_EPOCH_AT),
    baseSequence: readInt32(bytes, start + at.BASE_SEQUENCE_AT),
    recordCount: readInt32(bytes, start + at.RECORD_COUNT_AT),
  };
}

/** Offset of the last record of the batch at `start`, without decoding the rest. */
export function lastOffsetAt(bytes: Uint8Array, start: number): number {
  return readInt64(bytes, start) + readInt32(bytes, start + at.LAST_OFFSET_DELTA_AT);
}

/** How many records the batch at `start` says it has. */
export function recordCountAt(bytes: Uint8Array, start: number): number {
  return readInt32(bytes, start + at.RECORD_COUNT_AT);
}

/** True when a whole batch of format v2 with a right checksum lies at `start`. */
export function batchIsIntact(bytes: Uint8Array, start: number): boolean {
  const size = batchSizeAt(bytes, start);
  if (size < 0 || start + size > bytes.length || bytes[start + at.MAGIC_AT] !== at.MAGIC_V2) return false;
  const stored = readUint32(bytes, start + at.CRC_AT);
  return crc32c(bytes.subarray(start + at.ATTRIBUTES_AT, start + size)) === stored;
}

/** Set where the batch stands in its partition; the checksum does not cover it. */
export function placeBatch(bytes: Uint8Array, start: number, baseOffset: number): void {
  writeInt64(bytes, start, baseOffset);
}

/** Compute and store the checksum of a finished batch that begins at `start` and ends at `end`. */
export function sealBatch(bytes: Uint8Array, start: number, end: number): void {
  writeInt32(bytes, start + at.CRC_AT, crc32c(bytes.subarray(start + at.ATTRIBUTES_AT, end)));
}

/** Where the type of a control record's key lies: behind five one-byte fields and the key's version. */
const MARKER_TYPE_AT = at.BATCH_HEADER_BYTES + 7;

/** How the control batch at `start` ends its transaction; null for control records that end none. */
export function markerAt(bytes: Uint8Array, start: number): 'commit' | 'abort' | null {
  const type = readInt16(bytes, start + MARKER_TYPE_AT);
  return type === 1 ? 'commit' : type === 0 ? 'abort' : null;
}

/** Epoch of the coordinator that wrote the marker in the control batch at `start`. */
export function coordinatorEpochAt(bytes: Uint8Array, start: number): number {
  return readInt32(bytes, start + MARKER_TYPE_AT + 5);
}

/** The codec that the attributes of a batch tell. FORMAT_INVALID where there is none of that number. */
export function compressionOf(attributes: number): CompressionName {
  const name = COMPRESSIONS[attributes & at.COMPRESSION_MASK];
  if (name !== undefined) return name;
  throw new MillraceError('FORMAT_INVALID', `there is no compression ${attributes & at.COMPRESSION_MASK}`);
}
