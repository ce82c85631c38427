import { type Batch, selectRows } from '../../core/mod.ts';

/** A batch in parts of at most `room` live rows each. A part is borrowed until the next is asked for. */
export function* partsOf(batch: Batch, room: () => number): Generator<Batch> {
  const { selection, selectionCount } = batch;
  if (selectionCount <= room()) {
    yield batch;
    return;
  }
  let part = new Int32Array(0);
  for (let from = 0; from < selectionCount; ) {
    const count = Math.min(room(), selectionCount - from);
    if (part.length < count) part = new Int32Array(count);
    for (let k = 0; k < count; k++) part[k] = selection === null ? from + k : selection[from + k]!;
    yield selectRows(batch, part, count);
    from += count;
  }
}
