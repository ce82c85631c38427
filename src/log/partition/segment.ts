import { MillraceError, messageOf } from '../../core/mod.ts';
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  batchIsIntact,
  batchSizeAt,
  readBatchHeader,
} from '../codec/mod.ts';
import { isNoSpace, replaceFile, type Storage, type StorageFile } from '../storage/storage.ts';
import { SparseIndex } from './sparse-index.ts';

const SCAN_BYTES = 1 << 20;

/** File names hold the base offset in twenty digits, as Kafka's do. */
export function fileName(offset: number, ending: 'log' | 'index' | 'timeindex' | 'snapshot'): string {
  return `${String(offset).padStart(20, '0')}.${ending}`;
}

/** Thrown when a segment was removed or replaced before the read began: look the place up again. */
export class SegmentGone extends Error {
  override readonly name = 'SegmentGone';
}

/** How far an index is to be trusted: what lies behind was never durable. */
interface IndexEnd {
  readonly offset: number;
  readonly position: number;
}

/** One file of batches with its two indexes. Only the last segment of a partition is written to. */
export class Segment {
  readonly baseOffset: number;
  readonly path: string;
  createdMs: number;
  readonly #storage: Storage;
  readonly #directory: string;
  readonly file: StorageFile;
  /** All bytes written. */
  sizeBytes: number;
  /** Bytes below the high watermark: what readers may see. */
  readableBytes: number;
  /** Held while the segment is written to, and where it is stored nowhere. */
  #index: SparseIndex | undefined;
  /** As it is stored; in memory as long as somebody uses it. */
  #stored: WeakRef<SparseIndex> | undefined;
  #maxTimestamp: number | undefined;
  #readers = 0;
  #closed = false;

  private constructor(
    storage: Storage,
    directory: string,
    baseOffset: number,
    file: StorageFile,
    sizeBytes: number,
    nowMs: number,
  ) {
    this.#storage = storage;
    this.#directory = directory;
    this.baseOffset = baseOffset;
    this.path = Segment.pathOf(directory, baseOffset);
    this.file = file;
    this.sizeBytes = sizeBytes;
    this.readableBytes = sizeBytes;
    this.createdMs = nowMs;
  }

  static pathOf(directory: string, baseOffset: number): string {
    return `${directory}/${fileName(baseOffset, 'log')}`;
  }

  static async open(
    storage: Storage,
    directory: string,
    baseOffset: number,
    nowMs: number,
  ): Promise<Segment> {
    const path = Segment.pathOf(directory, baseOffset);
    const file = await storage.open(path);
    const size = (await storage.size(path)) ?? 0;
    return new Segment(storage, directory, baseOffset, file, size, nowMs);
  }

  /** The index: held for the active segment, else read from its files, else rebuilt from the batches. */
  async index(): Promise<SparseIndex> {
    const known = this.#index ?? this.#stored?.deref();
    if (known !== undefined) return known;
    const end = { offset: Number.MAX_SAFE_INTEGER, position: this.sizeBytes };
    const stored = await this.#storedIndex(end);
    if (stored !== undefined) this.#stored = new WeakRef(stored);
    else this.#index = await this.#rebuiltIndex(end.position);
    return stored ?? this.#index!;
  }

  /** Largest timestamp of the records, -1 when there are none. Does not keep the index in memory. */
  async maxTimestamp(): Promise<number> {
    if (this.#index !== undefined) return this.#index.maxTimestamp;
    this.#maxTimestamp ??= (await this.index()).maxTimestamp;
    this.#index = undefined;
    return this.#maxTimestamp;
  }

  /** Of the first batch, -1 where there is none. */
  async firstTimestamp(): Promise<number> {
    const header = new Uint8Array(BATCH_HEADER_BYTES);
    const read = await this.reading(file => file.read(0, header));
    return read < header.length ? -1 : readBatchHeader(header, 0).maxTimestamp;
  }

  /** Set the index up to a known end; recovery adds what follows. */
  async loadIndex(end: IndexEnd): Promise<SparseIndex> {
    const index = (await this.#storedIndex(end)) ?? (await this.#rebuiltIndex(end.position));
    this.#index = index;
    return index;
  }

  async #storedIndex(end: IndexEnd): Promise<SparseIndex | undefined> {
    const [offsets, times] = await Promise.all([
      this.#storage.readFile(this.#sibling('index')),
      this.#storage.readFile(this.#sibling('timeindex')),
    ]);
    return SparseIndex.decode(this.baseOffset, end, offsets, times);
  }

  async #rebuiltIndex(to: number): Promise<SparseIndex> {
    const rebuilt = new SparseIndex(this.baseOffset);
    const add = (batch: BatchHeader, position: number): boolean => {
      rebuilt.add(batch.lastOffset, position, batch.sizeBytes, batch.maxTimestamp);
      return true;
    };
    await this.reading(file => scanBatches(file, 0, to, add));
    return rebuilt;
  }

