import { type Batch, forEachRow, selectRows, type TimestampColumn } from '../../core/mod.ts';
import type { OverAggregateNode } from '../../plan/mod.ts';
import { least } from '../../state/mod.ts';
import { MIN_WATERMARK, type Operator, type OperatorContext } from './operator.ts';
import { OverWindow } from './over-window.ts';
import { TimeHeap } from './time-heap.ts';

/**
 * OVER aggregates: each row leaves once, with the aggregates of its frame. By event time when the watermark
 * has reached the row; by processing time at once, but for RANGE with a bound, where the rows of a
 * millisecond leave together when it is over.
 */
export function openOver(node: OverAggregateNode, context: OperatorContext): Operator {
  const { output } = context;
  if (node.rowtime !== null) return openByEventTime(node, node.rowtime, context);
  const window = new OverWindow(node, context);
  if (node.frame.unit === 'RANGE' && node.frame.preceding !== null) {
    return openByMillisecond(window, context);
  }
  return {
    onBatch: batch => {
      const keys = window.lists.lookUp(batch, true);
      let k = 0;
      forEachRow(batch, row => window.take([window.keep(batch, row, keys[k++]!, 0)]));
      window.endOfBatch(batch.selectionCount);
    },
    onWatermark: ms => output.watermark(ms),
  };
}

/** Rows that wait for their time, found again after a restore. */
function waitingRows(window: OverWindow, context: OperatorContext): TimeHeap {
  const waiting = new TimeHeap();
  context.state.onRestored(() => {
    waiting.clear();
    window.forEachWaiting((id, time, order) => waiting.push(time, order, id));
  });
  return waiting;
}

/** Takes the waiting rows up to `time`: those of one time together, where the frame is a RANGE. */
function takeUntil(window: OverWindow, waiting: TimeHeap, time: number): void {
  const ties: number[] = [];
  while (waiting.time <= time) {
    const now = waiting.time;
    ties.length = 0;
    do ties.push(waiting.pop());
    while (waiting.time === now);
    if (window.together) window.take(ties);
    else for (const id of ties) window.take([id]);
  }
  window.expire(time);
  window.endOfBatch(0);
}

function openByEventTime(node: OverAggregateNode, rowtime: number, context: OperatorContext): Operator {
  const window = new OverWindow(node, context);
  const waiting = waitingRows(window, context);
  let watermark = MIN_WATERMARK;
  context.state.value('watermark', {
    read: () => watermark,
    restore: v => (watermark = v as number),
    merge: least,
  });
  let late = new Int32Array(0);
  return {
    onBatch: (batch: Batch) => {
      const { millis, nulls } = batch.columns[rowtime] as TimestampColumn;
      if (late.length < batch.selectionCount) late = new Int32Array(batch.selectionCount * 2);
      let lateCount = 0;
      const after = window.takenUntil(batch, watermark);
      const keys = window.lists.lookUp(batch, true);
      let k = 0;
      forEachRow(batch, row => {
        const key = keys[k]!;
        const time = millis[row]!;
        const isLate = (nulls !== null && nulls[row] === 1) || time <= after[k]!;
        k++;
        if (isLate) late[lateCount++] = row;
        else {
          const id = window.keep(batch, row, key, time);
          waiting.push(time, window.orderOf(id), id);
        }
      });
      window.endOfBatch(batch.selectionCount);
      if (lateCount === 0) return;
      context.counters.lateRows += lateCount;
      context.onLate(selectRows(batch, late, lateCount));
    },
    onWatermark: ms => {
      // What comes late waits for event time to go on: after a restore it is told again where it was.
      if (ms > watermark) takeUntil(window, waiting, ms);
      watermark = Math.max(watermark, ms);
      context.output.watermark(ms);
    },
  };
}

function openByMillisecond(window: OverWindow, context: OperatorContext): Operator {
  const waiting = waitingRows(window, context);
  return {
    onBatch: batch => {
      const now = context.session.nowMs();
      const keys = window.lists.lookUp(batch, true);
      let k = 0;
      forEachRow(batch, row => {
        const id = window.keep(batch, row, keys[k++]!, now);
        waiting.push(now, window.orderOf(id), id);
      });
    },
    onWatermark: ms => context.output.watermark(ms),
    onProcessingTime: nowMs => takeUntil(window, waiting, nowMs - 1),
  };
}
