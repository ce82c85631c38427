import { crc32c } from '@node-rs/crc32';
import { Refusal } from '../refusal.ts';
import { batchSizeAt } from './batch-header.ts';
import { COMPRESSIONS, type CompressionName } from './compression.ts';
import { readInt16, readInt32, readInt64, readUint32 } from './integers.ts';
import * as at from './layout.ts';

/** What the head of a client's batch says, as far as an append needs it. */
export interface ClientBatchHead {
  readonly compression: CompressionName;
  readonly recordCount: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
  readonly hasAppendTime: boolean;
}

/**
 * Checks what a client wants to append but for its records, as Kafka does: exactly one batch of format
 * v2, its size, checksum, kind and count. The refusals are Kafka's.
 */
export function checkClientBatch(bytes: Uint8Array, name: string, maxMessageBytes: number): ClientBatchHead {
  checkFrame(bytes, name);
  if (bytes.length > maxMessageBytes) {
    throw new Refusal(
      'MESSAGE_TOO_LARGE',
      `a batch of ${bytes.length} bytes for ${name} exceeds max.message.bytes = ${maxMessageBytes}`,
    );
  }
  if (crc32c(bytes.subarray(at.ATTRIBUTES_AT)) !== readUint32(bytes, at.CRC_AT)) {
    throw new Refusal('CORRUPT_MESSAGE', `the checksum of a batch for ${name} is wrong`);
  }
  const head = readHead(bytes, name);
  checkCount(bytes, name, head.recordCount);
  if (head.producerId >= 0 && head.baseSequence < 0) {
    throw invalid(name, `its producer ${head.producerId} gives no sequence`);
  }
  if (head.transactional && head.producerId < 0) throw invalid(name, 'it is transactional without producer');
  return head;
}

const invalid = (name: string, why: string): Refusal =>
  new Refusal('INVALID_RECORD', `a batch for ${name} is refused: ${why}`);

function checkFrame(bytes: Uint8Array, name: string): void {
  if (bytes.length === 0) throw invalid(name, 'there is none');
  if (bytes.length > at.MAGIC_AT && bytes[at.MAGIC_AT] !== at.MAGIC_V2) {
    throw invalid(name, `its format is v${bytes[at.MAGIC_AT]}, only v2 is taken`);
  }
  const size = batchSizeAt(bytes, 0);
  if (size < 0 || size > bytes.length) {
    throw new Refusal('CORRUPT_MESSAGE', `a batch for ${name} says ${size} bytes, ${bytes.length} came`);
  }
  if (size < bytes.length) throw invalid(name, 'exactly one batch is to be sent for a partition');
  if (readInt64(bytes, 0) !== 0) throw invalid(name, `its base offset is ${readInt64(bytes, 0)}, not 0`);
}

function readHead(bytes: Uint8Array, name: string): ClientBatchHead {
  const attributes = readInt16(bytes, at.ATTRIBUTES_AT);
  if ((attributes & at.CONTROL_BIT) !== 0) throw invalid(name, 'clients may not write control records');
  const compression = COMPRESSIONS[attributes & at.COMPRESSION_MASK];
  if (compression === undefined) {
    throw new Refusal(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `a batch for ${name} has the unknown compression ${attributes & at.COMPRESSION_MASK}`,
    );
  }
  const producerId = readInt64(bytes, at.PRODUCER_ID_AT);
  if (!Number.isSafeInteger(producerId)) throw invalid(name, 'no producer id is so large');
  return {
    compression,
    recordCount: readInt32(bytes, at.RECORD_COUNT_AT),
    baseTimestamp: exactTimestamp(bytes, at.BASE_TIMESTAMP_AT, name),
    maxTimestamp: exactTimestamp(bytes, at.MAX_TIMESTAMP_AT, name),
    producerId,
    producerEpoch: readInt16(bytes, at.PRODUCER_EPOCH_AT),
    baseSequence: readInt32(bytes, at.BASE_SEQUENCE_AT),
    transactional: (attributes & at.TRANSACTIONAL_BIT) !== 0,
    hasAppendTime: (attributes & at.APPEND_TIME_BIT) !== 0,
  };
}

function exactTimestamp(bytes: Uint8Array, where: number, name: string): number {
  const timestamp = readInt64(bytes, where);
  if (Number.isSafeInteger(timestamp)) return timestamp;
  throw new Refusal(
    'INVALID_TIMESTAMP',
    `a batch for ${name} has the time ${timestamp}, which no record has`,
  );
}

function checkCount(bytes: Uint8Array, name: string, count: number): void {
  const lastOffsetDelta = readInt32(bytes, at.LAST_OFFSET_DELTA_AT);
  if (count <= 0) throw invalid(name, `it says it has ${count} records`);
  if (lastOffsetDelta !== count - 1) {
    throw invalid(name, `its last offset is ${lastOffsetDelta}, its number of records ${count}`);
  }
  // A record has at least seven bytes, so that no number of records needs more memory than was sent.
  const room = bytes.length - at.BATCH_HEADER_BYTES;
  const compressed = (readInt16(bytes, at.ATTRIBUTES_AT) & at.COMPRESSION_MASK) !== 0;
  if (!compressed && count * 7 > room) throw invalid(name, `${count} records don't fit in ${room} bytes`);
}
