import {
  type Batch,
  type Column,
  type DataType,
  isAccumulate,
  numbersOf,
  type Schema,
  withColumns,
} from '../../core/mod.ts';
import { KeyTable, type RowStore, type StateTables } from '../../state/mod.ts';

const [GROUP, VALUE, COUNT, NEXT, PREVIOUS] = [0, 1, 2, 3, 4];

/**
 * How often each value occurs in each group: what MIN and MAX over retractions and DISTINCT need. The
 * values of
 * a group are chained, `heads` lie in the group's own store.
 */
export class ValueCounts {
  readonly store: RowStore;
  readonly #table: KeyTable;
  readonly #argument: number;
  readonly #heads: () => Int32Array;
  /** Ids of the values of the live rows of the last `apply`, in their order. */
  ids = new Int32Array(0);

  constructor(state: StateTables, name: string, type: DataType, argument: number, heads: () => Int32Array) {
    const int = { kind: 'INT', nullable: false } as const;
    const schema: Schema = {
      fields: [
        { name: 'group', type: int },
        { name: 'value', type: { ...type, nullable: true } as DataType },
        { name: 'count', type: { kind: 'DOUBLE', nullable: false } },
        { name: 'next', type: int },
        { name: 'previous', type: int },
      ],
    };
    this.store = state.table(name, schema, { table: 'groups', column: GROUP! }, [
      { column: NEXT!, table: name },
      { column: PREVIOUS!, table: name },
    ]);
    this.#table = new KeyTable(this.store, [GROUP, VALUE], [0, 1]);
    this.#table.onAdd = id => this.#link(id);
    state.onRestored(() => this.#table.reindex());
    this.#argument = argument;
    this.#heads = heads;
  }

  #ints(c: number): Int32Array {
    return (this.store.columns[c] as { values: Int32Array }).values;
  }
  get counts(): Float64Array {
    return (this.store.columns[COUNT] as { values: Float64Array }).values;
  }
  /** The group of each value. */
  get groups(): Int32Array {
    return this.#ints(GROUP!);
  }

  #link(id: number): void {
    const heads = this.#heads();
    const group = this.#ints(GROUP!)[id]!;
    const next = heads[group]!;
    this.counts[id] = 0;
    this.#ints(NEXT!)[id] = next;
    this.#ints(PREVIOUS!)[id] = 0;
    if (next !== 0) this.#ints(PREVIOUS!)[next] = id;
    heads[group] = id;
  }

  /** Find or add the value of each live row (none of them null). `groups` is indexed by physical row. */
  lookUp(batch: Batch, groups: Int32Array): void {
    if (this.ids.length < batch.selectionCount) this.ids = new Int32Array(batch.selectionCount * 2);
    const group: Column = numbersOf('i32', null, groups);
    const columns = [group, batch.columns[this.#argument]!];
    this.#table.findOrAdd(withColumns(batch, columns), this.ids);
  }

  /**
   * Count each live row, after `lookUp`: as often as `weights` say by physical row, once without. Rows that
   * bring a value to a group or take its last one away are told to `changed` with +1 or -1. A retraction of
   * what is not there counts below zero and is paid back later.
   */
  apply(
    batch: Batch,
    changed: (k: number, row: number, delta: number) => void,
    weights: Float64Array | null = null,
  ): void {
    const { selection, rowKinds, selectionCount } = batch;
    const { counts, ids } = this;
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      const sign = rowKinds === null || isAccumulate(rowKinds[row]!) ? 1 : -1;
      const id = ids[k]!;
      const before = counts[id]!;
      const after = before + (weights === null ? sign : sign * weights[row]!);
      counts[id] = after;
      if (before <= 0 && after > 0) changed(k, row, 1);
      else if (before > 0 && after <= 0) changed(k, row, -1);
    }
  }

  /** The values of groups as rows of a batch, in column `argument`; `told` hears of each and its group's place. */
  rowsOf(groups: Int32Array, count: number, told: (row: number, k: number) => void): Batch {
    const ids: number[] = [];
    for (let k = 0; k < count; k++) {
      this.forEach(groups[k]!, id => {
        ids.push(id);
        told(id, k);
      });
    }
    const columns: Column[] = [];
    columns[this.#argument] = this.store.columns[VALUE!]!;
    const selection = Int32Array.from(ids);
    const { schema, end } = this.store;
    return { schema, rowCount: end, columns, rowKinds: null, selection, selectionCount: ids.length };
  }

  /** Drop the values of the last `lookUp` that occur no more. */
  sweep(count: number): void {
    for (let k = 0; k < count; k++) {
      const id = this.ids[k]!;
      if (this.store.live[id] === 1 && this.counts[id] === 0) this.#remove(id);
    }
  }

  #remove(id: number): void {
    const [next, previous] = [this.#ints(NEXT!)[id]!, this.#ints(PREVIOUS!)[id]!];
    if (next !== 0) this.#ints(PREVIOUS!)[next] = previous;
    if (previous !== 0) this.#ints(NEXT!)[previous] = next;
    else this.#heads()[this.#ints(GROUP!)[id]!] = next;
    this.#table.remove(id);
  }

  /** Every value id of a group. */
  forEach(group: number, visit: (id: number) => void): void {
    let id = this.#heads()[group]!;
    while (id !== 0) {
      const next = this.#ints(NEXT!)[id]!;
      visit(id);
      id = next;
    }
  }

  /** The group is gone. */
  dropGroup(group: number): void {
    this.forEach(group, id => this.#remove(id));
  }
}
