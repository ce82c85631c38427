import { type Batch, RowKind, selectRows } from '../../core/mod.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';

/** An output that lets no -U through. */
export function droppingUpdateBefore(output: Output): Output {
  let selected = new Int32Array(0);
  const without = (batch: Batch, kinds: Uint8Array): Batch => {
    const { selection, selectionCount } = batch;
    if (selected.length < selectionCount) selected = new Int32Array(selectionCount * 2);
    let n = 0;
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      if (kinds[row] !== RowKind.updateBefore) selected[n++] = row;
    }
    return n === selectionCount ? batch : selectRows(batch, selected, n);
  };
  return {
    emit: batch => {
      const kept = batch.rowKinds === null ? batch : without(batch, batch.rowKinds);
      if (kept.selectionCount > 0) output.emit(kept);
    },
    watermark: ms => output.watermark(ms),
    idle: isIdle => output.idle(isIdle),
  };
}

/** Drops -U between a source that sends it and a consumer that does without. */
export function openDropUpdateBefore(context: OperatorContext): Operator {
  const output = droppingUpdateBefore(context.output);
  return { onBatch: batch => output.emit(batch), onWatermark: ms => output.watermark(ms) };
}
