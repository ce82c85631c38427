import { type Batch, selectRows } from '../../core/mod.ts';
import type { WindowAggregateNode } from '../../plan/mod.ts';
import { Aggregation } from './aggregation.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { SESSION_FIELDS, SESSION_KEYED_BY, Sessions, sessionReferences } from './sessions.ts';
import type { WindowClock } from './window-clock.ts';
import type { WindowEmitter } from './window-emitter.ts';
import type { CloseWindows } from './window-hop.ts';

/** Aggregates of sessions: each session is a group of its own, merged when sessions become one. */
export function openSessionAggregate(
  node: WindowAggregateNode,
  gapMs: number,
  clock: WindowClock,
  emitter: WindowEmitter,
  context: OperatorContext,
): { readonly onBatch: Operator['onBatch']; readonly close: CloseWindows } {
  const key = node.keys.map(c => node.input.schema.fields[c]!);
  let groups!: Aggregation;
  /** Rows that have their session, not yet added to it, by their number. */
  let rows = new Int32Array(0);
  let count = 0;
  let current: Batch | null = null;
  const addRows = (): void => {
    if (count > 0 && current !== null) groups.apply({ ...current, selection: rows, selectionCount: count });
    count = 0;
  };
  const one = new Int32Array(1);
  const sessions = new Sessions(context.state, { gapMs, key, from: node.keys }, clock, table => {
    groups = new Aggregation(context, {
      input: node.input.schema,
      keyFields: [],
      keyColumns: [],
      exchangeKeys: 0,
      keyedBy: SESSION_KEYED_BY,
      references: sessionReferences(table),
      extra: SESSION_FIELDS,
      calls: node.aggregates,
      resultsAt: node.keys.length,
      retracts: node.input.changelogMode !== 'append',
    });
    return {
      store: groups.store,
      allocate: () => groups.allocate(),
      release: id => groups.release(id),
      merge: (from, into) => {
        addRows();
        one[0] = from;
        groups.ids[0] = into;
        groups.merge(groups, one, 1);
      },
    };
  });
  let late = new Int32Array(0);
  let lateCount = 0;
  const onLate = (row: number): void => {
    late[lateCount++] = row;
  };
  const onAssigned = (row: number, session: number): void => {
    rows[count] = row;
    groups.ids[count++] = session;
  };

  return {
    onBatch: batch => {
      if (rows.length < batch.selectionCount) {
        rows = new Int32Array(batch.selectionCount * 2);
        late = new Int32Array(batch.selectionCount * 2);
      }
      groups.reserveIds(batch.selectionCount);
      lateCount = 0;
      current = batch;
      sessions.assign(batch, onAssigned, onLate);
      addRows();
      current = null;
      if (lateCount === 0) return;
      context.counters.lateRows += lateCount;
      context.onLate(selectRows(batch, late, lateCount));
    },
    close: instant => {
      clock.progress = instant;
      const kept = sessions.keys.store;
      sessions.close(id => {
        emitter.row(groups, id, sessions.starts[id]!, sessions.ends[id]!, kept.columns, sessions.keyOf[id]!);
      });
      emitter.flush();
    },
  };
}
