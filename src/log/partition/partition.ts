import type { Clock } from '../../core/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import { decodeRecords, type EncodedBatch } from '../codec/mod.ts';
import type { IsolationLevel, PartitionOffsets, ReadResult } from '../log.ts';
import type { LogSettings } from '../settings.ts';
import type { Storage } from '../storage/storage.ts';
import { type AppendEntry, AppendQueue } from './append-queue.ts';
import { compactable, compactSegments, worthCompacting } from './compact.ts';
import { type LinkedBatches, linkBatches } from './linked-batches.ts';
import { PartitionFiles } from './partition-files.ts';
import { entryAfter, type PartitionState, type ProducerEntry } from './partition-state.ts';
import { type AppendRole, placeBatches } from './place-batches.ts';
import { type BatchPlace, type BatchRun, placeOf, placeOfTime, readRun } from './read-batches.ts';
import { recoverPartition } from './recover.ts';
import { expiredSegments } from './retention.ts';
import { SegmentGone } from './segment.ts';
import { type Stretch, stretchAt } from './stretch.ts';
import { Waiters } from './waiters.ts';

/** Counts over all partitions, for `stats()`. */
export interface LogCounters {
  recordsAppended: number;
  bytesAppended: number;
  recordsRead: number;
  bytesRead: number;
  flushes: number;
}

export interface PartitionOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly directory: string;
  /** As users know it: `topic-0`. */
  readonly name: string;
  readonly settings: LogSettings;
  /** Null where `cleanup.policy` has no `compact`. */
  readonly compaction: { readonly minLagMs: number } | null;
  readonly counters: LogCounters;
}

const PLACES_REMEMBERED_MAX = 64;
const TIME_READ_BYTES = 1 << 16;

/**
 * One partition: appends in order, group commit, reads up to the high watermark, state of producers and
 * transactions.
 */
export class Partition {
  readonly #options: PartitionOptions;
  readonly #files: PartitionFiles;
  readonly #queue: AppendQueue;
  readonly #waiters: Waiters;
  readonly #closing = new AbortController();
  readonly state: PartitionState;
  /** Producers as they will stand when what is queued is written. */
  readonly #ahead = new Map<number, ProducerEntry>();
  /** Where reads ended, so that the next one of a sequential reader needs no search. */
  readonly #places = new Map<number, BatchPlace>();
  #logEndOffset: number;
  #highWatermark: number;
  #flushing: Promise<void> | null = null;
  #compactedTo = 0;
  #linked = 0;

  private constructor(options: PartitionOptions, files: PartitionFiles, state: PartitionState, end: number) {
    this.#options = options;
    this.#files = files;
    this.state = state;
    this.#logEndOffset = end;
    this.#highWatermark = end;
    this.#waiters = new Waiters(options.clock);
    const writer = {
      roomFor: (bytes: number) => files.roomFor(bytes),
      writeGroup: (entries: readonly AppendEntry[], flush: boolean) => this.#writeGroup(entries, flush),
      complete: (entries: readonly AppendEntry[]) => this.#complete(entries),
      abandon: () => this.#abandon(),
    };
    this.#queue = new AppendQueue(writer, options.settings.groupBytesMax, options.name);
  }

  static async open(options: PartitionOptions): Promise<Partition> {
    const { storage, directory, clock, settings, counters } = options;
    const found = await recoverPartition(storage, directory, clock, options.compaction !== null);
    const files = new PartitionFiles({
      storage,
      directory,
      clock,
      settings,
      segments: found.segments,
      recoveryPoint: found.recoveryPoint,
      unsnapshottedBytes: found.scannedBytes,
      snapshotBase: found.snapshotBase,
      durableOffset: found.logEndOffset,
      flushed: () => {
        counters.flushes++;
      },
    });
    return new Partition(options, files, found.state, found.logEndOffset);
  }

