import { MillraceError } from '../../core/mod.ts';
import { RecordCursor } from '../codec/mod.ts';
import type { IsolationLevel, PartitionOffsets, ReadResult } from '../log.ts';
import type { PartitionState } from './partition-state.ts';
import {
  type BatchPlace,
  type BatchRun,
  newestBatch,
  placeOf,
  placeOfTime,
  readRun,
} from './read-batches.ts';
import { SegmentGone } from './segment.ts';
import type { SegmentList } from './segment-list.ts';
import { type Stretch, stretchAt } from './stretch.ts';

/** What readers need of a partition. */
export interface ReadablePartition {
  /** As users know it: `topic-0`. */
  readonly name: string;
  readonly segments: SegmentList;
  readonly state: PartitionState;
  readonly counters: { recordsRead: number; bytesRead: number };
  readonly closed: boolean;
  offsets(): PartitionOffsets;
}

/** A record found by its time. */
export interface FoundTime {
  readonly offset: number;
  readonly timestampMs: number;
}

const PLACES_REMEMBERED_MAX = 64;
const TIME_READ_BYTES = 1 << 16;

/** The reading side of a partition. */
export class PartitionReader {
  readonly #of: ReadablePartition;
  /** Where reads ended, so that the next one of a sequential reader needs no search. */
  readonly #places = new Map<number, BatchPlace>();

  constructor(of: ReadablePartition) {
    this.#of = of;
  }

  /** The end for readers of this isolation. */
  end(isolation: IsolationLevel): number {
    const { highWatermark, lastStableOffset } = this.#of.offsets();
    return isolation === 'read_committed' ? lastStableOffset : highWatermark;
  }

  /** Forget where batches lie: of files that were replaced, or below the start of the log. */
  forgetPlaces(below = Number.POSITIVE_INFINITY): void {
    for (const offset of this.#places.keys()) if (offset < below) this.#places.delete(offset);
  }

  /** Whole batches from the one that holds `offset` on. OFFSET_OUT_OF_RANGE outside of the log. */
  async read(
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
    into?: Uint8Array,
  ): Promise<ReadResult> {
    const offsets = this.#offsetsAround(offset);
    const limit = this.end(isolation);
    if (offset >= limit) return { ...offsets, bytes: new Uint8Array(0), aborted: [], nextOffset: offset };
    // Asked before: while the bytes come, compaction or retention may end and forget what they still hold.
    const aborted = isolation === 'read_committed' ? this.#of.state.abortedBetween(offset, limit) : [];
    const run = await this.#readRun(offset, limit, maxBytes, into);
    if (run === 'gone') return this.read(offset, maxBytes, isolation, into);
    const { nextOffset } = run;
    this.#remember(nextOffset, run.next);
    const { counters } = this.#of;
    counters.bytesRead += run.bytes.length;
    counters.recordsRead += nextOffset - offset;
    const met = aborted.filter(({ firstOffset }) => firstOffset < nextOffset);
    return { ...offsets, bytes: run.bytes, aborted: met, nextOffset };
  }

  #offsetsAround(offset: number): PartitionOffsets {
    const offsets = this.#of.offsets();
    const { logStartOffset: start, logEndOffset: end } = offsets;
    if (offset >= start && offset <= end && Number.isSafeInteger(offset)) return offsets;
    throw new MillraceError(
      'OFFSET_OUT_OF_RANGE',
      `${this.#of.name} has offsets ${start} to ${end}, not ${offset}`,
    );
  }

  /** Where the batches from the one that holds `offset` on lie; null where it is better to read them here. */
  async stretch(offset: number, isolation: IsolationLevel): Promise<Stretch | null> {
    const offsets = this.#offsetsAround(offset);
    const limit = this.end(isolation);
    if (offset >= limit) return null;
    // What to skip is told piece by piece: only a stretch without it can be read in one go.
    if (isolation === 'read_committed' && this.#of.state.abortedBetween(offset, limit).length > 0)
      return null;
    const found = await stretchAt(this.#of.segments, this.#places.get(offset) ?? null, offset);
    return found === null ? null : { ...found, offset, limit, offsets };
  }

  /** `gone` where retention or compaction took the segment meanwhile: everything is to be looked up anew. */
  async #readRun(
    offset: number,
    limit: number,
    maxBytes: number,
    into?: Uint8Array,
  ): Promise<BatchRun | 'gone'> {
    const { segments } = this.#of;
    try {
      const place = this.#places.get(offset) ?? (await placeOf(segments, offset));
      return await readRun(segments, place, offset, limit, maxBytes, into);
    } catch (error) {
      if (!(error instanceof SegmentGone) || this.#of.closed) throw error;
      this.#places.delete(offset);
      return 'gone';
    }
  }

  #remember(offset: number, place: BatchPlace): void {
    this.#places.delete(offset);
    this.#places.set(offset, place);
    if (this.#places.size <= PLACES_REMEMBERED_MAX) return;
    for (const oldest of this.#places.keys()) {
      this.#places.delete(oldest);
      return;
    }
  }

  /** First record at or after the time, below `end`; undefined when none is visible. */
  atTime(timestampMs: number, end: number): Promise<FoundTime | undefined> {
    return this.#again(async () => {
      let from = await placeOfTime(this.#of.segments, timestampMs, end);
      if (from === undefined) return undefined;
      from = Math.max(from, this.#of.offsets().logStartOffset);
      return this.#firstFrom(from, end, timestampMs);
    });
  }

  /** The record with the largest time below `end`, the first of several; undefined when there is none. */
  newest(end: number): Promise<FoundTime | undefined> {
    return this.#again(async () => {
      const { logStartOffset } = this.#of.offsets();
      const batch = await newestBatch(this.#of.segments, logStartOffset, end);
      if (batch === undefined) return undefined;
      return this.#firstFrom(Math.max(batch.baseOffset, logStartOffset), end, batch.maxTimestamp);
    });
  }

  async #firstFrom(from: number, end: number, timestampMs: number): Promise<FoundTime | undefined> {
    const cursor = new RecordCursor();
    for (let offset = from; offset < end; ) {
      const { bytes, nextOffset } = await this.read(offset, TIME_READ_BYTES, 'read_uncommitted');
      cursor.reset(bytes, offset);
      while (cursor.next()) {
        if (cursor.offset >= end) return undefined;
        if (cursor.timestampMs >= timestampMs) {
          return { offset: cursor.offset, timestampMs: cursor.timestampMs };
        }
      }
      offset = nextOffset;
    }
    return undefined;
  }

  /** Look everything up anew where retention or compaction took a segment meanwhile. */
  async #again<T>(search: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await search();
      } catch (error) {
        if (!(error instanceof SegmentGone) || this.#of.closed) throw error;
      }
    }
  }
}
