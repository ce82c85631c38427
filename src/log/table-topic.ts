import { failpoint, MillraceError } from '../core/mod.ts';
import { decodeRecords, PLAIN_PRODUCER } from './codec/mod.ts';
import { encodeBatches } from './encode-batches.ts';
import type { NewRecord } from './log.ts';
import type { Partition } from './partition/partition.ts';

const READ_BYTES = 1 << 20;
const COMPACT_BYTES_MIN = 4 << 20;
/** Compact when the log is so many times larger than the live entries. */
const COMPACT_FACTOR = 4;

/**
 * The log's own metadata: a compacted topic of one partition, kept as a map. A key's last value counts, null
 * removes it. Values are plain JSON.
 */
export class TableTopic<V> {
  readonly #partition: Partition;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, V>();
  #liveBytes = 0;
  #writing = 0;
  #compaction: Promise<void> | null = null;

  private constructor(partition: Partition, nowMs: () => number) {
    this.#partition = partition;
    this.#nowMs = nowMs;
  }

  static async open<V>(partition: Partition, nowMs: () => number): Promise<TableTopic<V>> {
    const table = new TableTopic<V>(partition, nowMs);
    const { logStartOffset, highWatermark } = partition.offsets();
    for (let offset = logStartOffset; offset < highWatermark; ) {
      const { bytes, nextOffset } = await partition.read(offset, READ_BYTES, 'read_uncommitted');
      for (const record of decodeRecords(bytes, { fromOffset: offset })) {
        const value = record.value === null ? null : JSON.parse(text(record.value));
        table.#set(text(record.key ?? new Uint8Array()), value as V | null);
      }
      offset = nextOffset;
    }
    return table;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<[string, V]> {
    return this.#entries.entries();
  }

  /**
   * Store the values in one batch: all or none. Resolves when they are durable; `get` shows them from then
   * on.
   */
  async put(...changes: readonly (readonly [string, V | null])[]): Promise<void> {
    while (this.#compaction !== null) await this.#compaction;
    this.#writing++;
    try {
      await this.#append(changes);
      for (const [key, value] of changes) this.#set(key, value);
    } finally {
      this.#writing--;
    }
    if (this.#writing === 0 && this.#isBloated()) {
      this.#compaction ??= this.#compact().finally(() => {
        this.#compaction = null;
      });
    }
  }

  #append(changes: Iterable<readonly [string, V | null]>): Promise<void> {
    const records: NewRecord[] = Array.from(changes, ([key, value]) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
    }));
    const limits = { name: 'the log', maxMessageBytes: Number.MAX_SAFE_INTEGER, split: false };
    const batches = encodeBatches(records, PLAIN_PRODUCER, this.#nowMs(), limits);
    return this.#partition.append(batches, { ...PLAIN_PRODUCER, marker: null }).done;
  }

  #set(key: string, value: V | null): void {
    if (value === null) this.#entries.delete(key);
    else this.#entries.set(key, value);
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
      await this.#append(this.#entries);
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
