import type { TaskSpec } from '../job/task-types.ts';

/** A task as a worker is told to make it. */
export interface TaskOrder {
  /** Unique among all tasks of all attempts. */
  readonly key: string;
  /** The same for all tasks of an attempt. */
  readonly group: number;
  readonly spec: TaskSpec;
  /** The worker of each task of the attempt. */
  readonly placement: readonly number[];
}

/** What a worker is given at its start. */
export interface WorkerStart {
  readonly index: number;
  /** What the program's own entry wants to know. */
  readonly data: unknown;
}
