import {
  type Batch,
  type Column,
  type Field,
  numbersOf,
  selectRows,
  type TimestampColumn,
  withColumns,
} from '../../core/mod.ts';
import type { WindowAggregateNode } from '../../plan/mod.ts';
import { Aggregation } from './aggregation.ts';
import type { OperatorContext } from './operator.ts';
import { SliceIndex } from './slice-index.ts';
import type { WindowClock } from './window-clock.ts';
import type { Slicing } from './window-slicing.ts';

const DOUBLE = { kind: 'DOUBLE', nullable: false } as const;

/**
 * The open slices of a window aggregate: a group per key and slice. Groups hold the keys, then for attached
 * windows the window's start, then the slice's end.
 */
export class WindowSlices {
  readonly groups: Aggregation;
  readonly index = new SliceIndex();
  readonly #node: WindowAggregateNode;
  readonly #context: OperatorContext;
  readonly #clock: WindowClock;
  /** Null for attached windows: each row names its own. */
  readonly #slicing: Slicing | null;
  readonly #endKey: number;
  #ends = new Float64Array(0);
  #live = new Int32Array(0);
  #late = new Int32Array(0);
  #lateCount = 0;

  constructor(
    node: WindowAggregateNode,
    slicing: Slicing | null,
    clock: WindowClock,
    context: OperatorContext,
  ) {
    this.#node = node;
    this.#context = context;
    this.#clock = clock;
    this.#slicing = slicing;
    const { fields } = node.input.schema;
    const starts = node.window.kind === 'ATTACHED' ? [node.window.start] : [];
    const keyColumns = [...node.keys, ...starts];
    const endField: Field = { name: 'slice end', type: DOUBLE };
    this.#endKey = keyColumns.length;
    this.groups = new Aggregation(context, {
      input: { fields: [...fields, endField] },
      keyFields: [...keyColumns.map(c => fields[c]!), endField],
      keyColumns: [...keyColumns, fields.length],
      exchangeKeys: node.keys.length,
      extra: [],
      calls: node.aggregates,
      resultsAt: node.keys.length,
      retracts: node.input.changelogMode !== 'append',
      added: id => this.index.add(this.#endOf(id), id),
    });
    context.state.onRestored(() => {
      const { store } = this.groups;
      this.index.clear();
      for (let id = 1; id < store.end; id++) if (store.live[id] === 1) this.index.add(this.#endOf(id), id);
    });
  }

  #endOf(id: number): number {
    return (this.groups.store.columns[this.#endKey] as { values: Float64Array }).values[id]!;
  }

  /** Start of an attached window, of one of its groups. */
  startOf(id: number): number {
    return (this.groups.store.columns[this.#endKey - 1] as TimestampColumn).millis[id]!;
  }

  /** Add the rows that are in time to their slices; late ones are set aside and told. */
  add(batch: Batch): void {
    const assigned = this.#assign(batch);
    if (this.#lateCount > 0) {
      this.#context.counters.lateRows += this.#lateCount;
      this.#context.onLate(selectRows(batch, this.#late, this.#lateCount));
    }
    if (assigned.selectionCount === 0) return;
    this.groups.lookUp(assigned);
    this.groups.apply(assigned);
  }

  /** The batch with the slices' ends as a further column, and without the rows that belong to none. */
  #assign(batch: Batch): Batch {
    if (this.#ends.length < batch.rowCount) {
      this.#ends = new Float64Array(batch.rowCount * 2);
      this.#live = new Int32Array(batch.rowCount * 2);
      this.#late = new Int32Array(batch.rowCount * 2);
    }
    this.#lateCount = 0;
    const count = this.#assignEnds(batch);
    const column: Column = numbersOf('f64', null, this.#ends);
    const columns = [...batch.columns, column];
    if (count === batch.selectionCount) return withColumns(batch, columns);
    return {
      schema: batch.schema,
      rowCount: batch.rowCount,
      columns,
      rowKinds: batch.rowKinds,
      selection: this.#live,
      selectionCount: count,
    };
  }

  #assignEnds(batch: Batch): number {
    const { window } = this.#node;
    if (this.#slicing === null && window.kind === 'ATTACHED') {
      return this.#assignAttached(batch, (batch.columns[window.end] as TimestampColumn).millis);
    }
    if (this.#clock.isEventTime) return this.#assignSlices(batch, this.#clock.times(batch));
    return this.#assignNow(batch);
  }

  #assignSlices({ selection, selectionCount }: Batch, times: Float64Array): number {
    const { sliceMs, originMs } = this.#slicing!;
    const [ends, live, late] = [this.#ends, this.#live, this.#late];
    let [from, to] = [0, 0];
    let fate: number = LIVE;
    let [n, lateCount] = [0, 0];
    for (let k = 0; k < selectionCount; k++) {
      const i = selection === null ? k : selection[k]!;
      const time = times[i]!;
      if (time < from || time >= to) {
        from = Math.floor((time - originMs) / sliceMs) * sliceMs + originMs;
        to = from + sliceMs;
        fate = this.#fateOf(to);
      }
      ends[i] = to;
      if (fate === LIVE) live[n++] = i;
      else if (fate === LATE) late[lateCount++] = i;
    }
    this.#lateCount = lateCount;
    return n;
  }

  /** Processing time: all rows of a batch come at the same moment. */
  #assignNow({ selection, selectionCount, rowCount }: Batch): number {
    const { sliceMs, originMs } = this.#slicing!;
    const end = Math.floor((this.#clock.now() - originMs) / sliceMs) * sliceMs + originMs + sliceMs;
    this.#ends.fill(end, 0, rowCount);
    if (this.#fateOf(end) !== LIVE) return 0;
    for (let k = 0; k < selectionCount; k++) this.#live[k] = selection === null ? k : selection[k]!;
    return selectionCount;
  }

  #assignAttached({ selection, selectionCount }: Batch, windowEnds: Float64Array): number {
    let [last, isOver] = [Number.NaN, false];
    let n = 0;
    for (let k = 0; k < selectionCount; k++) {
      const i = selection === null ? k : selection[k]!;
      const end = windowEnds[i]!;
      if (end !== last) [last, isOver] = [end, this.#clock.isOver(end)];
      this.#ends[i] = end;
      if (isOver) this.#late[this.#lateCount++] = i;
      else this.#live[n++] = i;
    }
    return n;
  }

  #fateOf(sliceEnd: number): number {
    const last = this.#slicing!.lastWindowEnd(sliceEnd);
    if (last < sliceEnd) return IN_NO_WINDOW;
    return this.#clock.isEventTime && this.#clock.isOver(last) ? LATE : LIVE;
  }

  /** Forget groups of a slice that was taken from the index. */
  drop(ids: Int32Array): void {
    for (const id of ids) this.groups.remove(id);
  }
}

const [LIVE, LATE, IN_NO_WINDOW] = [0, 1, 2] as const;
