import { readInt32, readInt64, writeInt32, writeInt64 } from '../codec/integers.ts';

/** A batch is indexed when so many bytes follow the last indexed one (Kafka's `index.interval.bytes`). */
export const INDEX_INTERVAL_BYTES = 4096;
const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

interface OffsetEntry {
  readonly lastOffset: number;
  readonly position: number;
}
interface TimeEntry {
  readonly timestamp: number;
  readonly offset: number;
}

/**
 * The two sparse indexes of a segment as Kafka keeps them: `.index` has (last offset of a batch, its
 * position), `.timeindex` has (largest timestamp so far, offset where it was reached). Both ascend, offsets
 * are relative to the base.
 */
export class SparseIndex {
  readonly #baseOffset: number;
  readonly #offsets: OffsetEntry[] = [];
  readonly #times: TimeEntry[] = [];
  #bytesSinceEntry = INDEX_INTERVAL_BYTES;
  maxTimestamp = -1;
  #maxTimestampOffset = 0;

  constructor(baseOffset: number) {
    this.#baseOffset = baseOffset;
  }

  /** Take note of a batch just appended at `position`. */
  add(lastOffset: number, position: number, sizeBytes: number, maxTimestamp: number): void {
    if (maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = maxTimestamp;
      this.#maxTimestampOffset = lastOffset;
    }
    this.#bytesSinceEntry += sizeBytes;
    if (this.#bytesSinceEntry < INDEX_INTERVAL_BYTES) return;
    this.#bytesSinceEntry = 0;
    this.#offsets.push({ lastOffset, position });
    this.#addTime();
  }

  /** Called when the segment is closed, so that its largest timestamp is on file. */
  finish(): void {
    this.#addTime();
  }

  #addTime(): void {
    const last = this.#times.at(-1);
    if (this.maxTimestamp < 0 || (last !== undefined && last.timestamp >= this.maxTimestamp)) return;
    this.#times.push({ timestamp: this.maxTimestamp, offset: this.#maxTimestampOffset });
  }

  /** A position at or before the batch that holds `offset`, as near as is known. */
  positionFor(offset: number): number {
    return lastWhere(this.#offsets, entry => entry.lastOffset <= offset)?.position ?? 0;
  }

  /** An offset at or before the first record with a timestamp >= the asked one. */
  offsetFor(timestamp: number): number {
    return lastWhere(this.#times, entry => entry.timestamp < timestamp)?.offset ?? this.#baseOffset;
  }

  encodeOffsets(): Uint8Array {
    const bytes = new Uint8Array(this.#offsets.length * OFFSET_ENTRY_BYTES);
    this.#offsets.forEach((entry, i) => {
      writeInt32(bytes, i * OFFSET_ENTRY_BYTES, entry.lastOffset - this.#baseOffset);
      writeInt32(bytes, i * OFFSET_ENTRY_BYTES + 4, entry.position);
    });
    return bytes;
  }

  encodeTimes(): Uint8Array {
    const bytes = new Uint8Array(this.#times.length * TIME_ENTRY_BYTES);
    this.#times.forEach((entry, i) => {
      writeInt64(bytes, i * TIME_ENTRY_BYTES, entry.timestamp);
      writeInt32(bytes, i * TIME_ENTRY_BYTES + 8, entry.offset - this.#baseOffset);
    });
    return bytes;
  }

  /**
   * Read both files. Entries beyond the end that is known, and all behind one that does not ascend, are left
   * out. The files are a help that is rebuilt from the segment when they are missing (undefined is returned
   * then).
   */
  static decode(
    baseOffset: number,
    end: { readonly offset: number; readonly position: number },
    offsets: Uint8Array | undefined,
    times: Uint8Array | undefined,
  ): SparseIndex | undefined {
    if (offsets === undefined || times === undefined) return undefined;
    if (end.position > 0 && offsets.length === 0) return undefined;
    const index = new SparseIndex(baseOffset);
    for (let at = 0; at + OFFSET_ENTRY_BYTES <= offsets.length; at += OFFSET_ENTRY_BYTES) {
      const entry = { lastOffset: baseOffset + readInt32(offsets, at), position: readInt32(offsets, at + 4) };
      const last = index.#offsets.at(-1);
      if (entry.position >= end.position || (last !== undefined && entry.lastOffset <= last.lastOffset))
        break;
      index.#offsets.push(entry);
    }
    for (let at = 0; at + TIME_ENTRY_BYTES <= times.length; at += TIME_ENTRY_BYTES) {
      const entry = { timestamp: readInt64(times, at), offset: baseOffset + readInt32(times, at + 8) };
      if (entry.timestamp <= index.maxTimestamp || entry.offset >= end.offset) break;
      index.#times.push(entry);
      index.maxTimestamp = entry.timestamp;
      index.#maxTimestampOffset = entry.offset;
    }
    return index;
  }
}

/** The last entry of an ascending list for which the test holds; it holds for a prefix of the list. */
function lastWhere<T>(entries: readonly T[], test: (entry: T) => boolean): T | undefined {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(entries[middle]!)) low = middle + 1;
    else high = middle;
  }
  return entries[low - 1];
}
