import type { Batch } from './batch.ts';
import { packBatch, unpackBatch } from './packed-batch.ts';

/** Calls `visit` with the physical index of every live row, in order. */
export function forEachRow(batch: Batch, visit: (row: number) => void): void {
  const { selection, selectionCount } = batch;
  for (let k = 0; k < selectionCount; k++) visit(selection === null ? k : selection[k]!);
}

/** A batch of its own memory with the live rows only: to keep. */
export const copyBatch = (batch: Batch): Batch =>
  unpackBatch(
    packBatch(batch, bytes => new ArrayBuffer(bytes)),
    batch.schema,
  );
