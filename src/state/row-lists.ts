import { assert, type Batch, type Column, type Field, type Schema } from '../core/mod.ts';
import { KeyTable } from './key-table.ts';
import { compileCopy, compileEqual } from './row-code.ts';
import { compileCompare, type RowCompare, type SortColumn } from './row-order.ts';
import type { RowStore } from './row-store.ts';
import type { StateTables } from './state-tables.ts';

const INT = { kind: 'INT', nullable: false } as const;
const [HEAD, TAIL, SIZE] = [0, 1, 2];
const [NEXT, PREVIOUS, KEY] = [0, 1, 2];

/** What a table with a list of rows per key holds. Columns of `rows`: the row's, then `extra`, then links. */
export interface RowListsShape {
  readonly schema: Schema;
  /** Columns of the row that are its key, and the exchange key. */
  readonly keys: readonly number[];
  /** Cells beside the row, e.g. a count; they hold anything when a row is added. */
  readonly extra?: readonly Field[];
  /** Lists are in this order, equal rows in the order they came. Without it, in the order they came. */
  readonly sort?: readonly SortColumn[];
}

/**
 * A list of rows per key, doubly linked: what joins, top-n, OVER and temporal tables keep. Rows are handled
 * by their ids. A key without rows stays until `sweep`, so that the ids of `found` hold for a whole batch.
 */
export class RowLists {
  readonly rows: RowStore;
  readonly keyTable: KeyTable;
  readonly #keyStore: RowStore;
  /** Ids of the keys of the live rows of the last look-up; 0 for none. */
  found = new Int32Array(0);
  readonly #width: number;
  readonly #links: number;
  readonly #keyWidth: number;
  readonly #copy: ReturnType<typeof compileCopy>;
  readonly #equal: ReturnType<typeof compileEqual>;
  readonly #compare: RowCompare | null;
  #emptied: number[] = [];
  #ids = new Int32Array(16);

