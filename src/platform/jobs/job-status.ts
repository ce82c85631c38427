import type { JobStatus as EngineJobStatus } from '../../engine/mod.ts';
import type { PartStatus } from '../../live/mod.ts';
import type { Rate } from '../rate.ts';

/** Flink's words for what a job does. */
export type JobState = 'CREATED' | 'RUNNING' | 'RESTARTING' | 'FINISHED' | 'FAILED' | 'CANCELED';

/** A job as `GET /api/jobs` shows it. */
export interface JobStatus {
  readonly name: string;
  readonly origin: 'app' | 'user';
  readonly state: JobState;
  /** Why it failed or restarts; null when it is well. */
  readonly failure: string | null;
  readonly startedMs: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly ratePerS: number | null;
  /** Records between where it reads and the end of its topics. */
  readonly lag: number | null;
  readonly lateRows: number;
  readonly deadLettered: number;
  readonly restarts: number;
  readonly watermarkMs: number | null;
  readonly checkpoints: number;
  readonly checkpointAgeMs: number | null;
  readonly stateBytes: number | null;
}

/** A job among the parts. */
export function jobPart(job: JobStatus): PartStatus {
  const state = {
    CREATED: 'starting',
    RUNNING: 'ok',
    RESTARTING: 'degraded',
    FINISHED: 'ok',
    FAILED: 'failed',
    CANCELED: 'stopped',
  } as const;
  return {
    part: `job ${job.name}`,
    state: state[job.state],
    detail: job.failure ?? describe(job),
    ratePerS: job.ratePerS,
    lag: job.lag,
  };
}

function describe(job: JobStatus): string {
  const age =
    job.checkpointAgeMs === null
      ? 'no checkpoint yet'
      : `checkpoint ${(job.checkpointAgeMs / 1000).toFixed(1)} s ago`;
  const late = job.lateRows > 0 ? `, ${job.lateRows} late` : '';
  const dead = job.deadLettered > 0 ? `, ${job.deadLettered} dead-lettered` : '';
  return `${job.state.toLowerCase()}, ${age}${late}${dead}`;
}

/** The engine's status of a job, for people. */
export function jobStatus(
  { name, origin, startedMs }: Pick<JobStatus, 'name' | 'origin' | 'startedMs'>,
  status: EngineJobStatus,
  rate: Rate,
  nowMs: number,
): JobStatus {
  const { checkpoint } = status;
  return {
    ...{ name, origin, startedMs },
    state: status.state,
    failure: status.state === 'RUNNING' ? null : status.exception,
    recordsIn: status.rowsIn,
    recordsOut: status.rowsOut,
    ratePerS: rate.update(status.rowsIn),
    lag: status.lag,
    lateRows: status.lateRows,
    deadLettered: status.rejectedRecords,
    restarts: status.restarts,
    watermarkMs: status.watermarkMs,
    checkpoints: checkpoint?.count ?? 0,
    checkpointAgeMs: checkpoint === null ? null : Math.max(0, nowMs - checkpoint.completedAtMs),
    stateBytes: status.nodes.reduce((sum, node) => sum + node.stateBytes, 0),
  };
}
