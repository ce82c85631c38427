import type { PartStatus } from '../../live/mod.ts';
import type { Parts } from '../parts.ts';

/** What `/readyz` answers. */
export interface Readiness {
  readonly status: 'ok' | 'unavailable';
  readonly parts: PartStatus[];
}

/** Whether everything is started and works. */
export function readinessOf(parts: Parts): Readiness {
  const statuses = [...parts.statuses()];
  const works = parts.ready && statuses.every(({ state }) => state === 'ok' || state === 'degraded');
  return { status: works ? 'ok' : 'unavailable', parts: statuses };
}

/** Where it is asked whether the process answers. */
export const HEALTH_PATHS: readonly string[] = ['/healthz', '/health', '/api/health'];
