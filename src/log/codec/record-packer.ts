import { MillraceError } from '../../core/mod.ts';
import { batchSizeAt } from './batch-header.ts';
import { varintSize, writeInt32, writeVarint } from './integers.ts';
import * as at from './layout.ts';

/** A batch is closed once it has so many bytes: readers take whole batches, and their reads are bounded. */
const BATCH_BYTES = 1 << 16;
/** Length, attributes, timestampDelta, offsetDelta, two lengths, the count of headers, at their longest. */
const RECORD_OVERHEAD_MAX = 5 + 1 + 1 + 5 + 5 + 5 + 1;
/** The memory of a packer comes in pieces of this size, larger ones only for larger records. */
export const PACKER_CHUNK_BYTES = 1 << 20;

/** Where a packer gets its memory: at least `bytes` bytes. */
export type ChunkSource = (bytes: number) => Uint8Array<ArrayBuffer>;

const freshChunk: ChunkSource = bytes =>
  new Uint8Array(Buffer.allocUnsafeSlow(Math.max(bytes, PACKER_CHUNK_BYTES)).buffer);

/**
 * Lays records out as RecordBatch v2 (format: `encodeBatch`) as they come. Whole batches lie in chunks of
 * memory; of their headers only length and count are there, the log writes the rest when they are appended,
 * all with one timestamp. Values are copied in by `add`, or written in place: begin at `begin()`, ask `room`
 * where the memory may not do, and call `end` behind each.
 */
export class RecordPacker {
  readonly #prefixBytes: number;
  readonly #memory: ChunkSource;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  u8: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  dv: DataView = new DataView(this.u8.buffer);
  /** Values written in place may reach up to here. */
  limit = 0;
  /** Behind the last record. */
  #used: number;
  #batchStart: number;
  #count = 0;
  /** What stood before the last value: where the next one probably lies. */
  #gap = 9;

  /** `prefixBytes` are left free at the begin of each chunk for what the caller puts there. */
  constructor(prefixBytes = 0, memory: ChunkSource = freshChunk) {
    this.#prefixBytes = prefixBytes;
    this.#memory = memory;
    this.#used = prefixBytes;
    this.#batchStart = prefixBytes;
  }

  /** Append a record whose value is `source[start, end)`, null where `start` is -1. The bytes are copied. */
  add(key: Uint8Array | null, source: Uint8Array, start: number, end: number): void {
    const valueLength = start < 0 ? -1 : end - start;
    const content = (key?.length ?? 0) + Math.max(0, valueLength);
    if (this.begin() + content > this.limit) this.room(0, content);
    const from = this.#recordStart();
    let p = this.#head(from, key, valueLength, content);
    if (valueLength > 0) {
      this.u8.set(source.subarray(start, end), p);
      p += valueLength;
    }
    this.#endRecord(p);
  }

  /** Where the next value may be written; without `room` up to `limit`. */
  begin(): number {
    return this.#recordStart() + this.#gap;
  }

