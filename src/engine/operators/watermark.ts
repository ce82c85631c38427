import { assert, type Batch, selectRows, type TimestampColumn } from '../../core/mod.ts';
import type { WatermarkNode } from '../../plan/mod.ts';
import { compileCalc } from '../codegen/mod.ts';
import { MAX_WATERMARK, MIN_WATERMARK, type Operator, type OperatorContext } from './operator.ts';

interface SplitTime {
  watermark: number;
  lastRowAtMs: number;
  /** Its reader may have rows that it has not delivered yet. */
  reads: boolean;
  idle: boolean;
}

interface SavedWatermarks {
  readonly emitted: number;
  readonly splits: readonly [id: string, watermark: number][];
}

/** A watermark assigner: told by the task which split's rows come next, and when time passes. */
export interface WatermarkOperator extends Operator {
  /** The splits this task reads; one without rows holds the watermark back until it is idle. */
  addSplit(id: string): void;
  /**
   * All splits are added, and the state restored: operators behind hear how far event time was. Without
   * splits this task has no rows to wait for.
   */
  start(): void;
  /** The split that the next batches come from. */
  setSplit(id: string): void;
  splitEnded(id: string): void;
  /**
   * Whether the split's reader may have rows that it has not delivered yet: until it has said that it has none
   * the split is not idle, however long that takes, e.g. while the log is away.
   */
  splitReads(id: string, reads: boolean): void;
  /** Looks for splits that have been idle for the time-out. */
  onTime(): void;
}

/**
 * Emits the minimum over splits of the maximum watermark seen. Within a batch the watermark follows each
 * row, as
 * Flink's does with an emit interval of 0: the rows before a row that may be late are sent ahead with their
 * watermark. So what is late depends on the order of the input alone, not on how it was cut into batches.
 */
