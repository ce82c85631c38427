import { MillraceError } from '../../core/mod.ts';

/*
 * How much memory compressed bytes would take at most, told from the heads of their blocks: so that a small
 * batch can't fill the memory.
 */

const broken = (codec: string): MillraceError =>
  new MillraceError('FORMAT_INVALID', `${codec} records are cut off or none of ${codec}`);

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const SNAPPY_JAVA_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const SNAPPY_JAVA_HEADER_BYTES = 16;

/** The blocks of snappy-java's stream; else all bytes as one block. */
export function snappyBlocks(bytes: Uint8Array): readonly Uint8Array[] {
  if (!SNAPPY_JAVA_MAGIC.every((byte, i) => bytes[i] === byte)) return [bytes];
  const view = viewOf(bytes);
  const blocks: Uint8Array[] = [];
  for (let at = SNAPPY_JAVA_HEADER_BYTES; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw broken('snappy');
    const size = view.getInt32(at);
    if (size <= 0 || at + 4 + size > bytes.length) throw broken('snappy');
    blocks.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return blocks;
}

/** What a block of snappy says of its size. */
export function snappySize(block: Uint8Array): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    size += (byte & 127) * 128 ** i;
    if (byte < 128) return size;
  }
  throw broken('snappy');
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_BLOCK_CHECKSUM = 0x10;
const LZ4_CONTENT_SIZE = 0x08;
const LZ4_DICTIONARY = 0x01;

/** At most so many bytes are in a frame of LZ4: each block is as large as it may be. */
export function lz4SizeMax(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  if (bytes.length < 7 || view.getUint32(0, true) !== LZ4_MAGIC) throw broken('lz4');
  const flags = bytes[4]!;
  const blockBytesMax = 2 ** (8 + 2 * ((bytes[5]! >> 4) & 7));
  let at = 7 + (flags & LZ4_CONTENT_SIZE ? 8 : 0) + (flags & LZ4_DICTIONARY ? 4 : 0);
  let size = 0;
  for (;;) {
    if (at + 4 > bytes.length) throw broken('lz4');
    const head = view.getUint32(at, true);
    if (head === 0) return size;
    const stored = head & 0x7fffffff;
    const isPlain = head >= 0x80000000;
    // A byte of a block stands for at most 255.
    size += isPlain ? stored : Math.min(blockBytesMax, stored * 255);
    at += 4 + stored + (flags & LZ4_BLOCK_CHECKSUM ? 4 : 0);
  }
}

const ZSTD_MAGIC = 0xfd2fb528;
const ZSTD_BLOCK_BYTES_MAX = 128 << 10;
const ZSTD_CHECKSUM = 0x04;
const ZSTD_SINGLE_SEGMENT = 0x20;

/** At most so many bytes are in a frame of Zstandard. */
export function zstdSizeMax(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  if (bytes.length < 9 || view.getUint32(0, true) !== ZSTD_MAGIC) throw broken('zstd');
  const flags = bytes[4]!;
  const single = (flags & ZSTD_SINGLE_SEGMENT) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >> 6]!;
  const sizeAt = 5 + (single ? 0 : 1) + dictionaryBytes;
  const told = zstdToldSize(view, sizeAt, sizeBytes);
  const blocks = zstdBlocksSize(view, sizeAt + sizeBytes, (flags & ZSTD_CHECKSUM) !== 0);
  // The decoder makes room for what the frame tells, so that has to fit too.
  return Math.max(told, blocks);
}

function zstdToldSize(view: DataView, at: number, sizeBytes: number): number {
  if (at + sizeBytes > view.byteLength) throw broken('zstd');
  if (sizeBytes === 0) return 0;
  if (sizeBytes === 1) return view.getUint8(at);
  if (sizeBytes === 2) return view.getUint16(at, true) + 256;
  return sizeBytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

function zstdBlocksSize(view: DataView, from: number, hasChecksum: boolean): number {
  let size = 0;
  let at = from;
  for (;;) {
    if (at + 3 > view.byteLength) throw broken('zstd');
    const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const [isLast, type, length] = [(head & 1) === 1, (head >> 1) & 3, head >>> 3];
    if (type === 3) throw broken('zstd');
    size += type === 2 ? ZSTD_BLOCK_BYTES_MAX : length;
    at += 3 + (type === 1 ? 1 : length);
    if (isLast) {
      if (at + (hasChecksum ? 4 : 0) !== view.byteLength) throw broken('zstd');
      return size;
    }
  }
}
