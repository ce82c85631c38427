import type { Batch } from '../../core/mod.ts';

/** A batch in parts of at most `rows` live rows. A part is borrowed until the next is asked for. */
export function* partsOf(batch: Batch, rows: number): Generator<Batch> {
  const { selection, selectionCount } = batch;
  if (selectionCount <= rows) {
    yield batch;
    return;
  }
  const part = new Int32Array(rows);
  for (let from = 0; from < selectionCount; from += rows) {
    const count = Math.min(rows, selectionCount - from);
    for (let k = 0; k < count; k++) part[k] = selection === null ? from + k : selection[from + k]!;
    yield { ...batch, selection: part, selectionCount: count };
  }
}
