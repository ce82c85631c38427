import { type Batch, type Field, type Schema, scatter } from '../../core/mod.ts';
import type { LookupCache } from '../../plan/mod.ts';
import { KeyTable, RowStore } from '../../state/mod.ts';

const INT = { kind: 'INT', nullable: false } as const;
const DOUBLE = { kind: 'DOUBLE', nullable: false } as const;
const [HEAD, TAIL, LOADED, WRITTEN, READ] = [0, 1, 2, 3, 4];

/**
 * Rows of an outside table by key, as far as they were asked for. It is no state: what is lost is asked
 * again.
 * Without a cache configured it serves one batch and is emptied.
 */
export class LookupRows {
  readonly #options: LookupCache | null;
  readonly #keyFields: readonly Field[];
  readonly #rowSchema: Schema;
  readonly #batchKeys: readonly number[];
  #keys!: RowStore;
  #table!: KeyTable;
  #rows!: RowStore;
  /** Keys in the order they were asked first, for the bound on their number. */
  #queue: number[] = [];
  #ids = new Int32Array(0);

  /** `batchKeys` are the key's columns in the batches that are looked up. */
  constructor(
    options: LookupCache | null,
    keyFields: readonly Field[],
    schema: Schema,
    batchKeys: readonly number[],
  ) {
    this.#options = options;
    this.#keyFields = keyFields.map((f, k) => ({ name: `key${k}`, type: f.type }));
    this.#rowSchema = schema;
    this.#batchKeys = batchKeys;
    this.clear();
  }

  /** Forget all. */
  clear(): void {
    const cells = [
      { name: 'head', type: INT },
      { name: 'tail', type: INT },
      { name: 'loaded', type: INT },
      { name: 'written', type: DOUBLE },
      { name: 'read', type: DOUBLE },
    ];
    const all = [...this.#keyFields.keys()];
    this.#keys = new RowStore({ fields: [...this.#keyFields, ...cells] });
    this.#rows = new RowStore({ fields: [...this.#rowSchema.fields, { name: 'next', type: INT }] });
    this.#table = new KeyTable(this.#keys, all, this.#batchKeys);
    this.#table.onAdd = id => {
      this.#ints(HEAD!)[id] = 0;
      this.#ints(TAIL!)[id] = 0;
      this.#ints(LOADED!)[id] = 0;
      this.#queue.push(id);
    };
    this.#queue = [];
  }

  #ints(k: number): Int32Array {
    return (this.#keys.columns[this.#keyFields.length + k] as { values: Int32Array }).values;
  }
  #times(k: number): Float64Array {
    return (this.#keys.columns[this.#keyFields.length + k] as { values: Float64Array }).values;
  }
  /** The row behind each row of a key, 0 for none. */
  get next(): Int32Array {
    return (this.#rows.columns.at(-1) as { values: Int32Array }).values;
  }
  get columns(): RowStore['columns'] {
    return this.#rows.columns;
  }
  first(key: number): number {
    return key === 0 ? 0 : this.#ints(HEAD!)[key]!;
  }

  /** The keys of the batch's live rows, in `ids` until the next call; `missing` gets those to be asked for. */
  find(batch: Batch, nowMs: number, missing: number[]): Int32Array {
    const count = batch.selectionCount;
    if (this.#ids.length < count) this.#ids = new Int32Array(count * 2);
    this.#table.findOrAdd(batch, this.#ids);
    const [loaded, written, read] = [this.#ints(LOADED!), this.#times(WRITTEN!), this.#times(READ!)];
    for (let k = 0; k < count; k++) {
      const id = this.#ids[k]!;
      if (loaded[id] === 1 && this.#isOver(written[id]!, read[id]!, nowMs)) this.#forget(id);
      read[id] = nowMs;
      if (loaded[id] !== 0) continue;
      loaded[id] = -1; // asked for
      missing.push(id);
    }
    return this.#ids;
  }

  #isOver(written: number, read: number, nowMs: number): boolean {
    const { afterWriteMs = null, afterAccessMs = null } = this.#options ?? {};
    if (afterWriteMs !== null && nowMs - written >= afterWriteMs) return true;
    return afterAccessMs !== null && nowMs - read >= afterAccessMs;
  }

  /** The keys as a batch to ask with. */
  asked(ids: readonly number[]): Batch {
    return {
      schema: { fields: this.#keyFields },
      rowCount: this.#keys.end,
      columns: this.#keys.columns.slice(0, this.#keyFields.length),
      rowKinds: null,
      selection: Int32Array.from(ids),
      selectionCount: ids.length,
    };
  }

  /** Take the answer for keys `ids`. */
  fill(ids: readonly number[], rows: Batch, keyOf: Int32Array, nowMs: number): void {
    const count = rows.selectionCount;
    this.#rows.reserve(count);
    const { next } = this;
    const [heads, tails] = [this.#ints(HEAD!), this.#ints(TAIL!)];
    const [from, to] = [new Int32Array(count), new Int32Array(count)];
    for (let k = 0; k < count; k++) {
      const key = ids[keyOf[k]!]!;
      const id = this.#rows.allocate();
      next[id] = 0;
      if (tails[key] === 0) heads[key] = id;
      else next[tails[key]!] = id;
      tails[key] = id;
      from[k] = rows.selection === null ? k : rows.selection[k]!;
      to[k] = id;
    }
    rows.columns.forEach((column, c) => {
      scatter(column, from, count, this.#rows.columns[c]!, to);
    });
    for (const id of ids) {
      this.#ints(LOADED!)[id] = 1;
      this.#times(WRITTEN!)[id] = nowMs;
    }
  }

  /** The batch is through: keep what the options let be kept. */
  endOfBatch(asked: readonly number[]): void {
    if (this.#options === null) {
      if (this.#queue.length > 0) this.clear();
      return;
    }
    if (!this.#options.missingKeys) {
      for (const id of asked) if (this.first(id) === 0) this.#ints(LOADED!)[id] = 0;
    }
    const { rowsMax } = this.#options;
    while (rowsMax !== null && this.#queue.length > rowsMax) {
      const id = this.#queue.shift()!;
      this.#forget(id);
      this.#table.remove(id);
    }
  }

  #forget(key: number): void {
    const { next } = this;
    for (let id = this.first(key); id !== 0; ) {
      const behind = next[id]!;
      this.#rows.release(id);
      id = behind;
    }
    this.#ints(HEAD!)[key] = 0;
    this.#ints(TAIL!)[key] = 0;
    this.#ints(LOADED!)[key] = 0;
  }
}
