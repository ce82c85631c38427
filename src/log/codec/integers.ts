/** Big-endian 64-bit integers and Kafka's zigzag varints, over plain numbers that are exact below 2^53. */

const TWO_32 = 4294967296;

/** Read an int64 that is known to be a safe integer (offset, timestamp, producer id). */
export function readInt64(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return high * TWO_32 + readUint32(bytes, at + 4);
}

export function writeInt64(bytes: Uint8Array, at: number, value: number): void {
  writeInt32(bytes, at, Math.floor(value / TWO_32));
  writeInt32(bytes, at + 4, value >>> 0);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) >>> 0;
}

export function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export function readInt16(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16)) >> 16;
}

export function writeInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Bytes that `writeVarint` takes. */
export function varintSize(value: number): number {
  if (value >= -64 && value < 64) return 1;
  if (value >= -8192 && value < 8192) return 2;
  if (value >= -1048576 && value < 1048576) return 3;
  let left = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  for (; left >= 128; left = Math.floor(left / 128)) size++;
  return size;
}

/** Write zigzag base-128 (varint and varlong alike) and return the position behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value >= -1073741824 && value < 1073741824) {
    let small = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; small >= 128; small >>>= 7) bytes[at++] = small | 128;
    bytes[at++] = small;
    return at;
  }
  let left = value < 0 ? -2 * value - 1 : 2 * value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes[at++] = (left % 128) | 128;
  bytes[at++] = left;
  return at;
}
