import type { Batch } from '../core/batch.ts';
import type { RejectedRow } from './rejected.ts';
import type { StagingFiles } from './staging.ts';

/**
 * A table to write. Two deliveries:
 * - `exactly-once`: rows of an epoch are staged by `prepare`, stored in the checkpoint, and only after the
 *   checkpoint is
 *   durable made visible by the committer in one atomic step together with (incarnation, sink, epoch).
 * - `at-least-once` with a primary key ("upsert"): visible at once, idempotent by key.
 */
export interface Sink {
  readonly delivery: 'exactly-once' | 'at-least-once';
  openWriter(context: SinkContext): Promise<SinkWriter>;
  /** Null for `at-least-once`. */
  openCommitter(context: SinkContext): Promise<Committer | null>;
}

export interface SinkContext {
  /** New for each start from nothing or from a savepoint; kept by restore from a checkpoint. */
  readonly incarnation: string;
  /** Unique within the platform: `<app>/<job>/<sink>`. */
  readonly sinkId: string;
  /** For staged output that memory should not hold; where there are none it has to. */
  readonly staging?: StagingFiles;
}

/** What a sink has staged: bytes, or pieces of them whose order counts. A restore brings them back joined. */
export type Staged = Uint8Array | readonly Uint8Array[];

export const stagedPieces = (staged: Staged): readonly Uint8Array[] =>
  staged instanceof Uint8Array ? [staged] : staged;

/** Takes the rows of one sink. Calls never overlap. */
export interface SinkWriter {
  /** The batch is borrowed: copy what is kept. May return a promise to exert back-pressure. */
  write(batch: Batch): void | Promise<void>;
  /**
   * At a barrier. exactly-once: the staged bytes of the epoch (null when it wrote nothing), which stay as
   * they are until the committer is through with them. at-least-once: resolves when all is durable.
   */
  prepare(epoch: number): Promise<Staged | null>;
  /** About how much memory is staged since the last `prepare`; left out where nothing is. */
  stagedBytes?(): number;
  /** Time alone has completed something: a checkpoint is wanted though no row came. Asked now and then. */
  wantsCheckpoint?(): boolean;
  /** The input has ended: what the next `prepare` stages completes the output. For sinks that wait for more. */
  finish?(): void;
  /** Make `at-least-once` output visible now; called when a delivery is through. With exactly-once nothing becomes visible. */
  flush(): Promise<void>;
  /**
   * Takes the rows that the table can't hold, of those written since the last call. The job sends them to its
   * dead-letter topic before its next checkpoint.
   */
  takeRejected?(): readonly RejectedRow[];
  close(): Promise<void>;
}

/** Makes staged epochs visible. */
export interface Committer {
  /**
   * Idempotent: an epoch at or below the last applied one of this incarnation and sink is skipped. Called in
   * the order of epochs. `isRestored` says that what is staged comes from a restored checkpoint, so that this
   * may not be the first try.
   */
  commit(epoch: number, staged: Staged, isRestored?: boolean): Promise<void>;
  /**
   * Takes the rows that the table refused of what was committed since the last call; all others are visible.
   * An epoch that is committed again gives the same ones again: the job puts them into its dead-letter topic
   * under the epoch's number, once.
   */
  takeRejected?(): readonly RejectedRow[];
  /** Its writer will not come back: what was committed and waits for more is completed. */
  finish?(): Promise<void>;
  close(): Promise<void>;
}