  /** Why appends fail: for good, or as long as the disk is full. */
  get failure(): MillraceError | null {
    return this.#queue.failure ?? this.#queue.full;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  get sizeBytes(): number {
    return this.#files.segments.sizeBytes;
  }

  get logEndOffset(): number {
    return this.#logEndOffset;
  }
  get durableOffset(): number {
    return this.#files.durableOffset;
  }

  /** Where a producer stands, with what is still queued. */
  producer(producerId: number): ProducerEntry | undefined {
    return this.#ahead.get(producerId) ?? this.state.producers.get(producerId);
  }

  /**
   * Give the batches their offsets and queue them; they go to disk in the order of these calls, all
   * together.
   */
  append(batches: readonly EncodedBatch[], role: AppendRole): { baseOffset: number; done: Promise<void> } {
    return this.#enqueue(batches, role);
  }

  /** The batches of a file, to be taken as they lie there; null where it is better to copy them. */
  async link(path: string, sizeBytes: number, batchBytesMax: number): Promise<LinkedBatches | null> {
    const { storage, directory, settings } = this.#options;
    if (sizeBytes > settings.segmentBytes) return null;
    const temporary = `${directory}/linked-${this.#linked++}.tmp`;
    return linkBatches(storage, path, temporary, sizeBytes, batchBytesMax);
  }

  /** As `append`, of batches with new headers whose file becomes the next segment. */
  adopt(linked: LinkedBatches, role: AppendRole): { done: Promise<void> } {
    return this.#enqueue(linked.batches, role, linked.path);
  }