export function openWatermark(node: WatermarkNode, context: OperatorContext): WatermarkOperator {
  const { output, session } = context;
  const field = { name: 'watermark', type: node.watermark.type };
  const kernel = compileCalc(null, [node.watermark], { fields: [field] }, session);
  const splits = new Map<string, SplitTime>();
  /** Where splits stood at the restore. */
  const restored = new Map<string, number>();
  let current = '';
  let emitted = MIN_WATERMARK;
  context.state.value('watermarks', {
    read: () => ({ emitted, splits: [...splits].map(([id, s]) => [id, s.watermark]) }),
    restore: value => {
      const saved = value as SavedWatermarks;
      emitted = saved.emitted;
      for (const [id, watermark] of saved.splits) {
        restored.set(id, watermark);
        const split = splits.get(id);
        if (split !== undefined) split.watermark = watermark;
      }
    },
    merge: values => {
      const all = (values as readonly SavedWatermarks[]).filter(v => v.splits.length > 0);
      const least = Math.min(...all.map(v => v.emitted));
      return { emitted: all.length === 0 ? MIN_WATERMARK : least, splits: all.flatMap(v => v.splits) };
    },
  });

  /** Splits that have ended say nothing about how far the others are. */
  const open = () => [...splits.values()].filter(split => split.watermark !== MAX_WATERMARK);
  const combined = (): number => {
    const waiting = open();
    if (waiting.length === 0) return splits.size === 0 ? MIN_WATERMARK : MAX_WATERMARK;
    const active = waiting.filter(split => !split.idle).map(split => split.watermark);
    return active.length > 0 ? Math.min(...active) : Math.max(...waiting.map(split => split.watermark));
  };
  const advance = (): void => {
    const next = combined();
    if (next <= emitted) return;
    emitted = next;
    output.watermark(next);
  };
  const rowsSeen = (split: SplitTime): void => {
    split.lastRowAtMs = session.nowMs();
    split.idle = false;
    tellIdle();
  };
  let toldIdle = false;
  const tellIdle = (): void => {
    const waiting = open();
    const isIdle = waiting.length > 0 && waiting.every(split => split.idle);
    if (isIdle === toldIdle) return;
    toldIdle = isIdle;
    output.idle(isIdle);
  };

  return {
    addSplit: id => {
      if (!splits.has(id)) {
        const watermark = restored.get(id) ?? MIN_WATERMARK;
        splits.set(id, { watermark, lastRowAtMs: session.nowMs(), reads: false, idle: false });
      }
    },
    start: () => {
      if (splits.size === 0) output.watermark(MAX_WATERMARK);
      else if (emitted > MIN_WATERMARK) output.watermark(emitted);
    },
    setSplit: id => {
      current = id;
    },
    splitEnded: id => {
      const split = splits.get(id);
      assert(split !== undefined, 'a split that ends was added');
      split.watermark = MAX_WATERMARK;
      advance();
    },
    splitReads: (id, reads) => {
      const split = splits.get(id);
      assert(split !== undefined, 'a split that is read was added');
      split.reads = reads;
    },
    onTime: () => {
      if (node.idleTimeoutMs === null) return;
      for (const split of splits.values()) {
        const isQuiet = session.nowMs() - split.lastRowAtMs >= node.idleTimeoutMs;
        if (isQuiet && !split.reads) split.idle = true;
      }
      advance();
      tellIdle();
    },
    onBatch: batch => {
      const split = splits.get(current);
      assert(split !== undefined, 'rows come from a split that was added');
      rowsSeen(split);
      const marks = kernel(batch).columns[0] as TimestampColumn;
      const times = batch.columns[node.rowtime] as TimestampColumn;
      const others = Math.min(
        ...[...splits.values()].filter(s => s !== split && !s.idle).map(s => s.watermark),
      );
      const send = (from: number, to: number): void => {
        if (to > from) output.emit(to - from === batch.selectionCount ? batch : slice(batch, from, to));
      };
      const top = topMark(batch, marks, times, { top: split.watermark, others, emitted });
      if (top !== null) {
        split.watermark = top;
        if (batch.selectionCount > 0) output.emit(batch);
        advance();
        return;
      }
      let sent = 0;
      let reached = Math.min(split.watermark, others);
      for (let k = 0; k < batch.selectionCount; k++) {
        const i = batch.selection === null ? k : batch.selection[k]!;
        if (times.millis[i]! <= reached && reached > emitted) {
          send(sent, k);
          sent = k;
          advance();
        }
        if (marks.nulls !== null && marks.nulls[i] === 1) continue;
        if (marks.millis[i]! > split.watermark) {
          split.watermark = marks.millis[i]!;
          reached = Math.min(split.watermark, others);
        }
      }
      send(sent, batch.selectionCount);
      advance();
    },
    // Watermarks from below are replaced by ours, but for the end of the input, which `splitEnded` tells.
    onWatermark: () => {},
  };
}

/** The highest mark behind a batch; null when one of its rows may be late: then it can't be sent as one. */
function topMark(
  { selection, selectionCount }: Batch,
  marks: TimestampColumn,
  times: TimestampColumn,
  at: { readonly top: number; readonly others: number; readonly emitted: number },
): number | null {
  const { millis, nulls } = marks;
  const time = times.millis;
  const { others, emitted } = at;
  let { top } = at;
  for (let k = 0; k < selectionCount; k++) {
    const i = selection === null ? k : selection[k]!;
    const reached = top < others ? top : others;
    if (time[i]! <= reached && reached > emitted) return null;
    if (millis[i]! > top && (nulls === null || nulls[i] !== 1)) top = millis[i]!;
  }
  return top;
}

/** The live rows [from, to) of a batch. */
function slice(batch: Batch, from: number, to: number): Batch {
  const selection =
    batch.selection === null
      ? Int32Array.from({ length: to - from }, (_, k) => from + k)
      : batch.selection.subarray(from, to);
  return selectRows(batch, selection, to - from);
}