  /** Makes room for a value of up to `bytes` bytes, of which nothing is written yet; where it may begin. */
  room(_start: number, bytes: number): number {
    if (this.#count > 0) this.#closeBatch();
    if (this.#used > this.#prefixBytes) this.#chunks.push(this.u8.subarray(0, this.#used));
    const needed = this.#prefixBytes + at.BATCH_HEADER_BYTES + RECORD_OVERHEAD_MAX * 2 + bytes;
    this.u8 = this.#memory(needed);
    this.dv = new DataView(this.u8.buffer);
    this.limit = this.u8.length - RECORD_OVERHEAD_MAX;
    this.#used = this.#prefixBytes;
    this.#batchStart = this.#prefixBytes;
    return this.begin();
  }

  /** The value of a record without key lies in `u8` at [start, end); where the next one may begin. */
  end(start: number, end: number): number {
    const length = end - start;
    const from = this.#recordStart();
    const count = this.#count;
    // Mostly the length, the place in the batch and the length of the value take two bytes each.
    if (start === from + 9 && count >= 64 && count < 8192 && length >= 64 && length < 8184) {
      const body = (length + 8) * 2;
      this.dv.setInt32(from, (body & 127) | 128 | ((body >> 7) << 8), true);
      const value = ((length * 2) & 127) | 128;
      this.dv.setInt32(
        from + 4,
        ((count * 2) & 127) | 128 | ((count >> 6) << 8) | (1 << 16) | (value << 24),
        true,
      );
      this.u8[from + 8] = length >> 6;
      return this.#endRecord(end);
    }
    return this.#endAnywhere(from, start, length);
  }

  #endAnywhere(from: number, start: number, length: number): number {
    const head = 4 + varintSize(this.#count) + varintSize(length);
    const gap = head - 1 + varintSize(head + length);
    if (from + gap !== start) this.u8.copyWithin(from + gap, start, start + length);
    this.#gap = gap;
    this.#head(from, null, length, length);
    return this.#endRecord(from + gap + length);
  }

  #recordStart(): number {
    return this.#count === 0 ? this.#batchStart + at.BATCH_HEADER_BYTES : this.#used;
  }

  /** Write what stands before the value; the position behind it. */
  #head(from: number, key: Uint8Array | null, valueLength: number, content: number): number {
    const bytes = this.u8;
    const keyLength = key === null ? -1 : key.length;
    const body = 3 + varintSize(this.#count) + varintSize(keyLength) + varintSize(valueLength) + content;
    let p = writeVarint(bytes, from, body);
    bytes[p++] = 0;
    bytes[p++] = 0;
    p = writeVarint(bytes, p, this.#count);
    p = writeVarint(bytes, p, keyLength);
    if (key !== null) {
      bytes.set(key, p);
      p += keyLength;
    }
    return writeVarint(bytes, p, valueLength);
  }

  /** A record ends behind its count of headers; where the next value may begin. */
  #endRecord(behind: number): number {
    this.u8[behind] = 0;
    this.#used = behind + 1;
    this.#count++;
    if (this.#used - this.#batchStart >= BATCH_BYTES) this.#closeBatch();
    return this.begin();
  }

  /** What was added, in chunks, each of them the prefix and whole batches; borrowed until more is added. */
  chunks(): readonly Uint8Array<ArrayBuffer>[] {
    if (this.#count > 0) this.#closeBatch();
    const last = this.#used > this.#prefixBytes ? [this.u8.subarray(0, this.#used)] : [];
    return [...this.#chunks, ...last];
  }

  /** How many chunks are full: nothing more comes into them. */
  get fullChunks(): number {
    return this.#chunks.length;
  }

  /** The full chunks, which are the caller's from now on; the last one goes on. */
  takeFull(): readonly Uint8Array<ArrayBuffer>[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  /** Memory of what was added. */
  get byteLength(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, this.#used);
  }

  /** Starts over in memory of its own; the chunks are the caller's from now on. */
  handOver(): readonly Uint8Array<ArrayBuffer>[] {
    const chunks = this.chunks();
    this.#chunks = [];
    if (this.#used > this.#prefixBytes) {
      this.u8 = new Uint8Array(0);
      this.limit = 0;
    }
    this.#used = this.#prefixBytes;
    this.#batchStart = this.#prefixBytes;
    return chunks;
  }

  #closeBatch(): void {
    const start = this.#batchStart;
    writeInt32(this.u8, start + at.BATCH_LENGTH_AT, this.#used - start - at.LENGTH_PREFIX_BYTES);
    writeInt32(this.u8, start + at.RECORD_COUNT_AT, this.#count);
    this.#batchStart = this.#used;
    this.#count = 0;
  }
}

/** The single batches of a chunk of a `RecordPacker`: views into it. FORMAT_INVALID where it is cut off. */
export function packedBatches(packed: Uint8Array): Uint8Array[] {
  const batches: Uint8Array[] = [];
  for (let start = 0; start < packed.length; ) {
    const size = batchSizeAt(packed, start);
    if (size < 0 || start + size > packed.length) {
      throw new MillraceError('FORMAT_INVALID', `packed records are cut off at byte ${start}`);
    }
    batches.push(packed.subarray(start, start + size));
    start += size;
  }
  return batches;
}

/** How many of the bytes, from the first batch on, are whole batches. */
export function wholeBatchBytes(bytes: Uint8Array): number {
  let end = 0;
  for (;;) {
    const size = batchSizeAt(bytes, end);
    if (size < 0 || end + size > bytes.length) return end;
    end += size;
  }
}