  /** The segment is not written to any more and its index is stored: keep it only as long as it is used. */
  releaseIndex(): void {
    if (this.#index === undefined) return;
    this.#maxTimestamp = this.#index.maxTimestamp;
    this.#stored = new WeakRef(this.#index);
    this.#index = undefined;
  }

  /** Start with an empty index, for a segment just made. */
  startIndex(): void {
    this.#index = new SparseIndex(this.baseOffset);
  }

  /** Store both index files whole: retention trusts their largest timestamp. */
  async saveIndex(): Promise<void> {
    const index = await this.index();
    index.finish();
    const name = (ending: 'index' | 'timeindex'): string => fileName(this.baseOffset, ending);
    await replaceFile(this.#storage, this.#directory, name('index'), index.encodeOffsets());
    await replaceFile(this.#storage, this.#directory, name('timeindex'), index.encodeTimes());
  }

  #sibling(ending: 'index' | 'timeindex'): string {
    return `${this.#directory}/${fileName(this.baseOffset, ending)}`;
  }

  /** The error for bytes that fail their checksum. */
  brokenAt(position: number): MillraceError {
    return Segment.broken(this.path, position);
  }

  static broken(path: string, position: number): MillraceError {
    return new MillraceError(
      'LOG_CORRUPT',
      `${path} has a broken batch at byte ${position}; restore the file or remove the topic`,
    );
  }

  /**
   * Make all that was written durable. A failure is final, for want of room too: the bytes stay where they
   * are, and nobody knows which of them are durable.
   */
  async sync(): Promise<void> {
    try {
      await this.file.datasync();
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      throw new MillraceError('LOG_IO', messageOf(error), { cause: error });
    }
  }

  /** Take back what a failed write may have left behind. */
  async truncate(sizeBytes: number): Promise<void> {
    await this.file.truncate(sizeBytes);
    this.sizeBytes = sizeBytes;
    this.readableBytes = Math.min(this.readableBytes, sizeBytes);
  }

  /** Run `use` while the file is kept open, even if retention removes the segment meanwhile. */
  async reading<T>(use: (file: StorageFile) => Promise<T>): Promise<T> {
    if (this.#closed) throw new SegmentGone(this.path);
    this.#readers++;
    try {
      return await use(this.file);
    } finally {
      this.#readers--;
      if (this.#closed && this.#readers === 0) await this.file.close();
    }
  }

  /** Remove the index files; they are made anew when they are needed. */
  async removeIndex(): Promise<void> {
    await this.#storage.remove(this.#sibling('index'));
    await this.#storage.remove(this.#sibling('timeindex'));
  }

  /** Remove the files. Readers under way finish first. */
  async remove(): Promise<void> {
    await this.#storage.remove(this.path);
    await this.removeIndex();
    await this.close();
  }

  /** Let go of the file, after the readers under way. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#readers === 0) await this.file.close();
  }
}

/**
 * Visit the intact batches of a file between two positions in order. Returns where the first batch begins
 * that is not whole, not intact or reaches beyond `to`; `to` itself when all are well. `visit` may stop the
 * scan by returning false.
 */
export async function scanBatches(
  file: StorageFile,
  from: number,
  to: number,
  visit: (batch: BatchHeader, position: number, bytes: Uint8Array, start: number) => boolean,
): Promise<number> {
  let position = from;
  let wanted = SCAN_BYTES;
  while (position < to) {
    const bytes = new Uint8Array(Math.min(wanted, to - position));
    if ((await file.read(position, bytes)) < bytes.length) return position;
    let start = 0;
    for (;;) {
      const size = batchSizeAt(bytes, start);
      if (position + start + size > to) return position + start;
      if (size < 0 || start + size > bytes.length) {
        wanted = Math.max(SCAN_BYTES, size, BATCH_HEADER_BYTES);
        break;
      }
      if (!batchIsIntact(bytes, start)) return position + start;
      if (!visit(readBatchHeader(bytes, start), position + start, bytes, start)) return position + start;
      start += size;
    }
    // Nothing fitted although all that is left, or a whole batch's worth, was read: the rest is torn.
    if (start === 0 && (bytes.length === to - position || wanted <= bytes.length)) return position;
    position += start;
  }
  return position;
}