  constructor(state: StateTables, name: string, { schema, keys, extra = [], sort }: RowListsShape) {
    const [keyTable, rowTable] = [`${name} keys`, `${name} rows`];
    const storeKeys = [...keys.keys()];
    const keyFields: Field[] = keys.map((c, k) => ({ name: `key${k}`, type: schema.fields[c]!.type }));
    const ends = ['head', 'tail', 'size'].map(n => ({ name: n, type: INT }));
    this.#keyWidth = keys.length;
    this.#keyStore = state.table(keyTable, { fields: [...keyFields, ...ends] }, storeKeys, [
      { column: keys.length + HEAD!, table: rowTable },
      { column: keys.length + TAIL!, table: rowTable },
    ]);
    const fields = schema.fields.map((f, k) => ({ name: `c${k}`, type: f.type }));
    const links = ['next', 'previous', 'key'].map(n => ({ name: n, type: INT }));
    this.#width = fields.length;
    this.#links = fields.length + extra.length;
    this.rows = state.table(
      rowTable,
      { fields: [...fields, ...extra, ...links] },
      { table: keyTable, column: this.#links + KEY! },
      [
        { column: this.#links + NEXT!, table: rowTable },
        { column: this.#links + PREVIOUS!, table: rowTable },
      ],
    );
    this.keyTable = new KeyTable(this.#keyStore, storeKeys, keys);
    this.keyTable.onAdd = id => {
      for (const end of [HEAD, TAIL, SIZE]) this.#end(end!)[id] = 0;
    };
    state.onRestored(() => this.keyTable.reindex());
    const types = fields.map(f => f.type);
    const all = [...types.keys()];
    this.#copy = compileCopy(types, all, all);
    this.#equal = compileEqual(types, all, all);
    this.#compare = sort === undefined ? null : compileCompare(types, sort);
  }

  #end(k: number): Int32Array {
    return (this.#keyStore.columns[this.#keyWidth + k] as { values: Int32Array }).values;
  }
  #link(k: number): Int32Array {
    return (this.rows.columns[this.#links + k] as { values: Int32Array }).values;
  }
  /** The row behind each row, 0 for none. Fetch again after an insertion, as all arrays. */
  get next(): Int32Array {
    return this.#link(NEXT!);
  }
  get previous(): Int32Array {
    return this.#link(PREVIOUS!);
  }
  /** The key of each row. */
  get keyOf(): Int32Array {
    return this.#link(KEY!);
  }
  /** The column of the k-th extra cell. */
  extra(k: number): Column {
    return this.rows.columns[this.#width + k]!;
  }
  /** First row of a key (0 for none), 0 without one. */
  first(key: number): number {
    return key === 0 ? 0 : this.#end(HEAD!)[key]!;
  }
  last(key: number): number {
    return key === 0 ? 0 : this.#end(TAIL!)[key]!;
  }
  /** Rows of a key. */
  size(key: number): number {
    return key === 0 ? 0 : this.#end(SIZE!)[key]!;
  }

  /** Keys of the batch's live rows, in `found`: added where missing, or else 0. Null keys are equal. */
  lookUp(batch: Batch, add: boolean): Int32Array {
    if (this.found.length < batch.selectionCount) this.found = new Int32Array(batch.selectionCount * 2);
    if (add) this.keyTable.findOrAdd(batch, this.found);
    else this.keyTable.find(batch, this.found, true);
    return this.found;
  }

  /**
   * Keep a row under a key of the last `lookUp`, at its place in the order: right behind row `behindRow` (0: in
   * front of all) for who knows it, else it is looked for from the end.
   */
  insert(key: number, columns: readonly Column[], row: number, behindRow?: number): number {
    assert(key !== 0, 'a row is kept under a key that was added');
    this.rows.reserve(1);
    const id = this.rows.allocate();
    this.#copy(columns, row, this.rows.columns, id);
    const { next, previous } = this;
    let before = behindRow ?? this.last(key);
    if (behindRow === undefined && this.#compare !== null) {
      const kept = this.rows.columns;
      while (before !== 0 && this.#compare(kept, before, kept, id) > 0) before = previous[before]!;
    }
    const behind = before === 0 ? this.first(key) : next[before]!;
    next[id] = behind;
    previous[id] = before;
    if (before === 0) this.#end(HEAD!)[key] = id;
    else next[before] = id;
    if (behind === 0) this.#end(TAIL!)[key] = id;
    else previous[behind] = id;
    this.keyOf[id] = key;
    this.#end(SIZE!)[key]! += 1;
    return id;
  }

  /**
   * Each of the first `count` of `rows` becomes the only row of its key, which has one or none: the one is
   * written over. The other cells beside a row are not touched.
   */
  putOnly(columns: readonly Column[], keys: Int32Array, rows: Int32Array, count: number): void {
    this.rows.reserve(count);
    if (this.#ids.length < count) this.#ids = new Int32Array(count * 2);
    const ids = this.#ids;
    const { next, previous, keyOf } = this;
    const [heads, tails, sizes] = [this.#end(HEAD!), this.#end(TAIL!), this.#end(SIZE!)];
    for (let k = 0; k < count; k++) {
      const key = keys[k]!;
      ids[k] = heads[key]!;
      if (ids[k] !== 0) continue;
      const id = this.rows.allocate();
      this.#empty(id);
      ids[k] = heads[key] = tails[key] = id;
      sizes[key] = 1;
      keyOf[id] = key;
      next[id] = 0;
      previous[id] = 0;
    }
    for (let c = 0; c < this.#width; c++) this.rows.overwrite(c, columns[c]!, rows, count, ids);
  }

  /** Nothing is to be written over in a fresh row. */
  #empty(id: number): void {
    for (let c = 0; c < this.#width; c++) this.rows.columns[c]!.nulls[id] = 1;
  }

  /** A row of the key equal to the given one in all its columns, 0 for none. */
  findEqual(key: number, columns: readonly Column[], row: number): number {
    let id = this.first(key);
    while (id !== 0 && !this.#equal(this.rows.columns, id, columns, row)) id = this.next[id]!;
    return id;
  }

  /** Replace the row's own columns; its place in the order must stay the same. */
  replace(id: number, columns: readonly Column[], row: number): void {
    for (let c = 0; c < this.#width; c++) this.rows.dropBytes(c, id);
    this.#copy(columns, row, this.rows.columns, id);
  }

  /** Forget a row. */
  remove(id: number): void {
    this.detach(id);
    this.rows.release(id);
  }

  /** Take a row out of its list. Its cells stay until it is released in `rows`, before the next barrier. */
  detach(id: number): void {
    const { next, previous } = this;
    const [behind, before, key] = [next[id]!, previous[id]!, this.keyOf[id]!];
    if (before === 0) this.#end(HEAD!)[key] = behind;
    else next[before] = behind;
    if (behind === 0) this.#end(TAIL!)[key] = before;
    else previous[behind] = before;
    this.#end(SIZE!)[key]! -= 1;
    if (this.size(key) === 0) this.#emptied.push(key);
  }

  /** Forget the keys that have lost all their rows, or never got one: when a batch is through. */
  sweep(): void {
    for (const key of this.#emptied) {
      if (key !== 0 && this.#keyStore.live[key] === 1 && this.size(key) === 0) this.keyTable.remove(key);
    }
    this.#emptied = [];
  }

  /** Let `sweep` look at the keys of the last look-up too, some of which may have got no row. */
  noteFound(count: number): void {
    const sizes = this.#end(SIZE!);
    for (let k = 0; k < count; k++) if (sizes[this.found[k]!] === 0) this.#emptied.push(this.found[k]!);
  }

  /** Sweep, the keys of the last look-up too. */
  sweepFound(count: number): void {
    this.noteFound(count);
    this.sweep();
  }
}
