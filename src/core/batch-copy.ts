import type { Batch } from './batch.ts';
import { BatchBuilder } from './batch-builder.ts';

/** Calls `visit` with the physical index of every live row, in order. */
export function forEachRow(batch: Batch, visit: (row: number) => void): void {
  const { selection, selectionCount } = batch;
  for (let k = 0; k < selectionCount; k++) visit(selection === null ? k : selection[k]!);
}

/** A batch of its own memory with the live rows only, to keep beyond the loan. */
export function copyBatch(batch: Batch): Batch {
  const builder = new BatchBuilder(batch.schema, Math.max(1, batch.selectionCount));
  forEachRow(batch, row => {
    builder.addFrom(batch, row);
  });
  return builder.build();
}