  #enqueue(batches: readonly EncodedBatch[], role: AppendRole, linked?: string) {
    const baseOffset = this.#logEndOffset;
    const placed = placeBatches(batches, role, baseOffset);
    const sizeBytes = placed.reduce((sum, batch) => sum + batch.sizeBytes, 0);
    const last = placed.at(-1);
    this.#logEndOffset = last === undefined ? baseOffset : last.lastOffset + 1;
    const isData = last !== undefined && role.producerId >= 0 && role.marker === null;
    if (isData) this.#ahead.set(role.producerId, entryAfter(last));
    const entry = { batches: placed, sizeBytes, lazy: role.marker !== null };
    const done = this.#queue.enqueue(linked === undefined ? entry : { ...entry, linked });
    return { baseOffset, done };
  }

  /** Resolves when all that was appended before is visible. */
  settled(): Promise<void> {
    return this.#queue.barrier();
  }

  async #writeGroup(entries: readonly AppendEntry[], flush: boolean): Promise<void> {
    const batches = entries.flatMap(entry => entry.batches);
    if (batches.length === 0) return;
    const linked = entries[0]!.linked;
    if (linked !== undefined) return this.#files.adopt(linked, batches);
    const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    await this.#files.prepare(entries[0]!.sizeBytes, this.#highWatermark, this.state);
    await this.#files.write(batches, sizeBytes);
    if (this.#options.settings.flush === 'interval') this.#scheduleFlush();
    else if (flush) await this.#files.flush(batches.at(-1)!.lastOffset + 1);
  }

  #complete(entries: readonly AppendEntry[]): void {
    const { counters } = this.#options;
    for (const { batches, linked } of entries) {
      // An empty segment may have been replaced.
      if (linked !== undefined) this.#places.clear();
      for (const batch of batches) {
        this.state.apply(batch);
        this.#highWatermark = batch.lastOffset + 1;
        if (this.#ahead.get(batch.producerId)?.lastBaseOffset === batch.baseOffset) {
          this.#ahead.delete(batch.producerId);
        }
        counters.bytesAppended += batch.sizeBytes;
        if (batch.marker === null) counters.recordsAppended += batch.recordCount;
      }
    }
    const { active } = this.#files.segments;
    active.readableBytes = active.sizeBytes;
    this.#waiters.notify();
  }

  #abandon(): void {
    this.#logEndOffset = this.#highWatermark;
    this.#ahead.clear();
  }

  /** One flush `flushIntervalMs` from now, unless one is due already. */
  #scheduleFlush(): void {
    this.#flushing ??= this.#flushLater().finally(() => {
      this.#flushing = null;
      if (this.#files.dirty && !this.#closing.signal.aborted) this.#scheduleFlush();
    });
  }

  async #flushLater(): Promise<void> {
    const { clock, settings } = this.#options;
    try {
      await clock.sleep(settings.flushIntervalMs, this.#closing.signal);
      if (this.#files.dirty) await this.#files.flush(this.#highWatermark);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#queue.fail(error);
    }
  }

  offsets(): PartitionOffsets {
    return {
      logStartOffset: this.#files.segments.logStartOffset,
      logEndOffset: this.#logEndOffset,
      highWatermark: this.#highWatermark,
      lastStableOffset: this.state.lastStableOffset(this.#highWatermark),
    };
  }

  /** Whole batches from the one that holds `offset` on. OFFSET_OUT_OF_RANGE outside of the log. */
  async read(
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
    into?: Uint8Array,
  ): Promise<ReadResult> {
    const offsets = this.#offsetsAround(offset);
    const limit = this.#end(isolation);
    if (offset >= limit) return { ...offsets, bytes: new Uint8Array(0), aborted: [], nextOffset: offset };
    const run = await this.#readRun(offset, limit, maxBytes, into);
    if (run === 'gone') return this.read(offset, maxBytes, isolation, into);
    this.#remember(run.nextOffset, run.next);
    const { counters } = this.#options;
    counters.bytesRead += run.bytes.length;
    counters.recordsRead += run.nextOffset - offset;
    const aborted = isolation === 'read_committed' ? this.state.abortedBetween(offset, run.nextOffset) : [];
    return { ...offsets, bytes: run.bytes, aborted, nextOffset: run.nextOffset };
  }

  #offsetsAround(offset: number): PartitionOffsets {
    const offsets = this.offsets();
    const { logStartOffset: start, logEndOffset: end } = offsets;
    if (offset >= start && offset <= end && Number.isSafeInteger(offset)) return offsets;
    throw new MillraceError(
      'OFFSET_OUT_OF_RANGE',
      `${this.#options.name} has offsets ${start} to ${end}, not ${offset}`,
    );
  }

  /** Where the batches from the one that holds `offset` on lie; null where it is better to read them here. */
  async stretch(offset: number, isolation: IsolationLevel): Promise<Stretch | null> {
    const offsets = this.#offsetsAround(offset);
    const limit = this.#end(isolation);
    if (offset >= limit) return null;
    // What to skip is told piece by piece: only a stretch without it can be read in one go.
    if (isolation === 'read_committed' && this.state.abortedBetween(offset, limit).length > 0) return null;
    const found = await stretchAt(this.#files.segments, this.#places.get(offset) ?? null, offset);
    return found === null ? null : { ...found, offset, limit, offsets };
  }

  /** `gone` where retention or compaction took the segment meanwhile: everything is to be looked up anew. */
  async #readRun(
    offset: number,
    limit: number,
    maxBytes: number,
    into?: Uint8Array,
  ): Promise<BatchRun | 'gone'> {
    const segments = this.#files.segments;
    try {
      const place = this.#places.get(offset) ?? (await placeOf(segments, offset));
      return await readRun(segments, place, offset, limit, maxBytes, into);
    } catch (error) {
      if (!(error instanceof SegmentGone) || this.closed) throw error;
      this.#places.delete(offset);
      return 'gone';
    }
  }

  #end(isolation: IsolationLevel): number {
    return isolation === 'read_committed'
      ? this.state.lastStableOffset(this.#highWatermark)
      : this.#highWatermark;
  }

  #remember(offset: number, place: BatchPlace): void {
    this.#places.delete(offset);
    this.#places.set(offset, place);
    const { value: oldest } = this.#places.keys().next();
    if (this.#places.size > PLACES_REMEMBERED_MAX) this.#places.delete(oldest!);
  }

  async waitFor(
    offset: number,
    isolation: IsolationLevel,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.#closing.signal.aborted) return;
    await this.#waiters.wait(offset, () => this.#end(isolation), timeoutMs, signal);
  }

  /** First offset whose record is at or after the time; undefined when none is visible. */
  async offsetForTime(timestampMs: number): Promise<number | undefined> {
    try {
      return await this.#searchTime(timestampMs);
    } catch (error) {
      if (!(error instanceof SegmentGone) || this.closed) throw error;
      return this.offsetForTime(timestampMs);
    }
  }

  async #searchTime(timestampMs: number): Promise<number | undefined> {
    let from = await placeOfTime(this.#files.segments, timestampMs, this.#highWatermark);
    while (from !== undefined && from < this.#highWatermark) {
      const { bytes, nextOffset } = await this.read(from, TIME_READ_BYTES, 'read_uncommitted');
      const found = decodeRecords(bytes, { fromOffset: from }).find(r => r.timestampMs >= timestampMs);
      if (found !== undefined) return found.offset;
      from = nextOffset;
    }
    return undefined;
  }

  /**
   * Remove whole segments that are too old or too many; the active one is rolled by the next append when it
   * is.
   */
  async applyRetention(): Promise<void> {
    const { segments } = this.#files;
    const described = await Promise.all(
      segments.all().map(async segment => ({
        sizeBytes: segment.sizeBytes,
        maxTimestamp: await segment.maxTimestamp(),
        nextOffset: segments.after(segment)?.baseOffset ?? this.#logEndOffset,
      })),
    );
    const { settings, clock } = this.#options;
    const stable = this.state.lastStableOffset(this.#highWatermark);
    const count = expiredSegments(described, settings, clock.nowMs(), stable);
    await this.#removeFirst(Math.min(count, described.length - 1));
    if (count === described.length) this.#files.askRoll();
  }

  /** Where the topic is compacted and enough is new: keep the last record per key of the closed segments. */
  async applyCompaction(): Promise<void> {
    const { storage, directory, clock, compaction } = this.#options;
    if (compaction === null) return;
    const { segments, snapshotBase } = this.#files;
    const stable = this.state.lastStableOffset(this.#highWatermark);
    const all = segments.all().filter(segment => segment.baseOffset < snapshotBase);
    const nowMs = clock.nowMs();
    const eligible = await compactable(all, segments, stable, nowMs - compaction.minLagMs);
    if (!worthCompacting(eligible, this.#compactedTo)) return;
    const { state } = this;
    await compactSegments({ storage, directory, segments, state, nowMs }, eligible);
    this.#places.clear();
    this.#compactedTo = segments.after(segments.find(eligible.at(-1)!.baseOffset))?.baseOffset ?? 0;
    state.forgetBelow(this.#compactedTo);
  }

  /** The next append begins a new segment. */
  askRoll(): void {
    this.#files.askRoll();
  }

  /** Remove the segments that lie wholly below `offset`. */
  async removeBelow(offset: number): Promise<void> {
    const all = this.#files.segments.all();
    const kept = all.findIndex((_, i) => (all[i + 1]?.baseOffset ?? Number.POSITIVE_INFINITY) > offset);
    await this.#removeFirst(kept);
  }

  async #removeFirst(count: number): Promise<void> {
    if (count <= 0) return;
    await this.#files.segments.removeFirst(count);
    const start = this.#files.segments.logStartOffset;
    this.state.forgetBelow(start);
    for (const offset of this.#places.keys()) if (offset < start) this.#places.delete(offset);
  }

  /** Finish what is queued, store the state, let go of the files. Waiting readers wake. */
  async close(): Promise<void> {
    if (this.closed) return;
    await this.#queue.idle();
    const healthy = this.#queue.failure === null;
    await this.#queue.close();
    this.#closing.abort();
    this.#waiters.wakeAll();
    await this.#flushing;
    await this.#files.close(this.#highWatermark, this.state, healthy);
  }
}
