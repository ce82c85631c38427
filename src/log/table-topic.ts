import type { Partition } from './partition/partition.ts';
import { type TableChange, TableJournal } from './table-journal.ts';

/**
 * The log's own metadata: a compacted topic of one partition, kept as a map. A key's last value counts, null
 * removes it. Values are plain JSON.
 */
export class TableTopic<V> {
  readonly #journal: TableJournal<V>;
  readonly #entries: ReadonlyMap<string, V>;

  private constructor(journal: TableJournal<V>, entries: ReadonlyMap<string, V>) {
    this.#journal = journal;
    this.#entries = entries;
  }

  static async open<V>(partition: Partition, nowMs: () => number): Promise<TableTopic<V>> {
    const entries = new Map<string, V>();
    const set = (key: string, value: V | null): void => {
      if (value === null) entries.delete(key);
      else entries.set(key, value);
    };
    const map = { set, entries: () => entries };
    return new TableTopic(await TableJournal.open(partition, nowMs, map), entries);
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
  put(...changes: readonly TableChange<V>[]): Promise<void> {
    return this.#journal.put(changes);
  }
}
