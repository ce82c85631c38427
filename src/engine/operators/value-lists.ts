import { type Column, copyCell, type DataType, type Schema } from '../../core/mod.ts';
import { compileEqual, type RowStore, type StateTables } from '../../state/mod.ts';

const INT = { kind: 'INT', nullable: false } as const;
const [GROUP, VALUE, NEXT, PREVIOUS] = [0, 1, 2, 3] as const;

/** Columns of the group's store that hold the ends of its list. */
export interface ListEnds {
  readonly first: () => Int32Array;
  readonly last: () => Int32Array;
}

/** The values of each group in the order they came: what LISTAGG, ARRAY_AGG, FIRST_VALUE and so on need. */
export class ValueLists {
  readonly store: RowStore;
  readonly #ends: ListEnds;
  readonly #equal: ReturnType<typeof compileEqual>;

  /** `argument` is the column of the values in the batches given to `add` and `remove`. */
  constructor(state: StateTables, name: string, type: DataType, argument: number, ends: ListEnds) {
    const value = { ...type, nullable: true } as DataType;
    const schema: Schema = {
      fields: [
        { name: 'group', type: INT },
        { name: 'value', type: value },
        { name: 'next', type: INT },
        { name: 'previous', type: INT },
      ],
    };
    this.store = state.table(name, schema, { table: 'groups', column: GROUP }, [
      { column: NEXT, table: name },
      { column: PREVIOUS, table: name },
    ]);
    this.#ends = ends;
    this.#equal = compileEqual([value], [VALUE], [argument]);
  }

  #ints(c: number): Int32Array {
    return (this.store.columns[c] as { values: Int32Array }).values;
  }
  get values(): Column {
    return this.store.columns[VALUE]!;
  }
  get next(): Int32Array {
    return this.#ints(NEXT);
  }

  add(group: number, column: Column, row: number): void {
    const { store } = this;
    store.reserve(1);
    const id = store.allocate();
    for (const c of [GROUP, NEXT, PREVIOUS]) store.columns[c]!.nulls[id] = 0;
    copyCell(column, row, store.columns[VALUE]!, id);
    const [first, last] = [this.#ends.first(), this.#ends.last()];
    const before = last[group]!;
    this.#ints(GROUP)[id] = group;
    this.#ints(NEXT)[id] = 0;
    this.#ints(PREVIOUS)[id] = before;
    if (before === 0) first[group] = id;
    else this.#ints(NEXT)[before] = id;
    last[group] = id;
  }

  /** Takes the first equal value out; false when there is none. */
  remove(group: number, columns: readonly Column[], row: number): boolean {
    const next = this.next;
    let id = this.#ends.first()[group]!;
    while (id !== 0 && !this.#equal(this.store.columns, id, columns, row)) id = next[id]!;
    if (id !== 0) this.#unlink(group, id);
    return id !== 0;
  }

  #unlink(group: number, id: number): void {
    const [next, previous] = [this.#ints(NEXT), this.#ints(PREVIOUS)];
    const [behind, before] = [next[id]!, previous[id]!];
    if (before === 0) this.#ends.first()[group] = behind;
    else next[before] = behind;
    if (behind === 0) this.#ends.last()[group] = before;
    else previous[behind] = before;
    this.store.release(id);
  }

  first(group: number): number {
    return this.#ends.first()[group]!;
  }
  last(group: number): number {
    return this.#ends.last()[group]!;
  }

  /** The group is gone. */
  dropGroup(group: number): void {
    for (let id = this.first(group); id !== 0; ) {
      const next = this.next[id]!;
      this.store.release(id);
      id = next;
    }
    this.#ends.first()[group] = 0;
    this.#ends.last()[group] = 0;
  }
}
