import type { Clock } from '../../core/mod.ts';
import { failpoint, MillraceError, messageOf } from '../../core/mod.ts';
import type { LogSettings } from '../settings.ts';
import { isNoSpace, type Storage } from '../storage/storage.ts';
import type { PlacedBatch } from './append-queue.ts';
import { writeHeaders } from './linked-batches.ts';
import { saveMark } from './marks.ts';
import type { PartitionState } from './partition-state.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';
import { type DurablePoint, type RecoveryPoint, saveSnapshot } from './snapshot.ts';

const RECOVERY_POINT_INTERVAL_MS = 100;

/** The writing side of a partition's folder: segments, rolls, flushes, snapshots. One call at a time. */
export class PartitionFiles {
  readonly segments: SegmentList;
  readonly #storage: Storage;
  readonly #directory: string;
  readonly #clock: Clock;
  settings: LogSettings;
  readonly #recoveryPoint: RecoveryPoint;
  readonly #flushed: () => void;
  #dirty = false;
  #rollAsked = false;
  #unsnapshottedBytes: number;
  #recoveryPointMs = 0;
  #snapshotBase: number;
  #compactedTo: number;
  #durableOffset: number;

  constructor(options: {
    readonly storage: Storage;
    readonly directory: string;
    readonly clock: Clock;
    readonly settings: LogSettings;
    readonly segments: SegmentList;
    readonly recoveryPoint: RecoveryPoint;
    /** Bytes that recovery had to read. */
    readonly unsnapshottedBytes: number;
    readonly snapshotBase: number;
    readonly compactedTo: number;
    /** The end of what recovery found, and flushed. */
    readonly durableOffset: number;
    /** Called for each flush, to count. */
    readonly flushed: () => void;
  }) {
    this.#storage = options.storage;
    this.#directory = options.directory;
    this.#clock = options.clock;
    this.settings = options.settings;
    this.segments = options.segments;
    this.#recoveryPoint = options.recoveryPoint;
    this.#flushed = options.flushed;
    this.#unsnapshottedBytes = options.unsnapshottedBytes;
    this.#snapshotBase = options.snapshotBase;
    this.#compactedTo = options.compactedTo;
    this.#durableOffset = options.durableOffset;
  }

  /**
   * All below is flushed. With `log.flush = interval` all that is written counts: nobody is promised more
   * than that a killed process loses nothing.
   */
  get durableOffset(): number {
    return this.#durableOffset;
  }

  /** Up to where the log is compacted. */
  get compactedTo(): number {
    return this.#compactedTo;
  }

