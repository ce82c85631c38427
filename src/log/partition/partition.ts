import { type Clock, failpoint, type MillraceError } from '../../core/mod.ts';
import type { EncodedBatch } from '../codec/mod.ts';
import type { IsolationLevel, PartitionOffsets, ReadResult } from '../log.ts';
import type { TopicSettings } from '../settings.ts';
import type { Storage } from '../storage/storage.ts';
import { type AppendEntry, AppendQueue } from './append-queue.ts';
import { type LinkedBatches, linkBatches } from './linked-batches.ts';
import { PartitionFiles } from './partition-files.ts';
import { type FoundTime, PartitionReader } from './partition-reader.ts';
import type { PartitionState } from './partition-state.ts';
import { compactPartition, expiredCount } from './partition-upkeep.ts';
import { type AppendRole, placeBatches } from './place-batches.ts';
import type { ProducerEntry } from './producer-entry.ts';
import { recoverPartition } from './recover.ts';
import type { Stretch } from './stretch.ts';
import { Waiters } from './waiters.ts';

/** Counts since start over the partitions of a topic. */
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
  readonly settings: TopicSettings;
  /** True where compaction may have left gaps between the offsets. */
  readonly mayHaveGaps: boolean;
  readonly counters: LogCounters;
}

/**
 * One partition: appends in order, group commit, reads up to the high watermark, state of producers and
 * transactions.
 */
export class Partition {
  readonly #options: PartitionOptions;
  readonly #files: PartitionFiles;
  readonly #queue: AppendQueue;
  readonly #waiters: Waiters;
  readonly #reader: PartitionReader;
  readonly #closing = new AbortController();
  readonly state: PartitionState;
  /** Producers as they will stand when what is queued is written. */
  readonly #ahead = new Map<number, ProducerEntry>();
  #settings: TopicSettings;
  #logEndOffset: number;
  #highWatermark: number;
  #flushing: Promise<void> | null = null;
  #linked = 0;

