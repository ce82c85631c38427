import { crc32c } from '@node-rs/crc32';
import type { BatchProducer } from './encode-batch.ts';
import { readInt32, readUint32, writeInt16, writeInt32, writeInt64 } from './integers.ts';
import * as at from './layout.ts';

/** The polynomial of CRC-32C, lowest bit first. */
const POLYNOMIAL = 0x82f63b78;

/**
 * Give a finished batch another producer and another time, of all its records, where nothing but its header
 * is at hand. The new checksum follows from the former one: a checksum is linear, so that what the header
 * changes in it depends on the two headers, and on how many bytes follow, but not on what those are.
 */
export function rewriteHeader(header: Uint8Array, producer: BatchProducer, timestampMs: number): void {
  const covered = header.subarray(at.ATTRIBUTES_AT, at.BATCH_HEADER_BYTES);
  const before = crc32c(covered);
  writeInt16(header, at.ATTRIBUTES_AT, producer.transactional ? at.TRANSACTIONAL_BIT : 0);
  writeInt64(header, at.BASE_TIMESTAMP_AT, timestampMs);
  writeInt64(header, at.MAX_TIMESTAMP_AT, timestampMs);
  writeInt64(header, at.PRODUCER_ID_AT, producer.producerId);
  writeInt16(header, at.PRODUCER_EPOCH_AT, producer.producerEpoch);
  writeInt32(header, at.BASE_SEQUENCE_AT, producer.baseSequence);
  const behind = readInt32(header, at.BATCH_LENGTH_AT) + at.LENGTH_PREFIX_BYTES - at.BATCH_HEADER_BYTES;
  const change = shifted(before ^ crc32c(covered), behind);
  writeInt32(header, at.CRC_AT, readUint32(header, at.CRC_AT) ^ change);
}

/** What a difference of checksums becomes when so many equal bytes follow. */
function shifted(difference: number, bytes: number): number {
  let result = difference;
  for (let left = bytes, k = 0; left > 0; left = Math.floor(left / 2), k++) {
    if (left % 2 === 1) result = times(zeros(k), result);
  }
  return result;
}

/** By k: the linear map, as the image of each bit, that 2^k bytes of zeros are to a checksum. */
const ZEROS: Int32Array[] = [];

function zeros(k: number): Int32Array {
  let map = ZEROS[k];
  if (map === undefined) {
    map = k === 0 ? oneByte() : square(zeros(k - 1));
    ZEROS[k] = map;
  }
  return map;
}

function oneByte(): Int32Array {
  const oneBit = Int32Array.from({ length: 32 }, (_, i) => (i === 0 ? POLYNOMIAL : 1 << (i - 1)));
  return square(square(square(oneBit)));
}

const square = (map: Int32Array): Int32Array => map.map(image => times(map, image));

function times(map: Int32Array, vector: number): number {
  let sum = 0;
  for (let bits = vector, i = 0; bits !== 0; bits >>>= 1, i++) {
    if ((bits & 1) === 1) sum ^= map[i]!;
  }
  return sum;
}
