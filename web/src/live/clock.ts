import { useSyncExternalStore } from 'react';
import { useConnection } from './live-context.tsx';

const listeners = new Set<() => void>();
let tickMs = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function watch(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    tickMs = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The browser's clock, paused or not: for what counts the pause itself or a lost connection. */
export function useWallMs(): number {
  return useSyncExternalStore(watch, () => tickMs);
}

/** The browser's clock, one tick a second for the whole page; stands still while the page is paused. */
export function useNowMs(): number {
  const { pausedAtMs } = useConnection();
  const nowMs = useWallMs();
  return pausedAtMs ?? nowMs;
}

/** The server's clock as this browser sees it: what ages, elapsed minutes and ETAs are counted with. */
export function useServerNowMs(): number {
  return useNowMs() + useConnection().clockOffsetMs;
}
