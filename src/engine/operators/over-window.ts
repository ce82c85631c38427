import { type Batch, BatchBuilder, type Field, RowKind } from '../../core/mod.ts';
import type { OverAggregateNode } from '../../plan/mod.ts';
import { compileCopy, greatest, RowLists } from '../../state/mod.ts';
import { Aggregation } from './aggregation.ts';
import { compileLag, type LagWriter } from './lag.ts';
import type { OperatorContext } from './operator.ts';

const DOUBLE = { kind: 'DOUBLE', nullable: false } as const;
const OUT_ROWS = 4096;
const [TIME, ORDER, TAKEN] = [0, 1, 2];
/** Cells of a group beside its key: the time of the last row taken, and how many taken rows are kept. */
const EXTRA: readonly Field[] = [
  { name: 'last', type: DOUBLE },
  { name: 'held', type: DOUBLE },
];

/**
 * The rows and aggregates of an OVER window. A row is first kept (it waits), then taken: it enters its
 * partition's frame, others leave it, and it goes out with the results. Only rows that a later frame holds,
 * or that LAG looks back at, stay.
 */
export class OverWindow {
  readonly lists: RowLists;
  /** Rows of one time see each other. */
  readonly together: boolean;
  readonly #groups: Aggregation;
  readonly #node: OverAggregateNode;
  readonly #context: OperatorContext;
  readonly #out: BatchBuilder;
  readonly #copy: ReturnType<typeof compileCopy>;
  readonly #lags: LagWriter;
  readonly #lookBack: number;
  /** Taken rows in the order of their times, to let them go when no frame can hold them any more. */
  #taken: { id: number; order: number }[] = [];
  #firstTaken = 0;
  #order = 0;
  #deletes = new Uint8Array(0);
  #after = new Float64Array(0);
  #found = new Int32Array(0);

