import type { Batch, Field } from '../core/mod.ts';
import { KeyTable } from './key-table.ts';
import type { RowStore } from './row-store.ts';
import type { Reference, StateTables } from './state-tables.ts';

/** What a table with one row per key holds. Columns: the key's, then `cells`. */
export interface KeyedRowsShape {
  readonly key: readonly Field[];
  readonly cells: readonly Field[];
  /** The key's columns in the batches given to `findOrAdd` and `find`. */
  readonly from: readonly number[];
  /** How many leading columns of the key make up the exchange key; all without it. */
  readonly exchange?: number;
  /** Columns among `cells` that hold ids of rows. */
  readonly references?: readonly Reference[];
}

/** One row per key: what aggregates, deduplication, or the last row of a stream keep. */
export class KeyedRows {
  readonly store: RowStore;
  readonly table: KeyTable;
  /** Ids of the rows of the live rows of the last batch asked for, 0 for none. */
  ids = new Int32Array(0);

  constructor(state: StateTables, name: string, shape: KeyedRowsShape) {
    const { key, cells, from, exchange = key.length, references = [] } = shape;
    const all = [...key.keys()];
    this.store = state.table(name, { fields: [...key, ...cells] }, all.slice(0, exchange), references);
    this.table = new KeyTable(this.store, all, from);
    state.onRestored(() => this.table.reindex());
  }

  /** Initialises the cells of each key that is added. */
  set onAdd(init: (id: number) => void) {
    this.table.onAdd = init;
  }

  /** Ids of the keys of the batch's live rows, added where missing. */
  findOrAdd(batch: Batch): Int32Array {
    this.#reserve(batch);
    this.table.findOrAdd(batch, this.ids);
    return this.ids;
  }

  /** Ids of the keys of the batch's live rows, 0 where there is none. Null keys are equal. */
  find(batch: Batch): Int32Array {
    this.#reserve(batch);
    this.table.find(batch, this.ids, true);
    return this.ids;
  }

  exists(id: number): boolean {
    return id !== 0 && this.store.live[id] === 1;
  }

  remove(id: number): void {
    this.table.remove(id);
  }

  #reserve(batch: Batch): void {
    if (this.ids.length < batch.selectionCount) this.ids = new Int32Array(batch.selectionCount * 2);
  }
}
