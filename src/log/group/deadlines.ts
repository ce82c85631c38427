import { type Clock, messageOf } from '../../core/mod.ts';

interface Due<T> {
  readonly atMs: number;
  readonly what: T;
}

/**
 * Calls back when the time of something has come: a binary heap and one sleeper for all. There is no taking
 * back; who is called looks whether it is still meant.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #due: (what: T, atMs: number) => void;
  readonly #failed: (message: string) => void;
  readonly #heap: Due<T>[] = [];
  readonly #closing = new AbortController();
  #running = false;
  #sleeper: { readonly atMs: number; readonly wake: AbortController } | null = null;

  constructor(clock: Clock, due: (what: T, atMs: number) => void, failed: (message: string) => void) {
    this.#clock = clock;
    this.#due = due;
    this.#failed = failed;
  }

  add(atMs: number, what: T): void {
    const heap = this.#heap;
    let at = heap.push({ atMs, what }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.atMs <= heap[at]!.atMs) break;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
    if (this.#running || (this.#sleeper !== null && this.#sleeper.atMs <= atMs)) return;
    this.#sleeper?.wake.abort();
    this.#sleep();
  }

  close(): void {
    this.#closing.abort();
    this.#sleeper?.wake.abort();
    this.#heap.length = 0;
  }

  /** Sleep until the earliest is due; runs alone, the sleeper before it was woken for it. */
  #sleep(): void {
    const first = this.#heap[0];
    if (first === undefined || this.#closing.signal.aborted) {
      this.#sleeper = null;
      return;
    }
    const sleeper = { atMs: first.atMs, wake: new AbortController() };
    this.#sleeper = sleeper;
    void this.#wait(sleeper.atMs, sleeper.wake.signal).then(() => {
      if (this.#sleeper !== sleeper || this.#closing.signal.aborted) return;
      this.#running = true;
      this.#runDue();
      this.#running = false;
      this.#sleep();
    });
  }

  async #wait(atMs: number, signal: AbortSignal): Promise<void> {
    const ms = atMs - this.#clock.monotonicMs();
    if (ms > 0) await this.#clock.sleep(ms, signal).catch(() => undefined);
  }

  #runDue(): void {
    const nowMs = this.#clock.monotonicMs();
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= nowMs; first = this.#heap[0]) {
      this.#takeFirst();
      try {
        this.#due(first.what, first.atMs);
      } catch (error) {
        this.#failed(messageOf(error));
      }
    }
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    heap[0] = last;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && heap[right]!.atMs < heap[left]!.atMs ? right : left;
      if (heap[at]!.atMs <= heap[child]!.atMs) return;
      [heap[at], heap[child]] = [heap[child]!, heap[at]!];
      at = child;
    }
  }
}
