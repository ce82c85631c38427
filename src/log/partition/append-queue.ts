import { MillraceError, messageOf } from '../../core/mod.ts';
import { isNoSpace, storageError } from '../storage/storage.ts';
import type { AppliedBatch, ProducerEntry } from './producer-entry.ts';

/** A batch that has its place in the partition. */
export interface PlacedBatch extends AppliedBatch {
  /** The whole of it, or the header alone where the rest lies in a file already. */
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  /** Where its producer stands behind it; left out where it has none. */
  readonly entry?: ProducerEntry;
}

/** What is written together or not at all, as far as its caller is told. */
export interface AppendEntry {
  readonly batches: readonly PlacedBatch[];
  readonly sizeBytes: number;
  /** True for transaction markers: their loss in a crash is made good, so they are done when written. */
  readonly lazy: boolean;
  /** The file that holds the batches and becomes a segment: such an entry is a group of its own. */
  readonly linked?: string;
  /**
   * In the place of batches: what is to be done to the files while nothing is written. Alone in its
   * group.
   */
  readonly work?: () => Promise<void>;
}

interface QueuedEntry extends AppendEntry {
  readonly resolve: () => void;
  readonly reject: (error: MillraceError | null) => void;
}

/** Does what the queue decides. */
export interface GroupWriter {
  /**
   * How many bytes the next group may hold when its first entry has so many: a group lies in one segment.
   */
  roomFor(firstEntryBytes: number): number;
  /**
   * Write (and, unless all entries are lazy, flush) the group; it must leave nothing behind when it throws
   * for want of room.
   */
  writeGroup(entries: readonly AppendEntry[], flush: boolean): Promise<void>;
  /** The group is as durable as asked: make it visible. */
  complete(entries: readonly AppendEntry[]): void;
  /** Entries were given up: offsets and sequences handed out for them are free again. */
  abandon(): void;
}

/**
 * Group commit: while one group is being written and flushed, the appends that come in gather and go
 * together next. A failure other than a full disk is final: the partition takes no more appends until it
 * is opened again.
 */
export class AppendQueue {
  readonly #writer: GroupWriter;
  readonly #groupBytesMax: number;
  readonly #name: string;
  #pending: QueuedEntry[] = [];
  #running: Promise<void> | null = null;
  #failure: MillraceError | null = null;
  #full: MillraceError | null = null;

  constructor(writer: GroupWriter, groupBytesMax: number, name: string) {
    this.#writer = writer;
    this.#groupBytesMax = groupBytesMax;
    this.#name = name;
  }

  /** Why all appends are refused for good. */
  get failure(): MillraceError | null {
    return this.#failure;
  }

  /** Why the last group was refused, when there was no room for it. */
  get full(): MillraceError | null {
    return this.#full;
  }

  /** Resolves when the entry is visible. Rejects with LOG_FULL or LOG_IO. */
  enqueue(entry: AppendEntry): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.push({ ...entry, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when all that was enqueued before is visible. */
  barrier(): Promise<void> {
    if (this.#running === null && this.#failure === null) return Promise.resolve();
    return this.enqueue({ batches: [], sizeBytes: 0, lazy: true });
  }

  /** Resolves when nothing is under way; failures have gone to their callers. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Finish what is queued and refuse what comes later. Resolves when nothing is under way. */
  async close(): Promise<void> {
    await this.idle();
    this.#failure ??= new MillraceError('LOG_IO', `${this.#name} is closed`);
  }

  /** Refuse all appends from now on. */
  fail(cause: unknown): void {
    this.#failure ??= new MillraceError(
      'LOG_IO',
      `${this.#name} could not be written and is read-only until restart: ${messageOf(cause)}`,
      { cause },
    );
  }

  async #drain(): Promise<void> {
    // Let all callers of this turn of the event loop join the first group.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const group = this.#takeGroup();
      try {
        if (this.#failure !== null) throw this.#failure;
        await this.#writer.writeGroup(
          group,
          group.some(entry => !entry.lazy),
        );
        this.#writer.complete(group);
        this.#full = null;
        for (const entry of group) entry.resolve();
      } catch (error) {
        this.#giveUp(group, error);
      }
    }
    this.#running = null;
  }

  #takeGroup(): QueuedEntry[] {
    const room = Math.min(this.#groupBytesMax, this.#writer.roomFor(this.#pending[0]!.sizeBytes));
    let bytes = 0;
    let count = 0;
    for (const entry of this.#pending) {
      bytes += entry.sizeBytes;
      const alone = entry.linked !== undefined || entry.work !== undefined;
      if (count > 0 && (bytes > room || alone)) break;
      count++;
      if (alone) break;
    }
    return this.#pending.splice(0, count);
  }

  /** Later entries hold offsets behind the lost ones, so they go too. */
  #giveUp(group: readonly QueuedEntry[], cause: unknown): void {
    if (isNoSpace(cause)) this.#full = storageError(cause, `appending to ${this.#name}`);
    else this.fail(cause);
    const given = [...group, ...this.#pending];
    this.#pending = [];
    this.#writer.abandon();
    const reason = this.#failure ?? this.#full;
    for (const entry of given) entry.reject(reason);
  }
}
