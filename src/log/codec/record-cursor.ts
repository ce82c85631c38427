import { MillraceError } from '../../core/mod.ts';
import { batchSizeAt } from './batch-header.ts';
import { recordsOf } from './batch-records.ts';
import { readInt16, readInt32, readInt64 } from './integers.ts';
import * as at from './layout.ts';
import type { RecordPlaces } from './record-places.ts';

/**
 * A transaction to skip: that producer's transactional batches from `firstOffset` on, up to its abort
 * marker.
 */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/**
 * Walks the records of stored batches without allocating: after `next()` returned true, the fields say where
 * key and value lie in `bytes`: those of the read, or of a compressed batch what was in it. Control batches,
 * aborted transactions and records below `fromOffset` are passed over.
 */
export class RecordCursor {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  timestampMs = 0;
  keyStart = 0;
  /** -1 for a null key. */
  keyLength = -1;
  valueStart = 0;
  /** -1 for a null value. */
  valueLength = -1;
  /** Where the header count lies; for `decodeRecords`. */
  headersStart = 0;

  /** What is read; `bytes` are its own in a compressed batch. */
  #read: Uint8Array = this.bytes;
  #nextBatch = 0;
  #position = 0;
  #batchEnd = 0;
  #recordsLeft = 0;
  #baseOffset = 0;
  #baseTimestamp = 0;
  /** 0 where all records have the time of the append, which is the base then. */
  #timestampScale = 1;
  #fromOffset = 0;
  #pendingAborted: readonly AbortedTransaction[] = [];
  #pendingIndex = 0;
  readonly #skipped = new Set<number>();

