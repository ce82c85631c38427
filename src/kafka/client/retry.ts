import type { Clock } from '../../core/mod.ts';
import { inMillraceWords, mayRetry } from './failures.ts';

const FIRST_PAUSE_MS = 10;
const PAUSE_MS_MAX = 1000;

/** How long to wait before the attempt of this number, from 1 on. */
export const pauseMs = (attempt: number): number =>
  Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 10));

export interface RetryOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends the trying at once. */
  readonly signal: AbortSignal;
  /** Whether an error may pass; left out: those that Kafka calls retriable, and lost connections. */
  readonly retries?: (error: unknown) => boolean;
}

/**
 * Does it until it succeeds, fails for good, or time is up. What is thrown in the end is in Millrace's words,
 * with `doing` before it.
 */
export async function retrying<T>(
  doing: string,
  options: RetryOptions,
  run: (attempt: number) => Promise<T>,
): Promise<T> {
  const { clock, timeoutMs, signal, retries = mayRetry } = options;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      signal.throwIfAborted();
      return await run(attempt);
    } catch (error) {
      const pause = pauseMs(attempt);
      const isOver = signal.aborted || clock.monotonicMs() + pause > deadlineMs;
      if (isOver || !retries(error)) throw inMillraceWords(doing, error);
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  }
}
