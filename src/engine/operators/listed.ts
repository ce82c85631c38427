import { type Batch, type Column, type ColumnBuffer, isAccumulate } from '../../core/mod.ts';
import type { RowStore } from '../../state/mod.ts';
import type { Accumulator, Slot } from './accumulators.ts';
import { collectedResult, type ListedResult, listedResult } from './listed-result.ts';
import type { OperatorContext } from './operator.ts';
import { ValueCounts } from './value-counts.ts';
import { ValueLists } from './value-lists.ts';

/** A call kept by the values themselves: their list, or (COLLECT) how often each occurs. */
export class ListedValues {
  readonly #accumulator: Accumulator;
  readonly #store: RowStore;
  readonly #lists: ValueLists | null;
  /** For DISTINCT and COLLECT. */
  readonly #values: ValueCounts | null;
  readonly #write: ListedResult;

  constructor(accumulator: Accumulator, store: RowStore, { state }: OperatorContext) {
    const { call, argumentType, head, list } = accumulator;
    const argument = call.argument!;
    this.#accumulator = accumulator;
    this.#store = store;
    this.#values =
      head === null
        ? null
        : new ValueCounts(state, `values${head.index}`, argumentType, argument, () => this.#ints(head));
    this.#lists =
      list === null
        ? null
        : new ValueLists(state, `list${list.first.index}`, argumentType, argument, {
            first: () => this.#ints(list.first),
            last: () => this.#ints(list.last),
          });
    this.#write =
      this.#lists === null ? collectedResult(call, this.#values!) : listedResult(call, this.#lists);
  }

  #ints({ index }: Slot): Int32Array {
    return (this.#store.columns[index] as { values: Int32Array }).values;
  }

  /** NULLs are values too. */
  get takesNulls(): boolean {
    const { name, ignoresNulls } = this.#accumulator.call;
    return name === 'SINGLE_VALUE' || (name === 'ARRAY_AGG' && ignoresNulls !== true);
  }

  /** Take what the groups `from` of another hold over to the groups `into`, behind what is there. */
  merge(other: ListedValues, from: Int32Array, into: Int32Array, count: number): void {
    if (this.#values !== null && other.#values !== null) {
      const { counts, store } = other.#values;
      const groupOf = new Int32Array(store.end);
      const rows = other.#values.rowsOf(from, count, (row, k) => {
        groupOf[row] = into[k]!;
      });
      const column = store.columns[1]!;
      this.#values.lookUp(rows, groupOf);
      this.#values.apply(
        rows,
        (_k, row, delta) => this.#change(rows.columns, column, row, groupOf[row]!, delta),
        counts,
      );
      this.#values.sweep(rows.selectionCount);
      return;
    }
    const [lists, given] = [this.#lists, other.#lists];
    if (lists === null || given === null) return;
    for (let k = 0; k < count; k++) {
      for (let id = given.first(from[k]!); id !== 0; id = given.next[id]!)
        lists.add(into[k]!, given.values, id);
    }
  }

  /** Take the rows, all of which count. `groupOf` gives each physical row's group. */
  apply(rows: Batch, groupOf: Int32Array): void {
    const column = rows.columns[this.#accumulator.call.argument!]!;
    if (this.#values === null) {
      for (let k = 0; k < rows.selectionCount; k++) {
        const row = rows.selection![k]!;
        const adds = rows.rowKinds === null || isAccumulate(rows.rowKinds[row]!);
        this.#change(rows.columns, column, row, groupOf[row]!, adds ? 1 : -1);
      }
      return;
    }
    this.#values.lookUp(rows, groupOf);
    this.#values.apply(rows, (_k, row, delta) =>
      this.#change(rows.columns, column, row, groupOf[row]!, delta),
    );
    this.#values.sweep(rows.selectionCount);
  }

  #change(columns: readonly Column[], column: Column, row: number, group: number, delta: number): void {
    if (this.#lists === null) return;
    if (delta === 1) this.#lists.add(group, column, row);
    else this.#lists.remove(group, columns, row);
  }

  emit(group: number, out: ColumnBuffer, row: number): void {
    this.#write(group, out, row);
  }

  dropGroup(group: number): void {
    this.#values?.dropGroup(group);
    this.#lists?.dropGroup(group);
  }
}
