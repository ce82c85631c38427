import { MillraceError } from '../../core/mod.ts';
import {
  batchSizeAt,
  decodeRecords,
  markerAt,
  type NewRecord,
  partitionOfKey,
  readBatchHeader,
  type TopicPartition,
} from '../../log/mod.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterReads } from './reads.ts';
import { type ClusterTopics, STATE_TOPIC } from './topics.ts';

const PARTITIONS = 8;
/** Small segments: only closed ones are compacted, and all that is not has to be read at a start. */
const CONFIG = { 'cleanup.policy': 'compact', 'segment.bytes': String(4 << 20) };
const READ_BYTES = 1 << 20;

/** A partition of the topic, read up to `next`. */
interface Table {
  next: number;
  readonly committed: Map<string, unknown>;
  /** By producer: what its open transaction wrote. */
  readonly open: Map<number, Map<string, unknown>>;
  lastRead: Promise<void>;
}

/**
 * The table in the topic `_millrace_state`, from key to a JSON value. Several writers' transactions mix in a
 * partition, so that a read_committed reader would wait for all of them: what is committed is decided here,
 * by the markers. Who asks for his own key after his transactional id was taken over finds all of his
 * transactions ended.
 */
export class StoredStates {
  readonly #cluster: Cluster;
  readonly #topics: ClusterTopics;
  readonly #reads: ClusterReads;
  readonly #tables = new Map<number, Table>();
  #made: Promise<void> | null = null;

  constructor(cluster: Cluster, topics: ClusterTopics, reads: ClusterReads) {
    this.#cluster = cluster;
    this.#topics = topics;
    this.#reads = reads;
  }

  /** Where a key lies, and the record that sets it. */
  entry(
    key: string,
    value: unknown,
  ): { readonly at: TopicPartition; readonly records: readonly NewRecord[] } {
    const record = { key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)) };
    return { at: this.#placeOf(key), records: [record] };
  }

  /** The committed value of a key as of now; undefined where there is none. */
  async find(key: string): Promise<unknown> {
    await this.make();
    const at = this.#placeOf(key);
    let table = this.#tables.get(at.partition);
    if (table === undefined) {
      table = { next: -1, committed: new Map(), open: new Map(), lastRead: Promise.resolve() };
      this.#tables.set(at.partition, table);
    }
    const { lastRead } = table;
    const read = lastRead.catch(() => undefined).then(() => this.#readOn(at, table));
    table.lastRead = read;
    await read;
    return table.committed.get(key);
  }

  /** Makes the topic where it is missing. */
  make(): Promise<void> {
    this.#made ??= this.#makeNow();
    this.#made.catch(() => {
      this.#made = null;
    });
    return this.#made;
  }

  async #makeNow(): Promise<void> {
    if ((await this.#topics.describe(STATE_TOPIC)) !== undefined) return;
    try {
      await this.#topics.createAs(STATE_TOPIC, PARTITIONS, CONFIG);
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'TOPIC_EXISTS') throw error;
    }
  }

  #placeOf(key: string): TopicPartition {
    return { topic: STATE_TOPIC, partition: partitionOfKey(Buffer.from(key), PARTITIONS) };
  }

  /** Reads what came since the last time, up to the end as it is now. */
  async #readOn(at: TopicPartition, table: Table): Promise<void> {
    const { logStartOffset, highWatermark } = await this.#reads.offsets(at);
    if (table.next > highWatermark) {
      // The topic was made anew.
      table.committed.clear();
      table.open.clear();
      table.next = -1;
    }
    table.next = Math.max(table.next, logStartOffset);
    while (table.next < highWatermark) {
      if (this.#cluster.signal.aborted) throw this.#cluster.signal.reason;
      const { bytes, nextOffset } = await this.#reads.read(at, table.next, READ_BYTES, 'read_uncommitted');
      if (nextOffset === table.next) return;
      takeBatches(table, bytes);
      table.next = nextOffset;
    }
  }
}

function takeBatches(table: Table, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; start += batchSizeAt(bytes, start)) {
    const { producerId, control, transactional, lastOffset } = readBatchHeader(bytes, start);
    // The first batch of a read may begin before the offset it was asked for.
    if (lastOffset < table.next) continue;
    if (control) endTransaction(table, producerId, markerAt(bytes, start));
    else {
      const target = transactional ? openOf(table, producerId) : table.committed;
      for (const { key, value } of decodeRecords(bytes.subarray(start, start + batchSizeAt(bytes, start)))) {
        if (key === null) continue;
        target.set(Buffer.from(key).toString(), value && JSON.parse(Buffer.from(value).toString()));
      }
    }
  }
}

function openOf(table: Table, producerId: number): Map<string, unknown> {
  const open = table.open.get(producerId) ?? new Map<string, unknown>();
  table.open.set(producerId, open);
  return open;
}

function endTransaction(table: Table, producerId: number, outcome: 'commit' | 'abort' | null): void {
  const written = table.open.get(producerId);
  if (written === undefined || outcome === null) return;
  table.open.delete(producerId);
  if (outcome === 'commit') for (const [key, value] of written) table.committed.set(key, value);
}
