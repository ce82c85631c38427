import type { LogRecord, NewRecord, RecordHeader } from '../log.ts';
import { type BatchHeader, placeBatch, sealBatch } from './batch-header.ts';
import { withCompression } from './batch-records.ts';
import { readInt32, varintSize, writeInt16, writeInt32, writeInt64, writeVarint } from './integers.ts';
import * as at from './layout.ts';
import { packedBatches } from './record-packer.ts';

/** Who wrote a batch. A plain append has NO_PRODUCER throughout. */
export interface BatchProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
}

export const PLAIN_PRODUCER: BatchProducer = {
  producerId: at.NO_PRODUCER,
  producerEpoch: at.NO_PRODUCER,
  baseSequence: at.NO_PRODUCER,
  transactional: false,
};

/** A batch ready to be placed: its bytes with baseOffset 0, and what the log needs to know of it. */
export interface EncodedBatch {
  readonly bytes: Uint8Array;
  readonly recordCount: number;
  readonly maxTimestamp: number;
  /** Of the whole batch, where `bytes` are its header alone: the rest lies in a file already. */
  readonly sizeBytes?: number;
}

/**
 * Encode records `[from, to)` as one RecordBatch v2:
 *
 *   record: length varint · attributes int8 · timestampDelta varlong · offsetDelta varint ·
 *           keyLength varint · key · valueLength varint · value · headerCount varint · headers
 *   header: keyLength varint · key · valueLength varint · value        (length -1 stands for null)
 */
export function encodeBatch(
  records: readonly NewRecord[],
  from: number,
  to: number,
  producer: BatchProducer,
  nowMs: number,
): EncodedBatch {
  const baseTimestamp = timestampOf(records[from]!, nowMs);
  let size = at.BATCH_HEADER_BYTES;
  for (let i = from; i < to; i++) {
    const body = bodySize(records[i]!, i - from, timestampOf(records[i]!, nowMs) - baseTimestamp);
    size += varintSize(body) + body;
  }
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer, 0, size);
  let position = at.BATCH_HEADER_BYTES;
  let maxTimestamp = baseTimestamp;
  for (let i = from; i < to; i++) {
    const timestamp = timestampOf(records[i]!, nowMs);
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    position = writeRecord(bytes, position, records[i]!, i - from, timestamp - baseTimestamp);
  }
  const count = to - from;
  writeHeader(bytes, { producer, attributes: 0, count, baseTimestamp, maxTimestamp });
  return { bytes, recordCount: count, maxTimestamp };
}

/** Complete a batch of a `RecordPacker` in place: all its records get the same timestamp. */
export function sealPacked(bytes: Uint8Array, producer: BatchProducer, nowMs: number): EncodedBatch {
  const count = readInt32(bytes, at.RECORD_COUNT_AT);
  writeHeader(bytes, { producer, attributes: 0, count, baseTimestamp: nowMs, maxTimestamp: nowMs });
  return { bytes, recordCount: count, maxTimestamp: nowMs };
}

/**
 * Complete the batches of a `RecordPacker`'s chunk in place, so that a file of them can be adopted: without a
 * producer and a time, which they get then.
 */
export function finishPacked(chunk: Uint8Array): void {
  for (const batch of packedBatches(chunk)) sealPacked(batch, PLAIN_PRODUCER, 0);
}

/**
 * A batch with the single control record that ends a transaction: key version 0 and type, value version 0
 * and epoch.
 */
export function encodeMarker(
  producer: { readonly producerId: number; readonly producerEpoch: number },
  outcome: 'commit' | 'abort',
  nowMs: number,
  coordinatorEpoch = 0,
): EncodedBatch {
  const key = new Uint8Array(4);
  writeInt16(key, 2, outcome === 'commit' ? 1 : 0);
  const value = new Uint8Array(6);
  writeInt32(value, 2, coordinatorEpoch);
  const record: NewRecord = { key, value };
  const body = bodySize(record, 0, 0);
  const bytes = new Uint8Array(at.BATCH_HEADER_BYTES + varintSize(body) + body);
  writeRecord(bytes, at.BATCH_HEADER_BYTES, record, 0, 0);
  const writer = { ...producer, baseSequence: at.NO_PRODUCER, transactional: true };
  writeHeader(bytes, {
    producer: writer,
    attributes: at.CONTROL_BIT,
    count: 1,
    baseTimestamp: nowMs,
    maxTimestamp: nowMs,
  });
  return { bytes, recordCount: 1, maxTimestamp: nowMs };
}

/**
 * A stored batch with some of its records left out: offsets, times, compression and the span of offsets stay.
 * What belonged to a committed transaction becomes plain, so that it needs no marker any more.
 */
