import type { Batch } from './batch.ts';
import { eachOf } from './batch-views.ts';
import {
  type ColumnBuffer,
  clearBuffer,
  copyCell,
  createColumnBuffer,
  reserveRows,
} from './column-buffer.ts';
import { RowKind } from './row-kind.ts';
import type { Schema } from './types.ts';

/**
 * Rows being collected into a batch. Write cells into `columns[c]` at row `rowCount`, then call `endRow`.
 * `build` lends the rows out; `reset` takes them back and starts over in the same memory.
 */
export class BatchBuilder {
  readonly schema: Schema;
  readonly columns: readonly ColumnBuffer[];
  /** Valid for rows below `rowCount`; +I unless said otherwise. */
  rowKinds: Uint8Array;
  rowCount = 0;
  #changes = false;
  #capacity: number;

  constructor(schema: Schema, capacity = 64) {
    this.schema = schema;
    this.#capacity = capacity;
    this.columns = eachOf(schema.fields, f => createColumnBuffer(f.type, capacity));
    this.rowKinds = new Uint8Array(capacity);
  }

  /** Make room for `rows` rows in all. */
  reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = Math.max(rows, this.#capacity * 2);
    for (const column of this.columns) reserveRows(column, this.#capacity);
    const kinds = new Uint8Array(this.#capacity);
    kinds.set(this.rowKinds);
    this.rowKinds = kinds;
  }

  /** The row at `rowCount` is complete. */
  endRow(kind: number = RowKind.insert): void {
    this.rowKinds[this.rowCount++] = kind;
    if (kind !== RowKind.insert) this.#changes = true;
  }

  /** Append a copy of physical row `row` of a batch of the same schema. */
  addFrom(batch: Batch, row: number): void {
    this.reserve(this.rowCount + 1);
    for (let c = 0; c < this.columns.length; c++) {
      copyCell(batch.columns[c]!, row, this.columns[c]!, this.rowCount);
    }
    this.endRow(batch.rowKinds === null ? RowKind.insert : batch.rowKinds[row]!);
  }

  /** The rows so far, borrowed until the next write or `reset`. */
  build(): Batch {
    return {
      schema: this.schema,
      rowCount: this.rowCount,
      columns: this.columns,
      rowKinds: this.#changes ? this.rowKinds : null,
      selection: null,
      selectionCount: this.rowCount,
    };
  }

  reset(): void {
    this.rowCount = 0;
    this.#changes = false;
    for (const column of this.columns) clearBuffer(column);
  }
}
