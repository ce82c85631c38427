import { type Column, type Field, numbersOf } from '../../core/mod.ts';
import type { WindowAggregateNode } from '../../plan/mod.ts';
import { Aggregation } from './aggregation.ts';
import type { OperatorContext } from './operator.ts';
import { SliceIndex } from './slice-index.ts';
import type { WindowClock } from './window-clock.ts';
import type { WindowEmitter } from './window-emitter.ts';
import { type CloseWindows, rowsOf } from './window-hop.ts';
import type { WindowSlices } from './window-slices.ts';
import type { Slicing } from './window-slicing.ts';

/** Cumulating windows: slices are added, as they end, to what their window has so far. */
export function openCumulating(
  node: WindowAggregateNode,
  slices: WindowSlices,
  slicing: Slicing,
  clock: WindowClock,
  emitter: WindowEmitter,
  context: OperatorContext,
): CloseWindows {
  const { index, groups } = slices;
  const windows = new CumulatedWindows(node, context);

  const closeWindow = (end: number): void => {
    const start = slicing.windowStart(end);
    for (const member of index.ends(start, end)) {
      const ids = index.take(member);
      windows.add(groups, ids, start);
      slices.drop(ids);
    }
    emitter.rows(windows.groups, windows.index.ids(start), start, end);
    if (slicing.lastWindowEnd(end) > end) return;
    for (const id of windows.index.take(start)) windows.groups.remove(id);
  };
  /** End of the first window that is not over and has rows. */
  const next = (): number | null => {
    const ends: number[] = [];
    const slice = index.first();
    if (slice !== null) ends.push(clock.firstOpen(slicing.firstWindowEnd(slice), slicing.stepMs));
    const start = windows.index.first();
    if (start !== null) ends.push(clock.firstOpen(start + slicing.stepMs, slicing.stepMs));
    return ends.length === 0 ? null : Math.min(...ends);
  };

  return instant => {
    for (let end = next(); end !== null && clock.lastInstant(end) <= instant; end = next()) {
      closeWindow(end);
      clock.progress = clock.lastInstant(end);
    }
    clock.progress = instant;
    emitter.flush();
  };
}

/** What each window has so far, per key. */
class CumulatedWindows {
  readonly groups: Aggregation;
  /** By the start of the window. */
  readonly index = new SliceIndex();
  readonly #startKey: number;
  #starts = new Float64Array(0);

  constructor(node: WindowAggregateNode, context: OperatorContext) {
    const keyFields = node.schema.fields.slice(0, node.keys.length);
    const startField: Field = { name: 'window start', type: { kind: 'DOUBLE', nullable: false } };
    this.#startKey = keyFields.length;
    this.groups = new Aggregation(
      { ...context, state: context.state.within('windows') },
      {
        input: node.input.schema,
        keyFields: [...keyFields, startField],
        keyColumns: [...keyFields.keys(), keyFields.length],
        exchangeKeys: keyFields.length,
        extra: [],
        calls: node.aggregates,
        resultsAt: keyFields.length,
        retracts: node.input.changelogMode !== 'append',
        added: id => this.index.add(this.#startOf(id), id),
      },
    );
    context.state.onRestored(() => {
      const { store } = this.groups;
      this.index.clear();
      for (let id = 1; id < store.end; id++) if (store.live[id] === 1) this.index.add(this.#startOf(id), id);
    });
  }

  #startOf(id: number): number {
    return (this.groups.store.columns[this.#startKey] as { values: Float64Array }).values[id]!;
  }

  /** Add a slice's groups to their window. */
  add(slice: Aggregation, ids: Int32Array, start: number): void {
    if (this.#starts.length < slice.store.end) this.#starts = new Float64Array(slice.store.end * 2);
    for (const id of ids) this.#starts[id] = start;
    const rows = rowsOf(slice, ids);
    const column: Column = numbersOf('f64', null, this.#starts);
    this.groups.lookUp({ ...rows, columns: [...rows.columns.slice(0, this.#startKey), column] });
    this.groups.merge(slice, ids, ids.length);
  }
}
