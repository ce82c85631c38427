import { type Batch, BatchBuilder, type Column, type Field, type TimestampColumn } from '../../core/mod.ts';
import type { WindowAggregateNode } from '../../plan/mod.ts';
import { compileCopy, least } from '../../state/mod.ts';
import { Aggregation } from './aggregation.ts';
import { MIN_WATERMARK, type Operator, type OperatorContext } from './operator.ts';
import { WindowIndex } from './window-index.ts';

const DOUBLE = { kind: 'DOUBLE', nullable: false } as const;

/** Event-time TUMBLE: a window's groups leave, once, when the watermark reaches its last millisecond. */
export function openWindowAggregate(node: WindowAggregateNode, context: OperatorContext): Operator {
  const { output, counters } = context;
  const { sizeMs, offsetMs } = node.window;
  const input = node.input.schema;
  const startField: Field = { name: 'window start', type: DOUBLE };
  const startColumn = input.fields.length;
  const keyFields = [...node.schema.fields.slice(0, node.keys.length), startField];
  const groups = new Aggregation(context, {
    input: { fields: [...input.fields, startField] },
    keyFields,
    keyColumns: [...node.keys, startColumn],
    exchangeKeys: node.keys.length,
    extra: [{ name: 'next', type: { kind: 'INT', nullable: false } }],
    calls: node.aggregates,
    resultsAt: node.keys.length,
    retracts: node.input.changelogMode !== 'append',
  });
  const windows = new WindowIndex(groups, node.keys.length, node.keys.length + 1);
  context.state.onRestored(() => windows.rebuild());
  let watermark = MIN_WATERMARK;
  context.state.value('watermark', {
    read: () => watermark,
    restore: v => (watermark = v as number),
    merge: least,
  });
  const emitWindow = windowEmitter(node, groups, context);
  let starts = new Float64Array(0);
  let live = new Int32Array(0);
  let late = new Int32Array(0);

  /** Fills `starts` by physical row; returns the rows in time, and sets the late ones aside. */
  const assign = (batch: Batch): { batch: Batch; lateCount: number } => {
    if (starts.length < batch.rowCount) {
      starts = new Float64Array(batch.rowCount * 2);
      live = new Int32Array(batch.rowCount * 2);
      late = new Int32Array(batch.rowCount * 2);
    }
    const { millis, nulls } = batch.columns[node.rowtime] as TimestampColumn;
    const { selection, selectionCount } = batch;
    let start = Number.NaN;
    let [n, lateCount] = [0, 0];
    for (let k = 0; k < selectionCount; k++) {
      const i = selection === null ? k : selection[k]!;
      const ms = millis[i]!;
      if (!(ms >= start && ms < start + sizeMs)) {
        start = Math.floor((ms - offsetMs) / sizeMs) * sizeMs + offsetMs;
      }
      // A row without a time belongs to no window; it is counted with the late ones.
      if (start + sizeMs - 1 <= watermark || (nulls !== null && nulls[i] === 1)) {
        late[lateCount++] = i;
        continue;
      }
      starts[i] = start;
      live[n++] = i;
    }
    const column: Column = { physical: 'f64', nulls: null, values: starts };
    const columns = [...batch.columns, column];
    return {
      batch: { ...batch, columns, selection: lateCount === 0 ? selection : live, selectionCount: n },
      lateCount,
    };
  };

  return {
    onBatch: batch => {
      const assigned = assign(batch);
      if (assigned.lateCount > 0) {
        counters.lateRows += assigned.lateCount;
        context.onLate({ ...batch, selection: late, selectionCount: assigned.lateCount });
      }
      if (assigned.batch.selectionCount === 0) return;
      const known = groups.store.size;
      groups.lookUp(assigned.batch);
      if (groups.store.size !== known) windows.link(groups.ids, assigned.batch.selectionCount);
      groups.apply(assigned.batch);
    },
    onWatermark: ms => {
      watermark = ms;
      for (let start = windows.first(); start !== null && start + sizeMs - 1 <= ms; start = windows.first()) {
        emitWindow(start, windows.take());
      }
      output.watermark(ms);
    },
  };
}

/** Emits and forgets the groups of a window. */
function windowEmitter(
  node: WindowAggregateNode,
  groups: Aggregation,
  { output }: OperatorContext,
): (start: number, ids: readonly number[]) => void {
  const out = new BatchBuilder(node.schema);
  const keyTypes = node.schema.fields.slice(0, node.keys.length).map(f => f.type);
  const copyKeys = compileCopy(keyTypes, [...keyTypes.keys()], [...keyTypes.keys()]);
  const firstProperty = node.keys.length + node.aggregates.length;
  const { sizeMs } = node.window;
  const flush = (): void => {
    if (out.rowCount > 0) output.emit(out.build());
    out.reset();
  };
  return (start, ids) => {
    const times = { window_start: start, window_end: start + sizeMs, window_time: start + sizeMs - 1 };
    for (const id of ids) {
      if (groups.rows[id]! > 0) {
        const row = out.rowCount;
        out.reserve(row + 1);
        copyKeys(groups.store.columns, id, out.columns, row);
        groups.emit(id, out.columns, row);
        node.windowProperties.forEach((property, k) => {
          const column = out.columns[firstProperty + k]!;
          column.nulls[row] = 0;
          if (column.physical !== 'timestamp') return;
          column.millis[row] = times[property];
          if (column.nanos !== null) column.nanos[row] = 0;
        });
        out.endRow();
      }
      groups.remove(id);
      if (out.rowCount >= 4096) flush();
    }
    flush();
  };
}
