import { createRequire } from 'node:module';
import { gunzipSync, gzipSync } from 'node:zlib';
import { init, compress as zstdCompress, decompress as zstdDecompress } from '@bokuweb/zstd-wasm';
import type lz4Codec from 'lz4-napi';
import type snappyCodec from 'snappy';
import { MillraceError, messageOf } from '../../core/mod.ts';
import { lz4SizeMax, snappyBlocks, snappySize, zstdSizeMax } from './compressed-size.ts';

await init();

/** Loaded when the first batch of theirs is met: each takes megabytes. */
const load = createRequire(import.meta.url);
let lz4Loaded: typeof lz4Codec | undefined;
let snappyLoaded: typeof snappyCodec | undefined;
const lz4 = (): typeof lz4Codec => (lz4Loaded ??= load('lz4-napi') as typeof lz4Codec);
const snappy = (): typeof snappyCodec => (snappyLoaded ??= load('snappy') as typeof snappyCodec);

/** Kafka's codecs by their number in the attributes of a batch. */
export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type CompressionName = (typeof COMPRESSIONS)[number];

/** The records of one batch may take so much memory; more is refused before it is made. */
export const DECOMPRESSED_BYTES_MAX = 64 << 20;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
const plainView = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * What was compressed. FORMAT_INVALID where the bytes are none of the codec's, or would take more than
 * `bytesMax`.
 */
export function decompress(
  codec: CompressionName,
  bytes: Uint8Array,
  bytesMax = DECOMPRESSED_BYTES_MAX,
): Uint8Array {
  try {
    return plainView(decompressed(codec, bytes, bytesMax));
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    throw new MillraceError('FORMAT_INVALID', `${codec} records can't be read: ${messageOf(error)}`);
  }
}

function decompressed(codec: CompressionName, bytes: Uint8Array, bytesMax: number): Uint8Array {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gunzipSync(bytes, { maxOutputLength: bytesMax });
    case 'snappy':
      return fromSnappy(bytes, bytesMax);
    case 'lz4':
      checkSize(codec, lz4SizeMax(bytes), bytesMax);
      return lz4().decompressFrameSync(bufferOf(bytes));
    case 'zstd': {
      const size = zstdSizeMax(bytes);
      checkSize(codec, size, bytesMax);
      return zstdDecompress(bytes, { defaultHeapSize: size });
    }
  }
}

function checkSize(codec: CompressionName, size: number, bytesMax: number): void {
  if (size <= bytesMax) return;
  throw new MillraceError(
    'FORMAT_INVALID',
    `${codec} records of one batch may take ${bytesMax} bytes, these would take up to ${size}`,
  );
}

/** As one block (librdkafka), or in the blocks of snappy-java (Java). */
function fromSnappy(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const blocks = snappyBlocks(bytes);
  checkSize(
    'snappy',
    blocks.reduce((sum, block) => sum + snappySize(block), 0),
    bytesMax,
  );
  const plain = blocks.map(block => snappy().uncompressSync(bufferOf(block), { asBuffer: true }) as Buffer);
  return plain.length === 1 ? plain[0]! : Buffer.concat(plain);
}

/** The header of snappy-java's stream: magic, version, oldest version that can read it. */
const SNAPPY_JAVA_HEADER = Buffer.from('82534e4150505900000000010000000100000000', 'hex');

/** As Kafka's own producer compresses. `level` is that of the codec, where it has levels. */
export function compress(codec: CompressionName, bytes: Uint8Array, level?: number): Uint8Array {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes, level === undefined ? {} : { level });
    case 'snappy': {
      const block = snappy().compressSync(bufferOf(bytes));
      const header = Buffer.from(SNAPPY_JAVA_HEADER);
      header.writeInt32BE(block.length, header.length - 4);
      return plainView(Buffer.concat([header, block]));
    }
    case 'lz4':
      return plainView(lz4().compressFrameSync(bufferOf(bytes)));
    case 'zstd':
      return zstdCompress(bytes, level);
  }
}
