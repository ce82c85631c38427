import type { Clock } from '../../core/mod.ts';
import type { PhysicalPlan } from '../../plan/mod.ts';
import type { WireMessage } from '../exchange/outbox.ts';
import type { JobTotals, TaskImage } from './checkpoint-image.ts';
import type { NodeStatus, SplitPosition, Tables } from './job-types.ts';

/** A split to read, and from where; null for where the table's options say. */
export interface SplitStart {
  readonly id: string;
  readonly position: unknown;
}

/** Everything a task is, as plain data: it may run in another thread. */
export interface TaskSpec {
  readonly job: string;
  readonly incarnation: string;
  readonly plan: PhysicalPlan;
  readonly task: number;
  readonly parallelism: number;
  /** Where its sinks may put staged output; null where they can't. */
  readonly staging: string | null;
  /** Tells the random values of one attempt from those of another. */
  readonly seed: string;
  /** Memory that staged output may take before it waits for a checkpoint; null for no limit. */
  readonly stagedBytesMax: number | null;
  /** By scan node id. */
  readonly splits: Readonly<Record<string, readonly SplitStart[]>>;
  /** State to go on from: its own, or that of all tasks there were at another parallelism. Null: none. */
  readonly restore: { readonly own: boolean; readonly images: readonly TaskImage[] } | null;
}

/** Whom a task tells, and what it is made of. */
export interface TaskOwner {
  readonly tables: Tables;
  readonly clock: Clock;
  /** Rows have moved, or event time. */
  changed(): void;
  /** Staged output takes all it may: nothing is read until a checkpoint, which is wanted now. */
  full(): void;
  failed(error: unknown): void;
  /** All its splits are read to their ends. */
  ended(): void;
}

/** What a task needs of the thread it runs in. */
export interface TaskHost extends TaskOwner {
  /**
   * Whether the task makes its output visible itself, in the thread that stores its state; a worker leaves
   * both to the main thread.
   */
  readonly commits: boolean;
  /** To another task of the job, or itself. */
  post(target: number, message: WireMessage): void;
}

/** What a task has done so far. */
export interface TaskStatus {
  readonly counts: JobTotals;
  readonly rowsOut: number;
  readonly lag: number | null;
  readonly nodes: readonly NodeStatus[];
  readonly splits: readonly SplitPosition[];
}

/**
 * Whether a barrier is the last: because the job is stopped, so that sources give no more rows behind it, or
 * because all input has ended, so that sinks complete what they have.
 */
export type LastBarrier = 'no' | 'stopped' | 'ended';

/** A task as its attempt handles it, wherever it runs. */
export interface TaskHandle {
  /** Opens sinks and splits and takes over the state. Other tasks may send from here on. */
  open(): Promise<void>;
  /** Works until `end`, or until something fails, which its host is told. */
  run(): Promise<void>;
  /**
   * Saves its state behind a barrier; resolves when that is through all its stages.
   */
  checkpoint(epoch: number, last: LastBarrier): Promise<TaskImage>;
  /** Makes the output of a stored epoch visible. */
  commit(epoch: number): Promise<void>;
  /** Everything that can be read has gone into the graph. */
  caughtUp(): Promise<boolean>;
  status(): TaskStatus;
  /** Stops working; `close` frees what it holds. */
  end(): void;
  close(): Promise<void>;
}
