import {
  type Batch,
  type ColumnBuffer,
  type Field,
  forEachRow,
  type Schema,
  selectRows,
} from '../../core/mod.ts';
import type { AggregateCall } from '../../plan/mod.ts';
import { type KeyedBy, KeyTable, type Reference, type RowStore } from '../../state/mod.ts';
import { type Accumulator, layOut, slotsOf } from './accumulators.ts';
import {
  compileEmit,
  compileEmitAll,
  compileInit,
  compileMerge,
  compileUpdate,
  type EmitAllResults,
  type EmitResults,
  type MergeLoop,
  type UpdateLoop,
} from './aggregate-code.ts';
import { DistinctValues } from './distinct-values.ts';
import { Extreme } from './extremes.ts';
import { ListedValues } from './listed.ts';
import type { OperatorContext } from './operator.ts';
import { ValueCounts } from './value-counts.ts';

/** Groups from which on results are written column by column. */
const MANY = 8;

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
  /** For groups that are found by other means than the key table, see `allocate`: what they go with. */
  readonly keyedBy?: KeyedBy;
  /** Columns of `extra` with ids of rows. */
  readonly references?: readonly Reference[];
  /** Told of each group that is added to the key table. */
  readonly added?: (id: number) => void;
  /** Column of the output where the results begin. */
  readonly resultsAt: number;
}

/** Groups with their accumulators in one row store: what groupAggregate and windowAggregate share. */
export class Aggregation {
  readonly store: RowStore;
  readonly table: KeyTable;
  /** Ids of the groups of the live rows of the last batch. */
  ids = new Int32Array(0);
  readonly #rows: number;
  readonly #resultsAt: number;
  readonly #update: UpdateLoop;
  readonly #emit: EmitResults;
  readonly #emitAll: EmitAllResults;
  readonly #distinct: readonly DistinctValues[];
  readonly #extremes: readonly { readonly call: AggregateCall; readonly extreme: Extreme }[];
  readonly #listed: readonly Listed[];
  readonly #merge: MergeLoop;
  readonly #init: (id: number) => void;
  #groupOf = new Int32Array(0);
  #some = new Int32Array(0);

  constructor(context: OperatorContext, options: AggregationOptions) {
    const { input, keyFields, extra, calls, retracts } = options;
    this.#rows = keyFields.length + extra.length;
    this.#resultsAt = options.resultsAt;
    const accumulators = layOut(calls, input, retracts, this.#rows);
    const slots = slotsOf(accumulators);
    const fields: Field[] = [
      ...keyFields.map((f, k) => ({ name: `key${k}`, type: f.type })),
      ...extra,
      { name: 'rows', type: { kind: 'DOUBLE', nullable: false } },
      ...slots.map(s => ({ name: `slot${s.index}`, type: s.type })),
    ];
    const exchange = [...keyFields.keys()].slice(0, options.exchangeKeys);
    const { keyedBy = exchange, references = [], added } = options;
    const all = [...referencesOf(accumulators), ...references];
    this.store = context.state.table('groups', { fields }, keyedBy, all);
    this.table = new KeyTable(this.store, [...keyFields.keys()], options.keyColumns);
    if (options.keyedBy === undefined) context.state.onRestored(() => this.table.reindex());
    const init = compileInit(slots, this.#rows);
    this.#init = id => init(this.store.columns, id);
    this.table.onAdd = id => {
      this.#init(id);
      added?.(id);
    };
    const plain = accumulators.filter(a => a.storage === 'plain');
    this.#update = compileUpdate(plain, input, this.#rows, context.session);
    this.#merge = compileMerge(plain, this.#rows, context.session);
    this.#emit = compileEmit(accumulators, options.resultsAt, context.session);
    this.#emitAll = compileEmitAll(accumulators, options.resultsAt, context.session);
    this.#distinct = this.#openDistinct(accumulators, input, retracts, context);
    this.#extremes = accumulators
      .filter(a => a.storage === 'extreme')
      .map(a => ({ call: a.call, extreme: this.#openExtreme(a, context) }));
    this.#listed = accumulators.flatMap((a, k) =>
      a.storage === 'listed' || a.storage === 'collected'
        ? [{ call: a.call, column: k, values: new ListedValues(a, this.store, context) }]
        : [],
    );
  }

  /** One set of values for each argument that is asked for its distinct values. */
  #openDistinct(
    accumulators: readonly Accumulator[],
    input: Schema,
    retracts: boolean,
    context: OperatorContext,
  ): readonly DistinctValues[] {
    const byArgument = new Map<number, Accumulator[]>();
    for (const accumulator of accumulators) {
      if (accumulator.storage !== 'distinct') continue;
      const argument = accumulator.call.argument!;
      byArgument.set(argument, [...(byArgument.get(argument) ?? []), accumulator]);
    }
    return [...byArgument.values()].map(some => {
      const { index } = some[0]!.head!;
      const heads = () => this.#ints(index);
      return new DistinctValues(context, `values${index}`, some, input, retracts, heads);
    });
  }

  #openExtreme(accumulator: Accumulator, context: OperatorContext): Extreme {
    const { call, argumentType, head } = accumulator;
    const heads = () => this.#ints(head!.index);
    const name = `values${head!.index}`;
    const values = new ValueCounts(context.state, name, argumentType, call.argument!, heads);
    return new Extreme(accumulator, this.store, values, context);
  }

  #ints(index: number): Int32Array {
    return (this.store.columns[index] as { values: Int32Array }).values;
  }

  /** Rows in each group; groups with none are to be removed. */
  get rows(): Float64Array {
    return (this.store.columns[this.#rows] as { values: Float64Array }).values;
  }

  /** A new group beside the key table. */
  allocate(): number {
    this.store.reserve(1);
    const id = this.store.allocate();
    this.#init(id);
    return id;
  }

  /** Forget a group beside the key table. */
  release(id: number): void {
    this.#dropValues(id);
    this.store.release(id);
  }

  /** Make room in `ids`, for who fills them himself. */
  reserveIds(rows: number): void {
    if (this.ids.length < rows) this.ids = new Int32Array(rows * 2);
  }

  /**
   * Add what the groups `from` of an aggregation of the same calls hold to the groups that the last `lookUp`
   * found for them, one by one.
   */
  merge(other: Aggregation, from: Int32Array, count: number): void {
    this.#merge(other.store.columns, from, count, this.ids, this.store);
    this.#distinct.forEach((values, k) => {
      values.merge(other.#distinct[k]!, from, this.ids, count, this.store);
    });
    this.#extremes.forEach(({ extreme }, k) => {
      extreme.merge(other.#extremes[k]!.extreme, from, this.ids, count);
    });
    this.#listed.forEach(({ values }, k) => {
      values.merge(other.#listed[k]!.values, from, this.ids, count);
    });
  }

