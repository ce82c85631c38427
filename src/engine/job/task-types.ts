import type { PhysicalPlan } from '../../plan/mod.ts';
import type { WireMessage } from '../exchange/outbox.ts';
import type { JobTotals, TaskImage } from './checkpoint-image.ts';
import type { NodeStatus, Tables } from './job-types.ts';

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
  /** Tells the random values of one attempt from those of another. */
  readonly seed: string;
  /** By scan node id. */
  readonly splits: Readonly<Record<string, readonly SplitStart[]>>;
  /** State to go on from: its own, or that of all tasks there were at another parallelism. Null: none. */
  readonly restore: { readonly own: boolean; readonly images: readonly TaskImage[] } | null;
}

/** What a task needs of the thread it runs in, and whom it tells. */
export interface TaskHost {
  readonly tables: Tables;
  readonly clock: {
    nowMs(): number;
    monotonicMs(): number;
    sleep(ms: number, signal: AbortSignal): Promise<void>;
  };
  /** To another task of the job, or itself. */
  post(target: number, message: WireMessage): void;
  /** Rows have moved, or event time. */
  changed(): void;
  failed(error: unknown): void;
  /** All its splits are read to their ends. */
  ended(): void;
}

/** What a task has done so far. */
export interface TaskStatus {
  readonly counts: JobTotals;
  readonly rowsOut: number;
  readonly lag: number | null;
  readonly nodes: readonly NodeStatus[];
}
