import { type Batch, type Column, selectRows, type TimestampColumn, timestampsOf } from '../../core/mod.ts';
import type { WindowProperty, WindowTableFunctionNode } from '../../plan/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { WindowClock } from './window-clock.ts';
import { openSessionFunction } from './window-session-function.ts';
import { type Slicing, slicingOf } from './window-slicing.ts';

/** Gives rows their windows. Windows other than sessions are known at once: nothing is kept. */
export function openWindowFunction(node: WindowTableFunctionNode, context: OperatorContext): Operator {
  const clock = new WindowClock(node.time, context);
  const { window } = node;
  const timely = (batch: Batch) => (clock.isEventTime ? withTime(batch, node.time.column!, context) : batch);
  if (window.kind === 'SESSION') {
    const sessions = openSessionFunction(node, window.gapMs, clock, context);
    return { ...sessions, onBatch: (batch, input) => sessions.onBatch(timely(batch), input) };
  }
  const slicing = slicingOf(window);
  const columns = new WindowColumns(node, clock);
  return {
    onBatch: batch => {
      let round = columns.first(timely(batch), slicing);
      // One batch with each row's first window, one with the second of those that have two, and so on.
      while (round.selectionCount > 0) {
        context.output.emit({ ...round, schema: node.schema });
        round = columns.next(round, slicing);
      }
    },
    onWatermark: ms => context.output.watermark(ms),
  };
}

/** Rows without a time belong to no window: they are dropped, and counted with the late ones. */
function withTime(batch: Batch, column: number, context: OperatorContext): Batch {
  const { nulls } = batch.columns[column] as TimestampColumn;
  if (nulls === null) return batch;
  const rows = Array.from({ length: batch.selectionCount }, (_, k) => batch.selection?.[k] ?? k);
  const without = rows.filter(row => nulls[row] === 1);
  if (without.length === 0) return batch;
  context.counters.lateRows += without.length;
  context.onLate(selectRows(batch, Int32Array.from(without), without.length));
  const kept = rows.filter(row => nulls[row] !== 1);
  return selectRows(batch, Int32Array.from(kept), kept.length);
}

/** The columns that the function adds, for one window of each row. */
class WindowColumns {
  readonly #node: WindowTableFunctionNode;
  readonly #clock: WindowClock;
  /** End of the window at hand and of the last one, by physical row. */
  #ends = new Float64Array(0);
  #lastEnds = new Float64Array(0);
  #selection = new Int32Array(0);
  readonly #cells: Readonly<Record<WindowProperty, { millis: Float64Array }>> = {
    window_start: { millis: new Float64Array(0) },
    window_end: { millis: new Float64Array(0) },
    window_time: { millis: new Float64Array(0) },
  };

  constructor(node: WindowTableFunctionNode, clock: WindowClock) {
    this.#node = node;
    this.#clock = clock;
  }

  /** The rows with their first window. */
  first(batch: Batch, slicing: Slicing): Batch {
    if (this.#ends.length < batch.rowCount) this.#grow(batch.rowCount * 2);
    const { selection, selectionCount } = batch;
    const times = this.#clock.isEventTime ? this.#clock.times(batch) : null;
    const now = times === null ? this.#clock.now() : 0;
    const { sliceMs, originMs } = slicing;
    let n = 0;
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      const time = times === null ? now : times[row]!;
      const slice = Math.floor((time - originMs) / sliceMs) * sliceMs + originMs + sliceMs;
      const first = slicing.firstWindowEnd(slice);
      const last = slicing.lastWindowEnd(slice);
      if (last < first) continue;
      this.#ends[row] = first;
      this.#lastEnds[row] = last;
      this.#selection[n++] = row;
    }
    return this.#filled(batch, n, slicing);
  }

  /** The rows that have one more window, with it. */
  next(round: Batch, slicing: Slicing): Batch {
    let n = 0;
    for (let k = 0; k < round.selectionCount; k++) {
      const row = this.#selection[k]!;
      this.#ends[row]! += slicing.stepMs;
      if (this.#ends[row]! <= this.#lastEnds[row]!) this.#selection[n++] = row;
    }
    return this.#filled(round, n, slicing);
  }

  #filled(batch: Batch, count: number, slicing: Slicing): Batch {
    const { input, windowProperties } = this.#node;
    const { window_start, window_end, window_time } = this.#cells;
    for (let k = 0; k < count; k++) {
      const row = this.#selection[k]!;
      const end = this.#ends[row]!;
      window_start.millis[row] = slicing.windowStart(end);
      window_end.millis[row] = end;
      window_time.millis[row] = this.#clock.lastInstant(end);
    }
    const added = windowProperties.map(
      (property): Column => timestampsOf(null, this.#cells[property].millis, null),
    );
    const columns = [...batch.columns.slice(0, input.schema.fields.length), ...added];
    return {
      schema: batch.schema,
      rowCount: batch.rowCount,
      columns,
      rowKinds: batch.rowKinds,
      selection: this.#selection,
      selectionCount: count,
    };
  }

  #grow(rows: number): void {
    this.#ends = new Float64Array(rows);
    this.#lastEnds = new Float64Array(rows);
    this.#selection = new Int32Array(rows);
    for (const cell of Object.values(this.#cells)) cell.millis = new Float64Array(rows);
  }
}
