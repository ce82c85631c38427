import type { Connection, ViewSnapshot } from '../live/live-client.ts';

export const STALE_AFTER_MS = 2 * 60_000;
export const HARD_STALE_AFTER_MS = 5 * 60_000;

export type Freshness = 'live' | 'stale' | 'hard-stale';

/**
 * How much to trust something last changed `ageMs` ago. `cadenceMs` is how far apart changes are when all is
 * well (five-minute windows change every five minutes) and is allowed on top.
 */
export function freshness(ageMs: number | null, cadenceMs = 0): Freshness {
  if (ageMs === null || ageMs < STALE_AFTER_MS + cadenceMs) return 'live';
  return ageMs < HARD_STALE_AFTER_MS + cadenceMs ? 'stale' : 'hard-stale';
}

export type PanelPhase = 'loading' | 'failed' | 'empty' | 'ready';

/** What a panel's body shows. Rows that were good once stay, whatever has happened since. */
export function panelPhase(view: ViewSnapshot, shownRows: number): PanelPhase {
  if (!view.loaded) return view.error === null ? 'loading' : 'failed';
  return shownRows === 0 ? 'empty' : 'ready';
}

/** "Connection lost 12 s ago" and what is being done about it, or null while there is nothing to tell. */
export function connectionText(connection: Connection, nowMs: number): string | null {
  if (connection.phase !== 'reconnecting' || connection.lostAtMs === null) return null;
  const lost = `Connection lost ${duration(nowMs - connection.lostAtMs)} ago.`;
  const waitMs = (connection.nextTryAtMs ?? nowMs) - nowMs;
  const next = waitMs > 500 ? `Next attempt in ${duration(waitMs)}.` : 'Reconnecting now.';
  return `${lost} ${next}`;
}

/** "8 s", "3 min 20 s", "2 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