  /** Forget all groups. */
  clear(): void {
    const { live, end } = this.store;
    if (this.#distinct.length + this.#extremes.length + this.#listed.length === 0) this.table.clear();
    else for (let id = 1; id < end; id++) if (live[id] === 1) this.remove(id);
  }

  /** Find or add the groups of the batch's live rows. */
  lookUp(batch: Batch): Int32Array {
    this.reserveIds(batch.selectionCount);
    this.table.findOrAdd(batch, this.ids);
    return this.ids;
  }

  /** Add the live rows to the groups that `lookUp` found. */
  apply(batch: Batch): void {
    const { columns, rowKinds, selection, selectionCount } = batch;
    this.#update(columns, rowKinds, selection, selectionCount, this.ids, this.store);
    for (const values of this.#distinct) values.apply(batch, this.ids, this.store);
    for (const { call, extreme } of this.#extremes) {
      const rows = this.#chosen(call, batch, false);
      if (rows.selectionCount > 0) extreme.apply(rows, this.#groupOf);
    }
    for (const { call, values } of this.#listed) {
      const rows = this.#chosen(call, batch, values.takesNulls);
      if (rows.selectionCount > 0) values.apply(rows, this.#groupOf);
    }
  }

  /** The live rows that pass the filter and have an argument, as a selection. */
  #chosen(call: AggregateCall, batch: Batch, takesNulls: boolean): Batch {
    if (this.#groupOf.length < batch.rowCount) {
      this.#groupOf = new Int32Array(batch.rowCount * 2);
      this.#some = new Int32Array(batch.rowCount * 2);
    }
    const { nulls } = batch.columns[call.argument!]!;
    const filter = call.filter === null ? null : batch.columns[call.filter]!;
    let n = 0;
    let k = 0;
    forEachRow(batch, row => {
      this.#groupOf[row] = this.ids[k++]!;
      if (!takesNulls && nulls !== null && nulls[row] === 1) return;
      if (filter !== null && filter.nulls !== null && filter.nulls[row] === 1) return;
      if (filter !== null && filter.physical === 'bool' && filter.values[row] !== 1) return;
      this.#some[n++] = row;
    });
    return selectRows(batch, this.#some, n);
  }

  /** Write the group's results behind its keys. */
  emit(id: number, out: readonly ColumnBuffer[], row: number): void {
    this.#emit(this.store.columns, id, out, row);
    for (const { column, values } of this.#listed) values.emit(id, out[this.#resultsAt + column]!, row);
  }

  /** Write the results of the groups `ids` into the rows `rows`: column by column where they are many. */
  emitAll(ids: Int32Array, count: number, out: readonly ColumnBuffer[], rows: Int32Array): void {
    if (count < MANY) {
      for (let k = 0; k < count; k++) this.emit(ids[k]!, out, rows[k]!);
      return;
    }
    this.#emitAll(this.store.columns, ids, count, out, rows);
    for (const { column, values } of this.#listed) {
      const target = out[this.#resultsAt + column]!;
      for (let k = 0; k < count; k++) values.emit(ids[k]!, target, rows[k]!);
    }
  }

  /** Forget a group. */
  remove(id: number): void {
    this.#dropValues(id);
    this.table.remove(id);
  }

  #dropValues(id: number): void {
    for (const values of this.#distinct) values.dropGroup(id);
    for (const { extreme } of this.#extremes) extreme.values.dropGroup(id);
    for (const { values } of this.#listed) values.dropGroup(id);
  }
}

interface Listed {
  readonly call: AggregateCall;
  /** Place among the results. */
  readonly column: number;
  readonly values: ListedValues;
}

/** The columns of a group's row that hold ids of rows. */
function referencesOf(accumulators: readonly Accumulator[]): readonly Reference[] {
  const all = accumulators.flatMap(({ head, list }) => [
    ...(head === null ? [] : [{ column: head.index, table: `values${head.index}` }]),
    ...(list === null
      ? []
      : [list.first, list.last].map(end => ({ column: end.index, table: `list${list.first.index}` }))),
  ]);
  return [...new Map(all.map(reference => [reference.column, reference])).values()];
}
