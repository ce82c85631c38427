import { type Batch, type ColumnBuffer, copyCell } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import type { RowStore } from '../../state/mod.ts';
import { compilePredicate } from '../codegen/mod.ts';
import type { Accumulator } from './accumulators.ts';
import type { OperatorContext } from './operator.ts';
import type { ValueCounts } from './value-counts.ts';

/** MIN or MAX over rows that are taken back: when the extreme leaves, the next is looked for. */
export class Extreme {
  readonly values: ValueCounts;
  readonly #store: RowStore;
  readonly #slot: number;
  readonly #better: ReturnType<typeof compilePredicate>;
  /** The held cells as column 1, where the generated comparison reads both its sides. */
  readonly #held: readonly ColumnBuffer[];
  readonly #given: readonly ColumnBuffer[];

  constructor(accumulator: Accumulator, store: RowStore, values: ValueCounts, { session }: OperatorContext) {
    const { type, index } = accumulator.value!;
    const condition: Expression = {
      kind: 'call',
      name: accumulator.call.name === 'MIN' ? '<' : '>',
      operands: [
        { kind: 'column', index: 1, type },
        { kind: 'column', index: 6, type },
      ],
      type: { kind: 'BOOLEAN', nullable: true },
      at: { line: 1, column: 1 },
    };
    this.values = values;
    this.#store = store;
    this.#slot = index;
    const held = store.columns[index]!;
    this.#held = [held, held];
    this.#given = values.store.columns;
    this.#better = compilePredicate(condition, 5, session);
  }

  /** Count what the groups `from` of another hold for the groups `into`. */
  merge({ values }: Extreme, from: Int32Array, into: Int32Array, count: number): void {
    const groupOf = new Int32Array(values.store.end);
    const rows = values.rowsOf(from, count, (row, k) => {
      groupOf[row] = into[k]!;
    });
    if (rows.selectionCount > 0) this.apply(rows, groupOf, values.counts);
  }

  /** Count the values of rows, none of them NULL. `groupOf` gives each physical row's group. */
  apply(rows: Batch, groupOf: Int32Array, weights: Float64Array | null = null): void {
    const { values } = this;
    const cell = this.#store.columns[this.#slot]!;
    const better = this.#better;
    const [held, given] = [this.#held, this.#given];
    const stale: number[] = [];
    values.lookUp(rows, groupOf);
    const changed = (k: number, row: number, delta: number): void => {
      const group = groupOf[row]!;
      const id = values.ids[k]!;
      if (delta === 1) {
        if (cell.nulls[group] === 1 || better(values.store.columns, id, held, group)) {
          this.#setCell(group, values.store.columns[1]!, id);
        }
      } else if (cell.nulls[group] === 0 && !better(values.store.columns, id, held, group)) {
        // Either the extreme itself went or something beyond it: look again when all rows are in.
        if (!better(held, group, given, id)) stale.push(group);
      }
    };
    values.apply(rows, changed, weights);
    for (const group of new Set(stale)) this.#find(group);
    values.sweep(rows.selectionCount);
  }

  #setCell(group: number, source: ColumnBuffer, id: number): void {
    const cell = this.#store.columns[this.#slot]!;
    if (cell.physical === 'bytes') this.#store.putBytesCell(this.#slot, group, source, id);
    else copyCell(source, id, cell, group);
  }

  #find(group: number): void {
    const { values } = this;
    this.#store.dropBytes(this.#slot, group);
    this.#store.columns[this.#slot]!.nulls[group] = 1;
    let best = 0;
    values.forEach(group, id => {
      if (values.counts[id]! <= 0) return;
      if (best === 0 || this.#better(values.store.columns, id, values.store.columns, best)) best = id;
    });
    if (best !== 0) this.#setCell(group, values.store.columns[1]!, best);
  }
}
