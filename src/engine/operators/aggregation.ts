import {
  type Batch,
  type ColumnBuffer,
  type Field,
  forEachRow,
  RowKind,
  type Schema,
} from '../../core/mod.ts';
import type { AggregateCall, Expression } from '../../plan/mod.ts';
import { KeyTable, type RowStore } from '../../state/mod.ts';
import { compilePredicate } from '../codegen/mod.ts';
import { type Accumulator, isCounted, layOut, slotsOf } from './accumulators.ts';
import {
  compileEmit,
  compileInit,
  compileUpdate,
  type EmitResults,
  type UpdateLoop,
} from './aggregate-code.ts';
import type { OperatorContext } from './operator.ts';
import { ValueCounts } from './value-counts.ts';

/** What an aggregation is over. */
export interface AggregationOptions {
  /** Columns of the looked-up batch: the key's first fields of a group's row. */
  readonly input: Schema;
  readonly keyFields: readonly Field[];
  readonly keyColumns: readonly number[];
  /** How many of the key's leading fields make up the exchange key. */
  readonly exchangeKeys: number;
  /** Further cells of a group's row, between the keys and the accumulators. */
  readonly extra: readonly Field[];
  readonly calls: readonly AggregateCall[];
  readonly retracts: boolean;
  /** Column of the output where the results begin. */
  readonly resultsAt: number;
}

interface Counted {
  readonly accumulator: Accumulator;
  readonly values: ValueCounts;
  /** For DISTINCT: adds the values that came or went. */
  readonly update: UpdateLoop | null;
  /** For MIN and MAX: value a is better than value b. */
  readonly better: ReturnType<typeof compilePredicate> | null;
}

/** Groups with their accumulators in one row store: what groupAggregate and windowAggregate share. */
export class Aggregation {
  readonly store: RowStore;
  readonly table: KeyTable;
  /** Ids of the groups of the live rows of the last batch. */
  ids = new Int32Array(0);
  readonly #rows: number;
  readonly #update: UpdateLoop;
  readonly #emit: EmitResults;
  readonly #counted: readonly Counted[];
  #groupOf = new Int32Array(0);
  #some = new Int32Array(0);
  #kinds = new Uint8Array(0);
  #someIds = new Int32Array(0);

