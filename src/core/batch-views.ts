import type { Batch, Column } from './batch.ts';
import type { Schema } from './types.ts';

/**
 * Batches over other batches' cells. Written out member by member, and not as copies by `...`, which would
 * give the result of each such place a hidden class of its own.
 */

/** The rows that a selection leaves of a batch. */
export const selectRows = (batch: Batch, selection: Int32Array | null, selectionCount: number): Batch => ({
  schema: batch.schema,
  rowCount: batch.rowCount,
  columns: batch.columns,
  rowKinds: batch.rowKinds,
  selection,
  selectionCount,
});

/** A batch's rows with other columns. */
export const withColumns = (
  { schema, rowCount, rowKinds, selection, selectionCount }: Batch,
  columns: readonly Column[],
): Batch => ({ schema, rowCount, columns, rowKinds, selection, selectionCount });

/** A batch's rows under another schema, whose types are the same. */
export const withSchema = (
  { rowCount, columns, rowKinds, selection, selectionCount }: Batch,
  schema: Schema,
): Batch => ({ schema, rowCount, columns, rowKinds, selection, selectionCount });

/**
 * What `make` gives for each item. An array from `map` is of another kind once the code around it was
 * optimized; this one always is of the same.
 */
export function eachOf<T, R>(items: readonly T[], make: (item: T, index: number) => R): R[] {
  const made: R[] = [];
  for (let i = 0; i < items.length; i++) made.push(make(items[i]!, i));
  return made;
}