  /** A mark to spare work: without room for it, more is compacted again after a start. */
  async saveCompactedTo(offset: number): Promise<void> {
    this.#compactedTo = offset;
    try {
      await saveMark(this.#storage, this.#directory, 'compacted-to', offset);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
    }
  }

  /** Base offset of the segment that the stored snapshot lies in: recovery reads nothing of those below. */
  get snapshotBase(): number {
    return this.#snapshotBase;
  }

  /** True when written bytes wait for a flush. */
  get dirty(): boolean {
    return this.#dirty;
  }

  /** Bytes a group may have that begins with an entry of this size. */
  roomFor(firstEntryBytes: number): number {
    const used = this.#mustRoll(firstEntryBytes) ? 0 : this.segments.active.sizeBytes;
    return this.settings.segmentBytes - used;
  }

  /** The next write goes to a new segment. */
  askRoll(): void {
    this.#rollAsked = true;
  }

  #mustRoll(nextBytes: number): boolean {
    const { active } = this.segments;
    if (active.sizeBytes === 0) return false;
    if (this.#rollAsked || active.sizeBytes + nextBytes > this.settings.segmentBytes) return true;
    return this.#clock.nowMs() - active.createdMs >= this.settings.segmentMs;
  }

  /**
   * Before a group: roll or take a snapshot when it is time. `offset` is the end of all that was written.
   */
  async prepare(nextBytes: number, offset: number, state: PartitionState): Promise<void> {
    if (this.#mustRoll(nextBytes)) await this.roll(offset, state);
    else if (this.#unsnapshottedBytes > this.settings.snapshotIntervalBytes) {
      await this.snapshot(offset, state);
    }
  }

  /**
   * Go on in a new segment that begins at `offset`, the end of all that was written; not behind an empty
   * one.
   */
  async roll(offset: number, state: PartitionState): Promise<void> {
    if (this.segments.active.sizeBytes === 0) return;
    await this.segments.roll(offset);
    this.#rollAsked = false;
    this.#dirty = false;
    this.#durableOffset = offset;
    await this.#snapshot(offset, state);
  }

  /** True where the active segment has records and has been written to for so long. */
  isActiveOlderThan(ageMs: number): boolean {
    const { active } = this.segments;
    return active.sizeBytes > 0 && this.#clock.nowMs() - active.createdMs > ageMs;
  }

  /** Append to the active segment; after a failure it is as long as before. */
  async write(batches: readonly PlacedBatch[], sizeBytes: number): Promise<void> {
    const { active } = this.segments;
    const start = active.sizeBytes;
    try {
      await active.file.write(
        start,
        batches.map(batch => batch.bytes),
      );
    } catch (error) {
      if (isNoSpace(error)) await active.truncate(start);
      throw error;
    }
    active.sizeBytes = start + sizeBytes;
    this.#unsnapshottedBytes += sizeBytes;
    this.#dirty = true;
    if (this.settings.flush === 'interval') this.#durableOffset = batches.at(-1)!.lastOffset + 1;
    failpoint('log.append.written.after');
    await addToIndex(active, batches, start);
  }

  /**
   * Take the file that holds the batches as the next segment, which writes go on behind. It is whole and
   * durable before it has its name, and the shared file is never shortened: the segment only grows.
   */
  async adopt(path: string, batches: readonly PlacedBatch[]): Promise<void> {
    try {
      await writeHeaders(this.#storage, path, batches);
      failpoint('log.adopt.synced.after');
      await this.segments.roll(batches[0]!.baseOffset, path);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      // Once it has its name there is no way back but a start of the log.
      const isTaken = (await this.#storage.size(path)) === undefined;
      if (isTaken) throw new MillraceError('LOG_IO', messageOf(error), { cause: error });
      await this.#storage.remove(path);
      throw error;
    }
    this.#rollAsked = false;
    this.#dirty = false;
    const { active } = this.segments;
    this.#unsnapshottedBytes += active.sizeBytes;
    await addToIndex(active, batches, 0);
    const offset = batches.at(-1)!.lastOffset + 1;
    this.#durableOffset = offset;
    await this.#savePoint({ offset, segmentBase: active.baseOffset, position: active.sizeBytes });
  }

  /** Make everything written durable. `offset` is its end. */
  async flush(offset: number): Promise<void> {
    const { active } = this.segments;
    const position = active.sizeBytes;
    this.#dirty = false;
    await active.sync();
    this.#durableOffset = Math.max(this.#durableOffset, offset);
    this.#flushed();
    failpoint('log.append.synced.after');
    const now = this.#clock.monotonicMs();
    if (now - this.#recoveryPointMs < RECOVERY_POINT_INTERVAL_MS) return;
    this.#recoveryPointMs = now;
    await this.#savePoint({ offset, segmentBase: active.baseOffset, position });
  }

  async #savePoint(point: DurablePoint): Promise<void> {
    try {
      await this.#recoveryPoint.save(point);
    } catch (error) {
      // It only tells damage from a torn tail; without room for its 24 bytes the older bound holds.
      if (!isNoSpace(error)) throw error;
    }
  }

  /** Flush and store all that recovery would otherwise read from the batches. */
  async snapshot(offset: number, state: PartitionState): Promise<void> {
    if (this.#dirty) await this.flush(offset);
    await this.segments.active.saveIndex();
    await this.#snapshot(offset, state);
  }

  async #snapshot(offset: number, state: PartitionState): Promise<void> {
    const { baseOffset, sizeBytes } = this.segments.active;
    const point = { offset, segmentBase: baseOffset, position: sizeBytes };
    await saveSnapshot(this.#storage, this.#directory, { ...point, state: state.data() });
    this.#unsnapshottedBytes = 0;
    this.#snapshotBase = baseOffset;
  }

  /** Store what a clean start needs, where something changed, and let go of the files. */
  async close(offset: number, state: PartitionState, healthy: boolean): Promise<void> {
    try {
      if (healthy && (this.#dirty || this.#unsnapshottedBytes > 0)) await this.snapshot(offset, state);
    } finally {
      await this.#recoveryPoint.close();
      await this.segments.close();
    }
  }
}

async function addToIndex(segment: Segment, batches: readonly PlacedBatch[], start: number): Promise<void> {
  const index = await segment.index();
  let position = start;
  for (const { lastOffset, sizeBytes, maxTimestamp } of batches) {
    index.add(lastOffset, position, sizeBytes, maxTimestamp);
    position += sizeBytes;
  }
}