  private constructor(options: PartitionOptions, files: PartitionFiles, state: PartitionState, end: number) {
    this.#options = options;
    this.#settings = options.settings;
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
    const partition = this;
    this.#reader = new PartitionReader({
      name: options.name,
      segments: files.segments,
      state,
      counters: options.counters,
      get closed() {
        return partition.closed;
      },
      offsets: () => this.offsets(),
    });
  }

  static async open(options: PartitionOptions): Promise<Partition> {
    const { storage, directory, clock, settings, counters } = options;
    const found = await recoverPartition(storage, directory, clock, options.mayHaveGaps);
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
      compactedTo: found.compactedTo,
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

  /** All below is flushed; with `log.flush = interval` all that is written counts. */
  get durableOffset(): number {
    return this.#files.durableOffset;
  }

  get settings(): TopicSettings {
    return this.#settings;
  }

  /** What holds from now on. */
  configure(settings: TopicSettings): void {
    this.#settings = settings;
    this.#files.settings = settings;
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
    const { storage, directory } = this.#options;
    if (sizeBytes > this.#settings.segmentBytes) return null;
    const temporary = `${directory}/linked-${this.#linked++}.tmp`;
    return linkBatches(storage, path, temporary, sizeBytes, batchBytesMax);
  }

  /** As `append`, of batches with new headers whose file becomes the next segment. */
  adopt(linked: LinkedBatches, role: AppendRole): { done: Promise<void> } {
    return this.#enqueue(linked.batches, role, linked.path);
  }

  #enqueue(batches: readonly EncodedBatch[], role: AppendRole, linked?: string) {
    const baseOffset = this.#logEndOffset;
    const nowMs = this.#options.clock.nowMs();
    const placed = placeBatches(batches, role, baseOffset, this.producer(role.producerId), nowMs);
    const sizeBytes = placed.reduce((sum, batch) => sum + batch.sizeBytes, 0);
    const last = placed.at(-1);
    this.#logEndOffset = last === undefined ? baseOffset : last.lastOffset + 1;
    if (last?.entry !== undefined) this.#ahead.set(role.producerId, last.entry);
    const entry = { batches: placed, sizeBytes, lazy: role.marker !== null };
    const done = this.#queue.enqueue(linked === undefined ? entry : { ...entry, linked });
    return { baseOffset, done };
  }

  /** Resolves when all that was appended before is visible. */
  settled(): Promise<void> {
    return this.#queue.barrier();
  }

  async #writeGroup(entries: readonly AppendEntry[], flush: boolean): Promise<void> {
    const { linked, work } = entries[0]!;
    if (work !== undefined) return work();
    const batches = entries.flatMap(entry => entry.batches);
    if (batches.length === 0) return;
    if (linked !== undefined) return this.#files.adopt(linked, batches);
    const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    await this.#files.prepare(entries[0]!.sizeBytes, this.#highWatermark, this.state);
    await this.#files.write(batches, sizeBytes);
    if (this.#settings.flush === 'interval') this.#scheduleFlush();
    else if (flush) await this.#files.flush(batches.at(-1)!.lastOffset + 1);
  }

  #complete(entries: readonly AppendEntry[]): void {
    const { counters } = this.#options;
    for (const { batches, linked } of entries) {
      // An empty segment may have been replaced.
      if (linked !== undefined) this.#reader.forgetPlaces();
      for (const batch of batches) {
        this.#highWatermark = batch.lastOffset + 1;
        if (batch.entry !== undefined) {
          this.state.applyAs(batch, batch.entry);
          if (this.#ahead.get(batch.producerId) === batch.entry) this.#ahead.delete(batch.producerId);
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
    try {
      await this.#options.clock.sleep(this.#settings.flushIntervalMs, this.#closing.signal);
      if (this.#files.dirty) await this.#files.flush(this.#highWatermark);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#queue.fail(error);
    }
  }

  offsets(): PartitionOffsets {
    const { logStartOffset } = this.#files.segments;
    return {
      logStartOffset,
      logEndOffset: this.#logEndOffset,
      highWatermark: this.#highWatermark,
      // Records may be deleted from a transaction that is open.
      lastStableOffset: Math.max(logStartOffset, this.state.lastStableOffset(this.#highWatermark)),
    };
  }

  /** Whole batches from the one that holds `offset` on. OFFSET_OUT_OF_RANGE outside of the log. */
  read(offset: number, maxBytes: number, isolation: IsolationLevel, into?: Uint8Array): Promise<ReadResult> {
    return this.#reader.read(offset, maxBytes, isolation, into);
  }

  /** Where the batches from the one that holds `offset` on lie; null where it is better to read them here. */
  stretch(offset: number, isolation: IsolationLevel): Promise<Stretch | null> {
    return this.#reader.stretch(offset, isolation);
  }

  async waitFor(
    offset: number,
    isolation: IsolationLevel,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.#closing.signal.aborted) return;
    await this.#waiters.wait(offset, () => this.#reader.end(isolation), timeoutMs, signal);
  }

  /** Calls `wake` once, when such readers see what lies at `offset`, or when the partition goes away. */
  watch(offset: number, isolation: IsolationLevel, wake: () => void): () => void {
    return this.#waiters.watch(offset, () => this.#reader.end(isolation), wake);
  }

  /** First record at or after the time that such readers see; undefined when there is none. */
  atTime(timestampMs: number, isolation: IsolationLevel): Promise<FoundTime | undefined> {
    return this.#reader.atTime(timestampMs, this.#reader.end(isolation));
  }

  /** The record with the largest time that such readers see. */
  newest(isolation: IsolationLevel): Promise<FoundTime | undefined> {
    return this.#reader.newest(this.#reader.end(isolation));
  }

  /** Remove whole segments that are too old or too many, the last one too: then an empty one follows. */
  async applyRetention(): Promise<void> {
    if (!(await this.#removeExpired())) return;
    await this.#roll();
    await this.#removeExpired();
  }

  /** Removes the closed segments that retention takes; true where it takes the active one too. */
  async #removeExpired(): Promise<boolean> {
    const { segments } = this.#files;
    const stable = this.state.lastStableOffset(this.#highWatermark);
    const nowMs = this.#options.clock.nowMs();
    const all = [...segments.all()];
    const count = await expiredCount(segments, this.#settings, nowMs, { stable, end: this.#logEndOffset });
    // Told by their offset: some of those counted may have been deleted meanwhile.
    if (count > 0) await this.removeBelow(all[Math.min(count, all.length - 1)]!.baseOffset);
    return count === all.length;
  }

  /** Where the topic is compacted and enough is new: keep the last record per key of the closed segments. */
  async applyCompaction(): Promise<void> {
    const { storage, directory, clock } = this.#options;
    const { compaction } = this.#settings;
    if (compaction === null) return;
    if (this.#files.isActiveOlderThan(compaction.maxLagMs)) await this.#roll();
    const stable = this.state.lastStableOffset(this.#highWatermark);
    const { segments, snapshotBase } = this.#files;
    const context = {
      storage,
      directory,
      segments,
      state: this.state,
      compactedTo: this.#files.compactedTo,
      deleteRetentionMs: compaction.deleteRetentionMs,
      nowMs: clock.nowMs(),
    };
    const compactedTo = await compactPartition(context, compaction, { stable, snapshotBase });
    if (compactedTo === null) return;
    this.#reader.forgetPlaces();
    this.state.forgetBelow(compactedTo);
    await this.#files.saveCompactedTo(compactedTo);
  }

  /** Go on in a new segment now, behind what is queued; unless the active one is empty. */
  #roll(): Promise<void> {
    return this.#inTurn(() => this.#files.roll(this.#highWatermark, this.state));
  }

  /** Do something to the files while nothing is written. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    return this.#queue.enqueue({ batches: [], sizeBytes: 0, lazy: true, work });
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

  /** Let the log begin at `offset`, durably, which may lie within a segment; never goes back. */
  async moveStart(offset: number): Promise<void> {
    // What needs no mark goes first: on a full disk it makes room for the mark.
    await this.removeBelow(offset);
    await this.#inTurn(async () => {
      // What lies below the start has to be there after a loss of power, so that the end is not below it.
      if (this.#files.dirty) await this.#files.flush(this.#highWatermark);
      await this.#files.segments.moveStart(offset);
    });
    failpoint('log.start.moved.after');
    if (offset === this.#highWatermark) await this.#roll();
    await this.removeBelow(offset);
    this.#reader.forgetPlaces(offset);
  }

  async #removeFirst(count: number): Promise<void> {
    if (count <= 0) return;
    await this.#files.segments.removeFirst(count);
    const start = this.#files.segments.logStartOffset;
    this.state.forgetBelow(start);
    this.#reader.forgetPlaces(start);
  }

  /**
   * Finish what is queued, store the state unless the files are about to go, let go of the files. Waiting
   * readers wake.
   */
  async close(isKept = true): Promise<void> {
    if (this.closed) return;
    await this.#queue.idle();
    const healthy = isKept && this.#queue.failure === null;
    await this.#queue.close();
    this.#closing.abort();
    this.#waiters.wakeAll();
    await this.#flushing;
    await this.#files.close(this.#highWatermark, this.state, healthy);
  }
}
