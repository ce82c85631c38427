import { BatchBuilder, type Field, forEachRow, selectRows, type TimestampColumn } from '../../core/mod.ts';
import type { TemporalSortNode } from '../../plan/mod.ts';
import { compileCompare, compileCopy, greatest, least } from '../../state/mod.ts';
import { MIN_WATERMARK, type Operator, type OperatorContext } from './operator.ts';
import { TimeHeap } from './time-heap.ts';

const OUT_ROWS = 4096;
const DOUBLE = { kind: 'DOUBLE', nullable: false } as const;

/**
 * ORDER BY time: rows wait until the watermark has reached them, by processing time until their millisecond
 * is over, then leave in order. A row not behind the last that left is late.
 */
export function openTemporalSort(node: TemporalSortNode, context: OperatorContext): Operator {
  const { state, output, session, counters } = context;
  const types = node.schema.fields.map(f => f.type);
  const all = [...types.keys()];
  const fields: Field[] = [
    ...types.map((type, k) => ({ name: `c${k}`, type })),
    { name: 'time', type: DOUBLE },
    { name: 'order', type: DOUBLE },
  ];
  const rows = state.table('rows', { fields }, []);
  const cells = (k: number) => (rows.columns[types.length + k] as { values: Float64Array }).values;
  const waiting = new TimeHeap();
  let [order, last, watermark] = [0, MIN_WATERMARK, MIN_WATERMARK];
  state.value('order', { read: () => order, restore: v => (order = v as number), merge: greatest });
  state.value('last', { read: () => last, restore: v => (last = v as number), merge: greatest });
  state.value('watermark', { read: () => watermark, restore: v => (watermark = v as number), merge: least });
  state.onRestored(() => {
    waiting.clear();
    for (let id = 1; id < rows.end; id++) {
      if (rows.live[id] === 1) waiting.push(cells(0)[id]!, cells(1)[id]!, id);
    }
  });
  const copy = compileCopy(types, all, all);
  const compare = compileCompare(
    types,
    node.order.map(({ column, descending, nullsLast }) => ({ column, ascending: !descending, nullsLast })),
  );
  const out = new BatchBuilder(node.schema);
  let late = new Int32Array(0);

  const flush = (): void => {
    if (out.rowCount > 0) output.emit(out.build());
    out.reset();
  };
  const send = (id: number): void => {
    if (out.rowCount >= OUT_ROWS) flush();
    out.reserve(out.rowCount + 1);
    copy(rows.columns, id, out.columns, out.rowCount);
    out.endRow();
    rows.release(id);
  };
  const sendUntil = (time: number): void => {
    const ties: number[] = [];
    while (waiting.time <= time) {
      last = waiting.time;
      ties.length = 0;
      do ties.push(waiting.pop());
      while (waiting.time === last);
      // The heap gives rows of one time as they came, and sort keeps that among equals.
      if (ties.length > 1) ties.sort((a, b) => compare(rows.columns, a, rows.columns, b));
      ties.forEach(send);
    }
    flush();
  };

  return {
    onBatch: batch => {
      const time = node.rowtime === null ? null : (batch.columns[node.rowtime] as TimestampColumn);
      const now = session.nowMs();
      if (late.length < batch.selectionCount) late = new Int32Array(batch.selectionCount * 2);
      let lateCount = 0;
      rows.reserve(batch.selectionCount);
      forEachRow(batch, row => {
        const ms = time === null ? now : time.millis[row]!;
        if (time !== null && (time.nulls?.[row] === 1 || ms <= last)) {
          late[lateCount++] = row;
          return;
        }
        const id = rows.allocate();
        copy(batch.columns, row, rows.columns, id);
        for (const c of [0, 1]) rows.columns[types.length + c]!.nulls[id] = 0;
        cells(0)[id] = ms;
        cells(1)[id] = order++;
        waiting.push(ms, cells(1)[id]!, id);
      });
      if (lateCount === 0) return;
      counters.lateRows += lateCount;
      context.onLate(selectRows(batch, late, lateCount));
    },
    onWatermark: ms => {
      // What comes late waits for event time to go on: after a restore it is told again where it was.
      if (node.rowtime !== null && ms > watermark) sendUntil(ms);
      watermark = Math.max(watermark, ms);
      output.watermark(ms);
    },
    ...(node.rowtime === null ? { onProcessingTime: (nowMs: number) => sendUntil(nowMs - 1) } : {}),
  };
}