  constructor(node: OverAggregateNode, context: OperatorContext) {
    this.#node = node;
    this.#context = context;
    const { schema } = node.input;
    const { state } = context;
    const number = (name: string): Field => ({ name, type: DOUBLE });
    this.lists = new RowLists(state, 'over', {
      schema,
      keys: node.partition,
      extra: [number('time'), number('order'), number('taken')],
      ...(node.rowtime === null
        ? {}
        : { sort: [{ column: node.rowtime, ascending: true, nullsLast: false }] }),
    });
    this.#groups = new Aggregation(context, {
      input: schema,
      keyFields: node.partition.map(c => schema.fields[c]!),
      keyColumns: node.partition,
      exchangeKeys: node.partition.length,
      extra: EXTRA,
      calls: node.aggregates,
      retracts: node.frame.preceding !== null,
      resultsAt: schema.fields.length,
    });
    const init = this.#groups.table.onAdd;
    this.#groups.table.onAdd = id => {
      init(id);
      this.#groupCells(0)[id] = Number.NEGATIVE_INFINITY;
      this.#groupCells(1)[id] = 0;
    };
    state.value('order', {
      read: () => this.#order,
      restore: v => (this.#order = v as number),
      merge: greatest,
    });
    state.onRestored(() => this.#findTaken());
    this.together = node.frame.unit === 'RANGE';
    this.#lookBack = Math.max(-1, ...node.lags.map(lag => lag.offset));
    this.#lags = compileLag(node, schema.fields.length + node.aggregates.length);
    const types = schema.fields.map(f => f.type);
    this.#copy = compileCopy(types, [...types.keys()], [...types.keys()]);
    this.#out = new BatchBuilder(node.schema);
  }

  #cells(k: number): Float64Array {
    return (this.lists.extra(k) as { values: Float64Array }).values;
  }
  #groupCells(k: number): Float64Array {
    const column = this.#groups.store.columns[this.#node.partition.length + k];
    return (column as { values: Float64Array }).values;
  }

  /** Rows that were kept first come first among those of one time. */
  orderOf(id: number): number {
    return this.#cells(ORDER!)[id]!;
  }

  /**
   * For each live row the time up to which rows of its partition are late: with a bounded frame that of the
   * last row taken, else the watermark.
   */
  takenUntil(batch: Batch, watermark: number): Float64Array {
    const count = batch.selectionCount;
    if (this.#after.length < count) {
      this.#after = new Float64Array(count * 2);
      this.#found = new Int32Array(count * 2);
    }
    if (this.#node.frame.preceding === null) return this.#after.fill(watermark, 0, count);
    this.#groups.table.find(batch, this.#found, true);
    const last = this.#groupCells(0);
    for (let k = 0; k < count; k++) {
      const id = this.#found[k]!;
      this.#after[k] = id === 0 ? Number.NEGATIVE_INFINITY : last[id]!;
    }
    return this.#after;
  }

  /** Keep a row until it is taken. */
  keep(batch: Batch, row: number, key: number, time: number): number {
    const id = this.lists.insert(key, batch.columns, row);
    for (const k of [TIME, ORDER, TAKEN]) this.lists.extra(k!).nulls![id] = 0;
    this.#cells(TIME!)[id] = time;
    this.#cells(ORDER!)[id] = this.#order++;
    this.#cells(TAKEN!)[id] = 0;
    return id;
  }

  forEachWaiting(visit: (id: number, time: number, order: number) => void): void {
    const { live, end } = this.lists.rows;
    const [time, order, taken] = [this.#cells(TIME!), this.#cells(ORDER!), this.#cells(TAKEN!)];
    for (let id = 1; id < end; id++) if (live[id] === 1 && taken[id] === 0) visit(id, time[id]!, order[id]!);
  }

  /** Take rows of one time: each sees all of them. */
  take(ids: readonly number[]): void {
    const { lists } = this;
    this.#makeRoom(ids);
    const rows = this.#rowsOf(ids);
    const groups = this.#groups.lookUp(rows);
    this.#groups.apply(rows);
    const [taken, time] = [this.#cells(TAKEN!), this.#cells(TIME!)];
    const [last, held] = [this.#groupCells(0), this.#groupCells(1)];
    ids.forEach((id, k) => {
      const group = groups[k]!;
      taken[id] = 1;
      last[group] = time[id]!;
      held[group]! += 1;
      if (this.#expires) this.#taken.push({ id, order: this.orderOf(id) });
    });
    ids.forEach((id, k) => {
      this.#send(id, groups[k]!);
    });
    if (this.#keepsFrame) return;
    ids.forEach((id, k) => {
      const key = lists.keyOf[id]!;
      const group = groups[k]!;
      while (held[group]! > this.#lookBack + 1) {
        lists.remove(lists.first(key));
        held[group]! -= 1;
      }
    });
  }

  /** Frames are bounded, so that rows stay for later frames. */
  get #keepsFrame(): boolean {
    return this.#node.frame.preceding !== null;
  }

  /** Rows may leave the frame by time alone. */
  get #expires(): boolean {
    return this.#keepsFrame && this.#node.frame.unit === 'RANGE';
  }

  /** Take rows out that the frame of these rows holds no more. */
  #makeRoom(ids: readonly number[]): void {
    const { unit, preceding } = this.#node.frame;
    if (preceding === null) return;
    const gone: number[] = [];
    const [time, taken] = [this.#cells(TIME!), this.#cells(TAKEN!)];
    const { lists } = this;
    const keys = new Set(ids.map(id => lists.keyOf[id]!));
    for (const key of keys) {
      const now = time[ids[0]!]!;
      let excess = unit === 'ROWS' ? this.#takenRows(key) - preceding : Number.POSITIVE_INFINITY;
      for (let id = lists.first(key); id !== 0 && taken[id] === 1 && excess > 0; id = lists.next[id]!) {
        if (unit === 'RANGE' && time[id]! >= now - preceding) break;
        gone.push(id);
        excess--;
      }
    }
    this.#retract(gone);
  }

  /** Taken rows of a key: they come before all that wait. */
  #takenRows(key: number): number {
    const first = this.lists.first(key);
    if (this.#cells(TAKEN!)[first] === 0) return 0;
    const group = this.#groups.lookUp(this.#rowsOf([first]))[0]!;
    return this.#groups.rows[group]!;
  }

  #retract(ids: readonly number[]): void {
    if (ids.length === 0) return;
    const { rows } = this.lists;
    if (this.#deletes.length < rows.live.length) {
      this.#deletes = new Uint8Array(rows.live.length).fill(RowKind.delete);
    }
    const batch = this.#rowsOf(ids, this.#deletes);
    this.#groups.lookUp(batch);
    this.#groups.apply(batch);
    for (const id of ids) this.lists.remove(id);
  }

  #rowsOf(ids: readonly number[], rowKinds: Uint8Array | null = null): Batch {
    const { rows } = this.lists;
    return {
      schema: this.#node.input.schema,
      rowCount: rows.end,
      columns: rows.columns,
      rowKinds,
      selection: Int32Array.from(ids),
      selectionCount: ids.length,
    };
  }

  #send(id: number, group: number): void {
    const out = this.#out;
    if (out.rowCount >= OUT_ROWS) this.#flush();
    out.reserve(out.rowCount + 1);
    this.#copy(this.lists.rows.columns, id, out.columns, out.rowCount);
    this.#groups.emit(group, out.columns, out.rowCount);
    this.#lags(this.lists, this.#cells(TAKEN!), id, out.columns, out.rowCount);
    out.endRow();
  }

  #flush(): void {
    if (this.#out.rowCount > 0) this.#context.output.emit(this.#out.build());
    this.#out.reset();
  }

  /** Let rows of a bounded RANGE go that no frame of a row after `time` holds. */
  expire(time: number): void {
    const { preceding } = this.#node.frame;
    if (preceding === null || !this.#expires) return;
    const { live } = this.lists.rows;
    const [times, orders] = [this.#cells(TIME!), this.#cells(ORDER!)];
    const gone: number[] = [];
    for (; this.#firstTaken < this.#taken.length; this.#firstTaken++) {
      const { id, order } = this.#taken[this.#firstTaken]!;
      if (live[id] !== 1 || orders[id] !== order) continue;
      if (times[id]! + preceding >= time) break;
      gone.push(id);
    }
    if (this.#firstTaken * 2 > this.#taken.length) {
      this.#taken = this.#taken.slice(this.#firstTaken);
      this.#firstTaken = 0;
    }
    const groups = new Set(
      gone.length === 0 ? [] : this.#groups.lookUp(this.#rowsOf(gone)).slice(0, gone.length),
    );
    this.#retract(gone);
    for (const group of groups) if (this.#groups.rows[group] === 0) this.#groups.remove(group);
  }

  #findTaken(): void {
    const { live, end } = this.lists.rows;
    const [time, order, taken] = [this.#cells(TIME!), this.#cells(ORDER!), this.#cells(TAKEN!)];
    this.#taken = [];
    this.#firstTaken = 0;
    for (let id = 1; id < end; id++) {
      if (live[id] === 1 && taken[id] === 1) this.#taken.push({ id, order: order[id]! });
    }
    this.#taken.sort((a, b) => time[a.id]! - time[b.id]! || a.order - b.order);
  }

  /** The batch is through: pass the results on, forget partitions without rows. */
  endOfBatch(lookedUp: number): void {
    if (lookedUp > 0) this.lists.sweepFound(lookedUp);
    else this.lists.sweep();
    this.#flush();
  }
}
