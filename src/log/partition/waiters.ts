import type { Clock } from '../../core/mod.ts';

interface Waiter {
  readonly offset: number;
  readonly end: () => number;
  readonly wake: () => void;
}

/** The longest that timers can count. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** Long polls: those who wait for the readable end of a partition to pass an offset. */
export class Waiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when `end()` exceeds `offset`, at the time-out, at abort, or on `wakeAll`. */
  async wait(offset: number, end: () => number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (end() > offset || timeoutMs <= 0 || signal?.aborted) return;
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const waiter: Waiter = { offset, end, wake: abort };
    this.#waiting.add(waiter);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await this.#clock.sleep(Math.min(timeoutMs, TIMEOUT_MS_MAX), stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    } finally {
      this.#waiting.delete(waiter);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Calls `wake` once, when `end()` exceeds `offset` or on `wakeAll`. Returns how to stop watching. */
  watch(offset: number, end: () => number, wake: () => void): () => void {
    if (end() > offset) {
      wake();
      return () => undefined;
    }
    const waiter: Waiter = {
      ...{ offset, end },
      wake: () => {
        this.#waiting.delete(waiter);
        wake();
      },
    };
    this.#waiting.add(waiter);
    return () => this.#waiting.delete(waiter);
  }

  /** Wake those whose offset is passed now. */
  notify(): void {
    for (const waiter of this.#waiting) if (waiter.end() > waiter.offset) waiter.wake();
  }

  /** Wake all, for a partition that goes away. */
  wakeAll(): void {
    for (const waiter of this.#waiting) waiter.wake();
  }
}
