/** Runs physical plans: operators, generated code, jobs with checkpoints, queries for live views. */

export { parallelismOf } from './job/attempt.ts';
export type { CheckpointStorage } from './job/checkpoint-image.ts';
export type {
  CheckpointStatus,
  JobHandle,
  JobOptions,
  JobState,
  JobStatus,
  NodeStatus,
  SplitPosition,
  Tables,
} from './job/job-types.ts';
export { nodeCheckpointStorage } from './job/node-checkpoint-storage.ts';
export { startJob } from './job/start-job.ts';
export { type QueryHandle, type QueryOptions, startQuery } from './job/start-query.ts';
export { StateBudget } from './job/state-budget.ts';
export { createWorkerPool, type WorkerPool } from './workers/pool.ts';
export { serveTasks } from './workers/serve-tasks.ts';
