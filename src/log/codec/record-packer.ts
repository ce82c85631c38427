import { assert, MillraceError } from '../../core/mod.ts';
import { batchSizeAt } from './batch-header.ts';
import { varintSize, writeInt32, writeVarint } from './integers.ts';
import * as at from './layout.ts';

/** A batch is closed once it has so many bytes: readers take whole batches, and their reads are bounded. */
const BATCH_BYTES = 1 << 16;
/** Length, attributes, timestampDelta, offsetDelta, two lengths, the count of headers, at their longest. */
const RECORD_OVERHEAD_MAX = 5 + 1 + 1 + 5 + 5 + 5 + 1;

/**
 * Lays records out as RecordBatch v2 (format: `encodeBatch`) as they come: each byte is copied once. The
 * batches lie back to back; of their headers only length and count are there, the log writes the rest when
 * they are appended, all with one timestamp.
 */
export class RecordPacker {
  readonly #prefixBytes: number;
  #bytes = new Uint8Array(0);
  #used: number;
  #batchStart: number;
  #count = 0;

  /** `prefixBytes` are left free before the batches for what the caller puts there. */
  constructor(prefixBytes = 0) {
    this.#prefixBytes = prefixBytes;
    this.#used = prefixBytes;
    this.#batchStart = prefixBytes;
  }

  /** Append a record whose value is `source[start, end)`, null where `start` is -1. The bytes are copied. */
  add(key: Uint8Array | null, source: Uint8Array, start: number, end: number): void {
    const valueLength = start < 0 ? -1 : end - start;
    const keyLength = key === null ? -1 : key.length;
    const content = Math.max(0, keyLength) + Math.max(0, valueLength);
    this.#reserve(at.BATCH_HEADER_BYTES + RECORD_OVERHEAD_MAX + content);
    if (this.#count === 0) this.#used = this.#batchStart + at.BATCH_HEADER_BYTES;
    const bytes = this.#bytes;
    const body = 3 + varintSize(this.#count) + varintSize(keyLength) + varintSize(valueLength) + content;
    let p = writeVarint(bytes, this.#used, body);
    bytes[p++] = 0;
    bytes[p++] = 0;
    p = writeVarint(bytes, p, this.#count);
    p = writeVarint(bytes, p, keyLength);
    if (key !== null) {
      bytes.set(key, p);
      p += keyLength;
    }
    p = writeVarint(bytes, p, valueLength);
    if (valueLength > 0) {
      bytes.set(source.subarray(start, end), p);
      p += valueLength;
    }
    bytes[p++] = 0;
    this.#used = p;
    this.#count++;
    if (p - this.#batchStart >= BATCH_BYTES) this.#closeBatch();
  }

  /** The batches so far, borrowed until the next `add` or `clear`; null when nothing was added. */
  peek(): Uint8Array | null {
    return this.#whole()?.subarray(this.#prefixBytes) ?? null;
  }

  /**
   * The prefix and the batches so far, with the memory they lie in; null when nothing was added. Goes on in
   * `memory`, which is the packer's from now on.
   */
  handOver(memory: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
    const whole = this.#whole();
    if (whole === null) return null;
    this.clear();
    this.#bytes = memory;
    return whole;
  }

  /** Forget what was added; the memory stays. */
  clear(): void {
    this.#used = this.#prefixBytes;
    this.#batchStart = this.#prefixBytes;
    this.#count = 0;
  }

  #whole(): Uint8Array<ArrayBuffer> | null {
    if (this.#count > 0) this.#closeBatch();
    return this.#used === this.#prefixBytes ? null : this.#bytes.subarray(0, this.#used);
  }

  #closeBatch(): void {
    const start = this.#batchStart;
    writeInt32(this.#bytes, start + at.BATCH_LENGTH_AT, this.#used - start - at.LENGTH_PREFIX_BYTES);
    writeInt32(this.#bytes, start + at.RECORD_COUNT_AT, this.#count);
    this.#batchStart = this.#used;
    this.#count = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(
      Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2, 1 << 17)).buffer,
    );
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
  }
}

/** The single batches of what a `RecordPacker` made. Views into `packed`. FORMAT_INVALID where it is cut off. */
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
  assert(batches.length > 0, 'packed records hold at least one batch');
  return batches;
}
