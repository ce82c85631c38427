import type { Batch } from '../core/batch.ts';
import type { Schema } from '../core/types.ts';
import type { RejectedRecord } from './rejected.ts';

/** A plain JSON value from which reading continues exactly behind the last delivered row. */
export type Position = unknown;

/** An independently readable part of a source, e.g. one partition of a topic. */
export interface Split {
  readonly id: string;
}

/** A table to read. */
export interface Source {
  /** Columns that the reader's batches have: the table's physical and metadata columns after projection. */
  readonly schema: Schema;
  /** True when reading comes to an end (`scan.bounded.mode`). */
  readonly bounded: boolean;
  splits(): Promise<readonly Split[]>;
  /** `position` is one a reader of this split reported, or null to start where the table's options say. */
  open(split: Split, position: Position | null): Promise<SplitReader>;
  /**
   * A checkpoint with these positions, by split id, is complete. For a source that tells others how far it
   * has been read; that it could not is no failure of the job's.
   */
  checkpointed?(positions: ReadonlyMap<string, Position>): Promise<void>;
}

/**
 * `batch`: rows, borrowed until the next call. `idle`: nothing within the wait. `end`: a bounded split is
 * read out.
 */
export type SourceEvent =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'idle' }
  | { readonly kind: 'end' };

/** Reads one split. Calls never overlap. */
export interface SplitReader {
  /**
   * Waits at most `maxWaitMs` for rows. A record that can't be decoded goes to `rejected`, never stops the
   * rest.
   */
  poll(maxWaitMs: number, signal: AbortSignal): Promise<SourceEvent>;
  /** Behind the last row returned by `poll`. */
  position(): Position;
  /** How many records lie between the position and the end of the split, for lag; null where unknown. */
  lag(): Promise<number | null>;
  /**
   * Takes the records rejected since the last call. The job sends them to the dead-letter topic before its
   * next checkpoint.
   */
  takeRejected(): readonly RejectedRecord[];
  close(): Promise<void>;
}