export function encodeKept(
  batch: BatchHeader,
  records: readonly LogRecord[],
  deleteHorizonMs: number | null,
): Uint8Array {
  const { producerId, producerEpoch, baseSequence, baseOffset } = batch;
  const baseTimestamp = deleteHorizonMs ?? batch.baseTimestamp;
  let size = at.BATCH_HEADER_BYTES;
  let maxTimestamp = records[0]?.timestampMs ?? batch.maxTimestamp;
  for (const record of records) {
    const body = bodySize(record, record.offset - baseOffset, record.timestampMs - baseTimestamp);
    size += varintSize(body) + body;
    maxTimestamp = Math.max(maxTimestamp, record.timestampMs);
  }
  const bytes = new Uint8Array(size);
  let position = at.BATCH_HEADER_BYTES;
  for (const record of records) {
    const timestampDelta = record.timestampMs - baseTimestamp;
    position = writeRecord(bytes, position, record, record.offset - baseOffset, timestampDelta);
  }
  const attributes =
    (batch.hasAppendTime ? at.APPEND_TIME_BIT : 0) | (deleteHorizonMs === null ? 0 : at.DELETE_HORIZON_BIT);
  writeHeader(bytes, {
    producer: { producerId, producerEpoch, baseSequence, transactional: false },
    attributes,
    count: records.length,
    lastOffsetDelta: batch.lastOffset - baseOffset,
    baseTimestamp,
    maxTimestamp,
  });
  const made = records.length === 0 ? bytes : withCompression(bytes, batch.compression);
  placeBatch(made, 0, baseOffset);
  return made;
}

/** Bytes that the record takes in a batch at most, for limits. */
export function recordSizeMax(record: NewRecord): number {
  return 5 + 10 + 5 + bodySize(record, 0, 0);
}

interface HeaderFields {
  readonly producer: BatchProducer;
  readonly attributes: number;
  readonly count: number;
  /** Where it is not simply the count less one. */
  readonly lastOffsetDelta?: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
}

function writeHeader(bytes: Uint8Array, fields: HeaderFields): void {
  const { producer } = fields;
  placeBatch(bytes, 0, 0);
  writeInt32(bytes, at.BATCH_LENGTH_AT, bytes.length - at.LENGTH_PREFIX_BYTES);
  writeInt32(bytes, at.LEADER_EPOCH_AT, 0);
  bytes[at.MAGIC_AT] = at.MAGIC_V2;
  writeInt16(
    bytes,
    at.ATTRIBUTES_AT,
    fields.attributes | (producer.transactional ? at.TRANSACTIONAL_BIT : 0),
  );
  writeInt32(bytes, at.LAST_OFFSET_DELTA_AT, fields.lastOffsetDelta ?? fields.count - 1);
  writeInt64(bytes, at.BASE_TIMESTAMP_AT, fields.baseTimestamp);
  writeInt64(bytes, at.MAX_TIMESTAMP_AT, fields.maxTimestamp);
  writeInt64(bytes, at.PRODUCER_ID_AT, producer.producerId);
  writeInt16(bytes, at.PRODUCER_EPOCH_AT, producer.producerEpoch);
  writeInt32(bytes, at.BASE_SEQUENCE_AT, producer.baseSequence);
  writeInt32(bytes, at.RECORD_COUNT_AT, fields.count);
  sealBatch(bytes, 0, bytes.length);
}

/** Whole milliseconds. */
function timestampOf(record: NewRecord, nowMs: number): number {
  return Math.floor(record.timestampMs ?? nowMs);
}

const NO_HEADERS: readonly RecordHeader[] = [];

function bodySize(record: NewRecord, offsetDelta: number, timestampDelta: number): number {
  const headers = record.headers ?? NO_HEADERS;
  let size = 1 + varintSize(timestampDelta) + varintSize(offsetDelta) + varintSize(headers.length);
  size += sizedBytesSize(record.key) + sizedBytesSize(record.value);
  for (const header of headers) {
    const keyLength = Buffer.byteLength(header.key);
    size += varintSize(keyLength) + keyLength + sizedBytesSize(header.value);
  }
  return size;
}

function sizedBytesSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}

function writeRecord(
  bytes: Uint8Array,
  start: number,
  record: NewRecord,
  offsetDelta: number,
  timestampDelta: number,
): number {
  let position = writeVarint(bytes, start, bodySize(record, offsetDelta, timestampDelta));
  bytes[position++] = 0;
  position = writeVarint(bytes, position, timestampDelta);
  position = writeVarint(bytes, position, offsetDelta);
  position = writeSized(bytes, position, record.key);
  position = writeSized(bytes, position, record.value);
  const headers = record.headers ?? NO_HEADERS;
  position = writeVarint(bytes, position, headers.length);
  for (const header of headers) {
    position = writeSized(bytes, position, Buffer.from(header.key));
    position = writeSized(bytes, position, header.value);
  }
  return position;
}

function writeSized(bytes: Uint8Array, at: number, part: Uint8Array | null): number {
  if (part === null) return writeVarint(bytes, at, -1);
  const position = writeVarint(bytes, at, part.length);
  bytes.set(part, position);
  return position + part.length;
}
