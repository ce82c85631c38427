import type { Signal } from './health.ts';
import { count } from './kpi.ts';

export interface Job {
  readonly name: string;
  readonly state: string;
  readonly signal: Signal;
  /** Why it failed, or what it last recovered from. */
  readonly failure: string | null;
  readonly ratePerS: number | null;
  readonly lag: number | null;
  readonly lateRows: number | null;
  readonly deadLettered: number | null;
  readonly restarts: number | null;
  readonly checkpointAgeMs: number | null;
}

const SIGNALS: Readonly<Record<string, Signal>> = {
  RUNNING: 'ok',
  FINISHED: 'info',
  CANCELED: 'info',
  RESTARTING: 'warn',
  FAILED: 'critical',
};

/** GET /api/jobs without trusting its shape. */
export function readJobs(body: unknown): Job[] {
  if (!Array.isArray(body)) return [];
  return body.map((each: Record<string, unknown>) => {
    const state = String(each['state'] ?? 'not known');
    return {
      name: String(each['name'] ?? '?'),
      state,
      signal: SIGNALS[state] ?? 'warn',
      failure: typeof each['failure'] === 'string' ? each['failure'] : null,
      ratePerS: count(each['ratePerS']),
      lag: count(each['lag']),
      lateRows: count(each['lateRows']),
      deadLettered: count(each['deadLettered']),
      restarts: count(each['restarts']),
      checkpointAgeMs: count(each['checkpointAgeMs']),
    };
  });
}
