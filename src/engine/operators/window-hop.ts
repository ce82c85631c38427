import type { Batch } from '../../core/mod.ts';
import type { WindowAggregateNode } from '../../plan/mod.ts';
import { StateTables } from '../../state/mod.ts';
import { Aggregation } from './aggregation.ts';
import type { OperatorContext } from './operator.ts';
import type { WindowClock } from './window-clock.ts';
import type { WindowEmitter } from './window-emitter.ts';
import type { WindowSlices } from './window-slices.ts';
import type { Slicing } from './window-slicing.ts';

/** What closes windows, in the order of time, when the clock goes on to an instant. */
export type CloseWindows = (instant: number) => void;

/** Hopping windows: each closes as the sum of its slices; a slice goes with the last window that has it. */
export function openHopping(
  node: WindowAggregateNode,
  slices: WindowSlices,
  slicing: Slicing,
  clock: WindowClock,
  emitter: WindowEmitter,
  context: OperatorContext,
): CloseWindows {
  const { index, groups } = slices;
  const width = node.keys.length;
  const keyFields = node.schema.fields.slice(0, width);
  // Lives for one window only, so it is no state.
  const sums = new Aggregation(
    { ...context, state: new StateTables(context.state.upkeep) },
    {
      input: node.input.schema,
      keyFields,
      keyColumns: [...keyFields.keys()],
      exchangeKeys: width,
      extra: [{ name: 'slice end', type: { kind: 'DOUBLE', nullable: false } }],
      calls: node.aggregates,
      resultsAt: width,
      retracts: node.input.changelogMode !== 'append',
    },
  );

  const closeWindow = (end: number): void => {
    const start = slicing.windowStart(end);
    const members = index.ends(start, end);
    if (members.length === 1) emitter.rows(groups, index.ids(members[0]!), start, end);
    else {
      for (const member of members) {
        const ids = index.ids(member);
        sums.lookUp(rowsOf(groups, ids));
        sums.merge(groups, ids, ids.length);
      }
      for (let id = 1; id < sums.store.end; id++) {
        if (sums.store.live[id] === 1) emitter.row(sums, id, start, end);
      }
      sums.clear();
    }
    for (let first = index.first(); first !== null; first = index.first()) {
      if (slicing.lastWindowEnd(first) > end) break;
      slices.drop(index.take(first));
    }
  };
  const next = (after: number): number | null => {
    const first = index.first();
    return first === null ? null : Math.max(after, slicing.firstWindowEnd(first));
  };

  return instant => {
    const first = next(Number.NEGATIVE_INFINITY);
    let end = first === null ? null : clock.firstOpen(first, slicing.stepMs);
    clock.progress = instant;
    while (end !== null && clock.isOver(end)) {
      closeWindow(end);
      end = next(end + slicing.stepMs);
    }
    emitter.flush();
  };
}

/** Groups as the rows of a batch. */
export function rowsOf({ store }: Aggregation, ids: Int32Array): Batch {
  return {
    schema: store.schema,
    rowCount: store.end,
    columns: store.columns,
    rowKinds: null,
    selection: ids,
    selectionCount: ids.length,
  };
}
