import type { WindowAggregateNode } from '../../plan/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { WindowClock } from './window-clock.ts';
import { openCumulating } from './window-cumulate.ts';
import { WindowEmitter } from './window-emitter.ts';
import { type CloseWindows, openHopping } from './window-hop.ts';
import { openSessionAggregate } from './window-session-aggregate.ts';
import { WindowSlices } from './window-slices.ts';
import { slicingOf } from './window-slicing.ts';

/** Aggregates of windows: a window's groups leave, once, when its time is over. */
export function openWindowAggregate(node: WindowAggregateNode, context: OperatorContext): Operator {
  const { window } = node;
  const clock = new WindowClock(node.time, context);
  const emitter = new WindowEmitter(node, clock, context);
  if (window.kind === 'SESSION') {
    const { onBatch, close } = openSessionAggregate(node, window.gapMs, clock, emitter, context);
    return timed(clock, context, onBatch, close);
  }
  const slicing = window.kind === 'ATTACHED' ? null : slicingOf(window);
  const slices = new WindowSlices(node, slicing, clock, context);
  const close =
    slicing === null || window.kind === 'TUMBLE'
      ? openTumbling(slices, clock, emitter, slicing?.sliceMs ?? null)
      : window.kind === 'HOP'
        ? openHopping(node, slices, slicing, clock, emitter, context)
        : openCumulating(node, slices, slicing, clock, emitter, context);
  return timed(clock, context, batch => slices.add(batch), close);
}

/** Windows that are one slice each; `sizeMs` is null when rows name their windows. */
function openTumbling(
  slices: WindowSlices,
  clock: WindowClock,
  emitter: WindowEmitter,
  sizeMs: number | null,
): CloseWindows {
  const { index, groups } = slices;
  return instant => {
    clock.progress = instant;
    for (let end = index.first(); end !== null && clock.isOver(end); end = index.first()) {
      const ids = index.take(end);
      if (sizeMs !== null) emitter.rows(groups, ids, end - sizeMs, end);
      else for (const id of ids) emitter.row(groups, id, slices.startOf(id), end);
      slices.drop(ids);
    }
    emitter.flush();
  };
}

/** An operator that closes windows as their time goes on. */
export function timed(
  clock: WindowClock,
  { output }: OperatorContext,
  onBatch: Operator['onBatch'],
  close: CloseWindows,
): Operator {
  if (clock.isEventTime) {
    return {
      onBatch,
      onWatermark: ms => {
        // After a restore an input that had been idle may come from behind.
        if (ms > clock.progress) close(ms);
        output.watermark(ms);
      },
    };
  }
  return {
    onBatch,
    onWatermark: ms => output.watermark(ms),
    onProcessingTime: nowMs => {
      // A window is over when its last millisecond has passed.
      if (nowMs - 1 > clock.progress) close(nowMs - 1);
    },
  };
}
