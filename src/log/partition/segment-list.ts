import type { Clock } from '../../core/mod.ts';
import { failpoint } from '../../core/mod.ts';
import type { Storage } from '../storage/storage.ts';
import { saveMark } from './marks.ts';
import { Segment } from './segment.ts';

/** The segments of a partition, ascending; the last one is active. Never empty. */
export class SegmentList {
  readonly #storage: Storage;
  readonly #directory: string;
  readonly #clock: Clock;
  #segments: Segment[];
  /** Where the log begins since records were deleted. */
  #start: number;

  constructor(storage: Storage, directory: string, clock: Clock, segments: Segment[], start: number) {
    this.#storage = storage;
    this.#directory = directory;
    this.#clock = clock;
    this.#segments = segments;
    this.#start = start;
  }

  get active(): Segment {
    return this.#segments.at(-1)!;
  }

  get logStartOffset(): number {
    return Math.max(this.#start, this.#segments[0]!.baseOffset);
  }

  /** Let the log begin at `offset`, durably; never goes back. */
  async moveStart(offset: number): Promise<void> {
    if (offset <= this.logStartOffset) return;
    await saveMark(this.#storage, this.#directory, 'log-start', offset);
    this.#start = offset;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  all(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment that holds `offset`: the last one that begins at or below it. */
  find(offset: number): Segment {
    let i = this.#segments.length - 1;
    while (i > 0 && this.#segments[i]!.baseOffset > offset) i--;
    return this.#segments[i]!;
  }

  after(segment: Segment): Segment | undefined {
    return this.#segments.find(other => other.baseOffset > segment.baseOffset);
  }

  /**
   * Close the active segment, durably, and go on in a new one, or in the file at `path`. What is empty is
   * replaced by a file of the same name.
   */
  async roll(baseOffset: number, path?: string): Promise<void> {
    const former = this.active;
    await former.sync();
    await former.saveIndex();
    failpoint('log.roll.create.before');
    if (path !== undefined) await this.#storage.rename(path, Segment.pathOf(this.#directory, baseOffset));
    const next = await Segment.open(this.#storage, this.#directory, baseOffset, this.#clock.nowMs());
    next.startIndex();
    await this.#storage.syncDir(this.#directory);
    failpoint('log.roll.create.after');
    if (former.baseOffset === baseOffset) await this.replace(former, next);
    else this.#segments.push(next);
    former.releaseIndex();
  }

  /** Put a segment in the place of one that begins where it does. */
  async replace(former: Segment, next: Segment): Promise<void> {
    this.#segments = this.#segments.map(segment => (segment === former ? next : segment));
    await former.close();
  }

  /**
   * Remove a segment without records that is neither the first, which tells the start, nor the active
   * one.
   */
  async removeEmpty(segment: Segment): Promise<void> {
    this.#segments = this.#segments.filter(other => other !== segment);
    await segment.remove();
  }

  /** Remove the first `count` segments, oldest first and each durably, so that a crash leaves no gap. */
  async removeFirst(count: number): Promise<void> {
    const removed = this.#segments.slice(0, count);
    this.#segments = this.#segments.slice(count);
    for (const segment of removed) {
      failpoint('log.retention.remove.before');
      await segment.remove();
      await this.#storage.syncDir(this.#directory);
    }
  }

  async close(): Promise<void> {
    for (const segment of this.#segments) await segment.close();
  }
}
