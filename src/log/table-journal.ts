import { failpoint, MillraceError } from '../core/mod.ts';
import { decodeRecords, PLAIN_PRODUCER } from './codec/mod.ts';
import { encodeBatches } from './encode-batches.ts';
import type { NewRecord } from './log.ts';
import type { Partition } from './partition/partition.ts';

const READ_BYTES = 1 << 20;
const COMPACT_BYTES_MIN = 4 << 20;
/** Compact when the log is so many times larger than the live entries. */
const COMPACT_FACTOR = 4;
const COMPACT_RECORDS_PER_BATCH = 4_096;

/** A key with its value; null removes it. */
export type TableChange<V> = readonly [string, V | null];

/** The map that a journal keeps; whoever has it decides how it lies in memory. */
export interface JournalledMap<V> {
  /** An entry as it is read or has become durable. */
  set(key: string, value: V | null): void;
  /** All entries there are; nothing is set while they are walked. */
  entries(): Iterable<readonly [string, V]>;
}

/**
 * What the log knows about itself, durable: a compacted topic of one partition with the changes of a map. A
 * key's last value counts. Values are plain JSON.
 */
export class TableJournal<V> {
  readonly #partition: Partition;
  readonly #nowMs: () => number;
  readonly #map: JournalledMap<V>;
  #liveBytes = 0;
  #writing = 0;
  #compaction: Promise<void> | null = null;

  private constructor(partition: Partition, nowMs: () => number, map: JournalledMap<V>) {
    this.#partition = partition;
    this.#nowMs = nowMs;
    this.#map = map;
  }

  /** Read what is stored into the map. */
  static async open<V>(
    partition: Partition,
    nowMs: () => number,
    map: JournalledMap<V>,
  ): Promise<TableJournal<V>> {
    const { logStartOffset, highWatermark } = partition.offsets();
    for (let offset = logStartOffset; offset < highWatermark; ) {
      const { bytes, nextOffset } = await partition.read(offset, READ_BYTES, 'read_uncommitted');
      for (const record of decodeRecords(bytes, { fromOffset: offset })) {
        const value = record.value === null ? null : JSON.parse(text(record.value));
        map.set(text(record.key ?? new Uint8Array()), value as V | null);
      }
      offset = nextOffset;
    }
    return new TableJournal(partition, nowMs, map);
  }

  /**
   * Store the changes in one batch: all or none, in the order of the calls. Resolves when they are durable;
   * the map has them from then on.
   */
  async put(changes: readonly TableChange<V>[]): Promise<void> {
    if (changes.length === 0) return;
    while (this.#compaction !== null) await this.#compaction;
    this.#writing++;
    try {
      await this.#append(changes);
      for (const [key, value] of changes) this.#map.set(key, value);
    } finally {
      this.#writing--;
    }
    if (this.#writing === 0 && this.#isBloated()) {
      this.#compaction ??= this.#compact().finally(() => {
        this.#compaction = null;
      });
    }
  }

  #append(changes: Iterable<TableChange<V>>): Promise<void> {
    const records: NewRecord[] = Array.from(changes, ([key, value]) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
    }));
    const limits = { name: 'the log', maxMessageBytes: Number.MAX_SAFE_INTEGER, split: false };
    const batches = encodeBatches(records, PLAIN_PRODUCER, this.#nowMs(), limits);
    return this.#partition.append(batches, { ...PLAIN_PRODUCER, marker: null }).done;
  }

  #isBloated(): boolean {
    return this.#partition.sizeBytes > Math.max(COMPACT_BYTES_MIN, COMPACT_FACTOR * this.#liveBytes);
  }

  /**
   * Write all live entries into a new segment, then remove the older ones. A crash between leaves both:
   * same map.
   */
  async #compact(): Promise<void> {
    const start = this.#partition.logEndOffset;
    this.#partition.askRoll();
    try {
      let batch: (readonly [string, V])[] = [];
      for (const entry of this.#map.entries()) {
        batch.push(entry);
        if (batch.length < COMPACT_RECORDS_PER_BATCH) continue;
        await this.#append(batch);
        batch = [];
      }
      if (batch.length > 0) await this.#append(batch);
    } catch (error) {
      // Without room the old segments stay and the next put tries again; any other failure meets that put
      // itself.
      if (error instanceof MillraceError && (error.code === 'LOG_FULL' || error.code === 'LOG_IO')) return;
      throw error;
    }
    failpoint('log.table.compact.before');
    await this.#partition.removeBelow(start);
    this.#liveBytes = this.#partition.sizeBytes;
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