  constructor(context: OperatorContext, options: AggregationOptions) {
    const { input, keyFields, extra, calls, retracts } = options;
    this.#rows = keyFields.length + extra.length;
    const accumulators = layOut(calls, input, retracts, this.#rows + 1);
    const slots = slotsOf(accumulators);
    const fields: Field[] = [
      ...keyFields.map((f, k) => ({ name: `key${k}`, type: f.type })),
      ...extra,
      { name: 'rows', type: { kind: 'DOUBLE', nullable: false } },
      ...slots.map(s => ({ name: `slot${s.index}`, type: s.type })),
    ];
    const heads = accumulators.flatMap(({ head }) =>
      head === null ? [] : [{ column: head.index, table: `values${head.index}` }],
    );
    const exchange = [...keyFields.keys()].slice(0, options.exchangeKeys);
    this.store = context.state.table('groups', { fields }, exchange, heads);
    this.table = new KeyTable(this.store, [...keyFields.keys()], options.keyColumns);
    context.state.onRestored(() => this.table.reindex());
    const init = compileInit(slots, this.#rows);
    this.table.onAdd = id => init(this.store.columns, id);
    const plain = accumulators.filter(a => !isCounted(a.call, retracts));
    this.#update = compileUpdate(plain, input, this.#rows, context.session);
    this.#emit = compileEmit(accumulators, options.resultsAt, context.session);
    this.#counted = accumulators
      .filter(a => isCounted(a.call, retracts))
      .map(a => this.#openCounted(a, input, context));
  }

  #openCounted(accumulator: Accumulator, input: Schema, { state, session }: OperatorContext): Counted {
    const { call, argumentType, head, value } = accumulator;
    const heads = (): Int32Array => (this.store.columns[head!.index] as { values: Int32Array }).values;
    const values = new ValueCounts(state, `values${head!.index}`, argumentType, call.argument!, heads);
    if (call.name !== 'MIN' && call.name !== 'MAX') {
      const inner = { ...accumulator, call: { ...call, filter: null } };
      return { accumulator, values, update: compileUpdate([inner], input, null, session), better: null };
    }
    const type = value!.type;
    const condition: Expression = {
      kind: 'call',
      name: call.name === 'MIN' ? '<' : '>',
      operands: [
        { kind: 'column', index: 1, type },
        { kind: 'column', index: 6, type },
      ],
      type: { kind: 'BOOLEAN', nullable: true },
      at: { line: 1, column: 1 },
    };
    return { accumulator, values, update: null, better: compilePredicate(condition, 5, session) };
  }

  /** Rows in each group; groups with none are to be removed. */
  get rows(): Float64Array {
    return (this.store.columns[this.#rows] as { values: Float64Array }).values;
  }

  /** Find or add the groups of the batch's live rows. */
  lookUp(batch: Batch): Int32Array {
    if (this.ids.length < batch.selectionCount) this.ids = new Int32Array(batch.selectionCount * 2);
    this.table.findOrAdd(batch, this.ids);
    return this.ids;
  }

  /** Add the live rows to the groups that `lookUp` found. */
  apply(batch: Batch): void {
    const { columns, rowKinds, selection, selectionCount } = batch;
    this.#update(columns, rowKinds, selection, selectionCount, this.ids, this.store);
    for (const counted of this.#counted) this.#applyCounted(counted, batch);
  }

  #applyCounted(counted: Counted, batch: Batch): void {
    const { accumulator, values, update } = counted;
    const rows = this.#withArgument(accumulator, batch);
    if (rows.selectionCount === 0) return;
    values.lookUp(rows, this.#groupOf);
    if (update === null) {
      this.#applyExtreme(counted, rows);
      return;
    }
    let n = 0;
    const chosen = new Int32Array(rows.selectionCount);
    values.apply(rows, (_k, row, delta) => {
      chosen[n] = row;
      this.#kinds[row] = delta === 1 ? RowKind.insert : RowKind.delete;
      this.#someIds[n++] = this.#groupOf[row]!;
    });
    update(batch.columns, this.#kinds, chosen, n, this.#someIds, this.store);
    values.sweep(rows.selectionCount);
  }

  /** The live rows that pass the filter and have an argument, as a selection. */
  #withArgument({ call }: Accumulator, batch: Batch): Batch {
    if (this.#groupOf.length < batch.rowCount) {
      this.#groupOf = new Int32Array(batch.rowCount * 2);
      this.#some = new Int32Array(batch.rowCount * 2);
      this.#kinds = new Uint8Array(batch.rowCount * 2);
      this.#someIds = new Int32Array(batch.rowCount * 2);
    }
    const argument = batch.columns[call.argument!]!;
    const filter = call.filter === null ? null : batch.columns[call.filter]!;
    let n = 0;
    let k = 0;
    forEachRow(batch, row => {
      this.#groupOf[row] = this.ids[k++]!;
      if (argument.nulls !== null && argument.nulls[row] === 1) return;
      if (filter !== null && filter.nulls !== null && filter.nulls[row] === 1) return;
      if (filter !== null && filter.physical === 'bool' && filter.values[row] !== 1) return;
      this.#some[n++] = row;
    });
    return { ...batch, selection: this.#some, selectionCount: n };
  }

  #applyExtreme({ accumulator, values, better }: Counted, rows: Batch): void {
    const slot = accumulator.value!.index;
    const cell = this.store.columns[slot]!;
    const stale: number[] = [];
    values.apply(rows, (k, row, delta) => {
      const group = this.#groupOf[row]!;
      const id = values.ids[k]!;
      if (delta === 1) {
        if (cell.nulls[group] === 1 || better!(values.store.columns, id, this.#shifted(slot), group)) {
          this.#setCell(slot, group, values.store.columns[1]!, id);
        }
      } else if (cell.nulls[group] === 0 && !better!(values.store.columns, id, this.#shifted(slot), group)) {
        // Either the extreme itself went or something beyond it: look again when all rows are in.
        if (!this.#isBeyond(values, better!, slot, group, id)) stale.push(group);
      }
    });
    for (const group of new Set(stale)) this.#findExtreme(slot, values, better!, group);
    values.sweep(rows.selectionCount);
  }

  /** The held value is strictly better than the value that went, so it still holds. */
  #isBeyond(
    values: ValueCounts,
    better: NonNullable<Counted['better']>,
    slot: number,
    group: number,
    id: number,
  ): boolean {
    const held: ColumnBuffer[] = [];
    held[1] = this.store.columns[slot]!;
    const gone: ColumnBuffer[] = [];
    gone[1] = values.store.columns[1]!;
    return better(held, group, gone, id);
  }

  /** The store's cell as column 1, where the generated comparison reads both its sides. */
  #shifted(slot: number): ColumnBuffer[] {
    const columns: ColumnBuffer[] = [];
    columns[1] = this.store.columns[slot]!;
    return columns;
  }

  #setCell(slot: number, group: number, source: ColumnBuffer, id: number): void {
    const cell = this.store.columns[slot]!;
    if (cell.physical === 'bytes') {
      this.store.putBytesCell(slot, group, source, id);
      return;
    }
    cell.nulls[group] = 0;
    if (cell.physical === 'timestamp' && source.physical === 'timestamp') {
      cell.millis[group] = source.millis[id]!;
      if (cell.nanos !== null && source.nanos !== null) cell.nanos[group] = source.nanos[id]!;
    } else if (cell.physical === 'decimal128' && source.physical === 'decimal128') {
      cell.high[group] = source.high[id]!;
      cell.low[group] = source.low[id]!;
    } else if ('values' in cell && 'values' in source) {
      (cell.values as Float64Array)[group] = (source.values as Float64Array)[id]!;
    }
  }

  #findExtreme(
    slot: number,
    values: ValueCounts,
    better: NonNullable<Counted['better']>,
    group: number,
  ): void {
    this.store.dropBytes(slot, group);
    this.store.columns[slot]!.nulls[group] = 1;
    let best = 0;
    values.forEach(group, id => {
      if (values.counts[id]! <= 0) return;
      if (best === 0 || better(values.store.columns, id, values.store.columns, best)) best = id;
    });
    if (best !== 0) this.#setCell(slot, group, values.store.columns[1]!, best);
  }

  /** Write the group's results behind its keys. */
  emit(id: number, out: readonly ColumnBuffer[], row: number): void {
    this.#emit(this.store.columns, id, out, row);
  }

  /** Forget a group. */
  remove(id: number): void {
    for (const { values } of this.#counted) values.dropGroup(id);
    this.table.remove(id);
  }
}
