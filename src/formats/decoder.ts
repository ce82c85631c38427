import type { Batch } from '../core/batch.ts';
import type { Schema } from '../core/types.ts';

/** A record that is no row, and why. */
export interface Rejection {
  /** Its index in `starts`. */
  readonly index: number;
  /** One sentence: field, byte offset within the record, what was expected and what was found. */
  readonly reason: string;
}

/**
 * Bytes to batches. Use: `load` the bytes that hold a run of records, then `decode` their positions until
 * all are consumed, taking a batch whenever one is full and at the end. Decoding never throws for what
 * records contain.
 */
export interface Decoder {
  /** The columns of the batches: the projection, in its order. */
  readonly schema: Schema;
  /** Rows read since the last `takeBatch`. */
  readonly rowCount: number;
  /**
   * Records that are no rows by their format: tombstones, transaction marks, what `ignore-parse-errors`
   * drops.
   */
  readonly skipped: number;
  /** The record's index in `starts`, for each row of the batch. */
  readonly recordOfRow: Int32Array;
  /**
   * Memory for up to `bytes` bytes of the next load, which are then not copied; to be called when all rows are
   * taken and no longer borrowed.
   */
  memory?(bytes: number): Uint8Array;
  /** Copies the bytes; earlier loads stay as long as rows of theirs are not taken. */
  load(bytes: Uint8Array): void;
  /**
   * Decode the records [starts[i], ends[i]) of the last load for i from `from` to `to` - 1; a start of -1
   * is a null value. Returns the first index not consumed: less than `to` when the batch is full.
   */
  decode(starts: Int32Array, ends: Int32Array, from: number, to: number): number;
  /** The rows so far, borrowed until the next `load` or `decode`. */
  takeBatch(): Batch;
  /** Records refused since the last call. */
  takeRejections(): readonly Rejection[];
}