  /**
   * Start over on `bytes`. `aborted` is what `read_committed` reads return; leave it out for
   * `read_uncommitted`.
   */
  reset(bytes: Uint8Array, fromOffset = 0, aborted: readonly AbortedTransaction[] = []): void {
    this.bytes = bytes;
    this.#read = bytes;
    this.#nextBatch = 0;
    this.#position = 0;
    this.#batchEnd = 0;
    this.#recordsLeft = 0;
    this.#fromOffset = fromOffset;
    this.#pendingAborted =
      aborted.length < 2 ? aborted : [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
    this.#pendingIndex = 0;
    this.#skipped.clear();
  }

  /**
   * Go to the next record. False at the end of the bytes; FORMAT_INVALID where they are no record batch v2.
   */
  next(): boolean {
    for (;;) {
      while (this.#recordsLeft > 0) {
        this.#readRecord();
        if (this.offset >= this.#fromOffset) return true;
      }
      if (!this.#enterBatch()) return false;
    }
  }

  /**
   * Notes the places of all records that are left, up to the first at or behind `endOffset`; true when
   * there was such a one. Of bytes without compressed batches only: places are those in one memory.
   */
  collect(into: RecordPlaces, endOffset: number): boolean {
    while (this.#recordsLeft > 0 || this.#enterBatch()) {
      into.reserve(this.#recordsLeft);
      while (this.#recordsLeft > 0) {
        this.#collectShort(into, endOffset);
        if (this.#recordsLeft === 0) break;
        this.#readRecord();
        if (this.offset >= endOffset) return true;
        if (this.offset >= this.#fromOffset) this.#note(into);
      }
    }
    return false;
  }

  /**
   * The same for records of this batch whose lengths and differences take one or two bytes each, as most
   * do; stops at the first other one, and at the end.
   */
  #collectShort(into: RecordPlaces, endOffset: number): void {
    const { bytes } = this;
    const [batchEnd, baseOffset, baseTimestamp] = [this.#batchEnd, this.#baseOffset, this.#baseTimestamp];
    const timestampScale = this.#timestampScale;
    const { starts, ends, offsets, keyStarts, keyEnds, timestamps, headersStarts } = into;
    let count = into.count;
    let left = this.#recordsLeft;
    let start = this.#position;
    for (; left > 0; left--) {
      let p = start;
      let [a, b] = [bytes[p]!, bytes[p + 1]!];
      if ((a & b) > 127) break;
      const length = a < 128 ? a : (a & 127) | (b << 7);
      p += a < 128 ? 2 : 3;
      const end = p - 1 + (length >>> 1);
      [a, b] = [bytes[p]!, bytes[p + 1]!];
      if ((length & 1) === 1 || end > batchEnd || (a & b) > 127) break;
      const later = a < 128 ? a : (a & 127) | (b << 7);
      p += a < 128 ? 1 : 2;
      [a, b] = [bytes[p]!, bytes[p + 1]!];
      if ((a & b) > 127) break;
      const further = a < 128 ? a : (a & 127) | (b << 7);
      p += a < 128 ? 1 : 2;
      [a, b] = [bytes[p]!, bytes[p + 1]!];
      if ((a & b) > 127) break;
      const key = a < 128 ? a : (a & 127) | (b << 7);
      p += a < 128 ? 1 : 2;
      const keyStart = p;
      if ((key & 1) === 0) p += key >>> 1;
      const keyEnd = p;
      [a, b] = [bytes[p]!, bytes[p + 1]!];
      if ((a & b) > 127) break;
      const value = a < 128 ? a : (a & 127) | (b << 7);
      p += a < 128 ? 1 : 2;
      const offset = baseOffset + ((further >>> 1) ^ -(further & 1));
      if (offset >= endOffset) break;
      start = end;
      if (offset < this.#fromOffset) continue;
      const isNull = (value & 1) === 1;
      starts[count] = isNull ? -1 : p;
      ends[count] = isNull ? p : p + (value >>> 1);
      offsets[count] = offset;
      keyStarts[count] = (key & 1) === 1 ? -1 : keyStart;
      keyEnds[count] = keyEnd;
      timestamps[count] = baseTimestamp + ((later >>> 1) ^ -(later & 1)) * timestampScale;
      headersStarts[count] = ends[count]!;
      count++;
    }
    into.count = count;
    this.#recordsLeft = left;
    this.#position = start;
  }

  #note(into: RecordPlaces): void {
    const i = into.count++;
    into.starts[i] = this.valueLength < 0 ? -1 : this.valueStart;
    into.ends[i] = this.headersStart;
    into.offsets[i] = this.offset;
    into.keyStarts[i] = this.keyLength < 0 ? -1 : this.keyStart;
    into.keyEnds[i] = this.keyStart + Math.max(0, this.keyLength);
    into.timestamps[i] = this.timestampMs;
    into.headersStarts[i] = this.headersStart;
  }

  /** Enter the next batch whose records count, skipping others whole. */
  #enterBatch(): boolean {
    for (;;) {
      const start = this.#nextBatch;
      const read = this.#read;
      if (start === read.length) return false;
      const size = batchSizeAt(read, start);
      if (size < 0 || start + size > read.length || read[start + at.MAGIC_AT] !== at.MAGIC_V2) {
        throw new MillraceError(
          'FORMAT_INVALID',
          `no whole record batch v2 at byte ${start} of what was read`,
        );
      }
      this.#nextBatch = start + size;
      if (this.#batchCounts(start)) {
        this.#enterRecords(start, size);
        return true;
      }
    }
  }

  #enterRecords(start: number, size: number): void {
    const read = this.#read;
    const attributes = readInt16(read, start + at.ATTRIBUTES_AT);
    const isAppendTime = (attributes & at.APPEND_TIME_BIT) !== 0;
    this.#timestampScale = isAppendTime ? 0 : 1;
    const timestampAt = isAppendTime ? at.MAX_TIMESTAMP_AT : at.BASE_TIMESTAMP_AT;
    this.#baseTimestamp = readInt64(read, start + timestampAt);
    this.#recordsLeft = readInt32(read, start + at.RECORD_COUNT_AT);
    const isCompressed = (attributes & at.COMPRESSION_MASK) !== 0 && this.#recordsLeft > 0;
    this.bytes = isCompressed ? recordsOf(read, start) : read;
    this.#position = isCompressed ? 0 : start + at.BATCH_HEADER_BYTES;
    this.#batchEnd = isCompressed ? this.bytes.length : start + size;
  }

  #batchCounts(start: number): boolean {
    const bytes = this.#read;
    this.#baseOffset = readInt64(bytes, start);
    const lastOffset = this.#baseOffset + readInt32(bytes, start + at.LAST_OFFSET_DELTA_AT);
    const attributes = readInt16(bytes, start + at.ATTRIBUTES_AT);
    if (this.#pendingAborted.length > 0) {
      const producerId = readInt64(bytes, start + at.PRODUCER_ID_AT);
      this.#startSkipping(lastOffset);
      // Only an abort marker ends an aborted transaction; commits of that producer have no entry here.
      if ((attributes & at.CONTROL_BIT) !== 0) this.#skipped.delete(producerId);
      else if ((attributes & at.TRANSACTIONAL_BIT) !== 0 && this.#skipped.has(producerId)) return false;
    }
    return (attributes & at.CONTROL_BIT) === 0 && lastOffset >= this.#fromOffset;
  }

  #startSkipping(lastOffset: number): void {
    while (this.#pendingIndex < this.#pendingAborted.length) {
      const next = this.#pendingAborted[this.#pendingIndex]!;
      if (next.firstOffset > lastOffset) return;
      this.#skipped.add(Number(next.producerId));
      this.#pendingIndex++;
    }
  }

  #readRecord(): void {
    this.#recordsLeft--;
    const length = this.#varint();
    const end = this.#position + length;
    if (length < 0 || end > this.#batchEnd) {
      throw new MillraceError('FORMAT_INVALID', `a record behind offset ${this.offset} exceeds its batch`);
    }
    this.#position++;
    this.timestampMs = this.#baseTimestamp + this.#varint() * this.#timestampScale;
    this.offset = this.#baseOffset + this.#varint();
    this.keyLength = this.#varint();
    this.keyStart = this.#position;
    if (this.keyLength > 0) this.#position += this.keyLength;
    this.valueLength = this.#varint();
    this.valueStart = this.#position;
    this.headersStart = this.valueLength > 0 ? this.#position + this.valueLength : this.#position;
    this.#position = end;
  }

  #varint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#position++]!;
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 127;
    byte = bytes[this.#position++]!;
    value |= (byte & 127) << 7;
    if (byte < 128) return (value >>> 1) ^ -(value & 1);
    return this.#longVarint(value);
  }

  #longVarint(low: number): number {
    let value = low;
    let scale = 16384;
    let byte: number;
    do {
      byte = this.bytes[this.#position++]!;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}
