import type { PartitionOffsets, ReadResult } from '../log.ts';
import { type BatchPlace, placeOf, readablePlace, wholeBatches } from './read-batches.ts';
import { Segment, SegmentGone } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/** Below, the bytes themselves are less trouble than saying where they lie. */
const STRETCH_BYTES_MIN = 256 << 10;

/**
 * Where stored batches lie in one file, for another thread that reads them by itself: from the batch that
 * holds `offset` on, up to byte `end` and below the offset `limit`. No transaction in it was aborted.
 */
export interface Stretch {
  readonly path: string;
  /** Tells whether the file of that name is still the one that is meant. */
  readonly fileId: string;
  readonly offset: number;
  readonly position: number;
  readonly end: number;
  readonly limit: number;
  readonly offsets: PartitionOffsets;
}

/**
 * The stretch from the batch that holds `offset` on, whose place may be known; null where it is short, the
 * file is none of the system, or it is gone meanwhile.
 */
export async function stretchAt(
  segments: SegmentList,
  known: BatchPlace | null,
  offset: number,
): Promise<Pick<Stretch, 'path' | 'fileId' | 'position' | 'end'> | null> {
  try {
    const place = readablePlace(segments, known ?? (await placeOf(segments, offset)));
    if (place === null) return null;
    const { segment, position } = place;
    const end = segment.readableBytes;
    if (end - position < STRETCH_BYTES_MIN) return null;
    const fileId = await segment.reading(async file => file.id?.() ?? null);
    return fileId === null ? null : { path: segment.path, fileId, position, end };
  } catch (error) {
    if (error instanceof SegmentGone) return null;
    throw error;
  }
}

/** A file of stored batches as another thread reads it. */
export interface StretchFile {
  /** Fills `target` from `position` on; returns how many bytes there were. */
  read(position: number, target: Uint8Array): number;
  /** Its name was removed, or another file has taken it. */
  readonly isGone: boolean;
  close(): void;
}

/** Reads a stretch piece by piece. */
export class StretchReader {
  readonly stretch: Stretch;
  readonly #file: StretchFile;
  #position: number;
  /** Where the next read goes on. */
  offset: number;

  constructor(stretch: Stretch, file: StretchFile) {
    this.stretch = stretch;
    this.#file = file;
    this.#position = stretch.position;
    this.offset = stretch.offset;
  }

  get bytesRead(): number {
    return this.#position - this.stretch.position;
  }

  get recordsRead(): number {
    return this.offset - this.stretch.offset;
  }

  /** Null where no whole batch is left of the stretch, or not of `maxBytes`: it is to be asked for anew. */
  read(maxBytes: number, into: Uint8Array | undefined): ReadResult | null {
    if (this.#file.isGone) return null;
    const { path, end, limit, offsets } = this.stretch;
    const wanted = Math.min(end - this.#position, maxBytes);
    const memory = into !== undefined && into.length >= wanted ? into : new Uint8Array(wanted);
    const read = this.#file.read(this.#position, memory.subarray(0, wanted));
    const found = wholeBatches(memory.subarray(0, read), this.offset, limit, at =>
      Segment.broken(path, this.#position + at),
    );
    if (found.bytes.length === 0) return null;
    this.#position += found.bytes.length;
    this.offset = found.nextOffset;
    return { ...offsets, ...found, aborted: [] };
  }

  close(): void {
    this.#file.close();
  }
}
