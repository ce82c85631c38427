import type { Lookup, ScalarFunction, Sink, Source } from '../../contract/mod.ts';
import type { Clock } from '../../core/mod.ts';
import type { ChangelogMode, PhysicalPlan, TableDeclaration } from '../../plan/mod.ts';
import type { RestartStrategy } from '../../state/mod.ts';
import type { WorkerPool } from '../workers/pool.ts';
import type { CheckpointStorage } from './checkpoint-image.ts';
import type { StateBudget } from './state-budget.ts';

/** How tables become sources and sinks: the connectors, composed by the platform. */
export interface Tables {
  /** A function of the user's, by its id. Left out where there are none. */
  function?(id: string): ScalarFunction | undefined;
  source(table: TableDeclaration, projection: readonly number[]): Promise<Source>;
  sink(table: TableDeclaration, input: ChangelogMode): Promise<Sink>;
  /**
   * A table that is asked by key: its physical columns `projection`, by its physical columns `keys`. Options
   * are checked here; it connects when first asked. Left out where no table can be asked.
   */
  lookup?(table: TableDeclaration, projection: readonly number[], keys: readonly number[]): Lookup;
}

export interface JobOptions {
  /** Unique within the platform: `<app>/<job>`. */
  readonly name: string;
  readonly plan: PhysicalPlan;
  readonly tables: Tables;
  readonly checkpoints: CheckpointStorage;
  readonly clock: Clock;
  /** Makes the name of a new incarnation, never the same twice. */
  readonly newIncarnation: () => string;
  readonly restart?: RestartStrategy;
  /** What all jobs share of memory; without it there is no limit. */
  readonly budget?: StateBudget;
  /** Threads that run the tasks; left out, they run in this one. */
  readonly workers?: WorkerPool;
  /** How many tasks, whatever the plan's options say. */
  readonly parallelism?: number;
  readonly logger: { info(message: string): void; warn(message: string): void };
}

/** Flink's names. */
export type JobState = 'CREATED' | 'RUNNING' | 'RESTARTING' | 'FINISHED' | 'FAILED' | 'CANCELED';

export interface NodeStatus {
  readonly id: number;
  readonly kind: string;
  readonly rowsOut: number;
  /** `MIN_WATERMARK` before the first. */
  readonly watermarkMs: number;
  readonly stateRows: number;
  readonly stateBytes: number;
}

export interface CheckpointStatus {
  readonly epoch: number;
  readonly completedAtMs: number;
  readonly durationMs: number;
  /** The longest that a task's rows stood still while its state was copied. */
  readonly stallMs: number;
  readonly bytes: number;
  readonly count: number;
}

/** How far a split has been read: behind the last row that went into the graph. */
export interface SplitPosition {
  readonly table: TableDeclaration;
  readonly split: string;
  /** As its reader reports it; null before the first row. */
  readonly position: unknown;
}

export interface JobStatus {
  readonly name: string;
  readonly state: JobState;
  readonly incarnation: string | null;
  readonly restarts: number;
  /** Why the last attempt ended, null before the first failure. */
  readonly exception: string | null;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly lateRows: number;
  readonly rejectedRecords: number;
  /**
   * Minimum over the operators that wait for event time, else over the watermark assigners; null before the
   * first
   * watermark or where the plan has none.
   */
  readonly watermarkMs: number | null;
  /** Records between the read positions and the ends of the splits, as last asked; null before. */
  readonly lag: number | null;
  readonly checkpoint: CheckpointStatus | null;
  readonly nodes: readonly NodeStatus[];
  readonly splits: readonly SplitPosition[];
}

export interface JobHandle {
  status(): JobStatus;
  /**
   * A checkpoint whose barrier falls after this call; resolves with its epoch once its output is committed.
   */
  checkpoint(): Promise<number>;
  /** Resolves when everything that was readable is read and its output committed. */
  settle(signal: AbortSignal): Promise<void>;
  /**
   * Keeps the state as a file from which another job of the same statement can begin. With `stop` no row is
   * read behind it, and the job ends.
   */
  savepoint(path: string, stop: boolean): Promise<void>;
  /** A last checkpoint, then the end; the job can be started again from it. */
  stop(): Promise<void>;
  /** Ends at once, without a checkpoint. */
  cancel(): Promise<void>;
  /** Resolves when the job is FINISHED, FAILED or CANCELED. */
  readonly whenEnded: Promise<JobState>;
}
