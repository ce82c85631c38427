import type { Signal } from './health.ts';
import { instant } from './kpi.ts';

export interface Job {
  readonly name: string;
  readonly state: string;
  readonly signal: Signal;
  readonly lateRows: number | null;
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
      lateRows: instant(each['lateRows']),
    };
  });
}
