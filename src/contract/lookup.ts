import type { Batch } from '../core/batch.ts';
import type { Schema } from '../core/types.ts';

/** What was found for some keys. */
export interface LookupAnswer {
  /** The rows, in the lookup's schema, all live; borrowed until the next call. */
  readonly rows: Batch;
  /** For each row, the position of its key among the live rows asked for. */
  readonly keyOf: Int32Array;
}

/** An outside table that can be asked for rows by key. Calls never overlap. */
export interface Lookup {
  /** Columns of the rows: the table's physical columns after projection. */
  readonly schema: Schema;
  /**
   * Every row whose key columns equal one of the keys. `keys` has one column per key column, in order; no key
   * holds NULL and none comes twice. Rejects when the table can't be asked; the job then restarts.
   */
  find(keys: Batch): Promise<LookupAnswer>;
  close(): Promise<void>;
}
