import type { Clock } from '../../core/mod.ts';
import { yieldToOthers } from './node-yield.ts';

/** Longest stretch of work before others get their turn. */
const SLICE_MS = 5;

/** When a task gives others their turn, and how long rows have waited in its mini-batches. */
export class Pace {
  readonly #clock: Clock;
  /** Null where no operator has mini-batches. */
  readonly #miniBatchMs: number | null;
  #sliceBegan = 0;
  #waitingSince: number | null = null;

  constructor(clock: Clock, miniBatchMs: number | null) {
    this.#clock = clock;
    this.#miniBatchMs = miniBatchMs;
  }

  /** Rows may be waiting for more of them. */
  get isWaiting(): boolean {
    return this.#waitingSince !== null;
  }

  /** Rows have gone into the operators; true when some have waited for others as long as they may. */
  delivered(): boolean {
    if (this.#miniBatchMs === null) return false;
    const now = this.#clock.monotonicMs();
    this.#waitingSince ??= now;
    return now - this.#waitingSince >= this.#miniBatchMs;
  }

  /** The mini-batches have ended. */
  finished(): void {
    this.#waitingSince = null;
  }

  async pause(): Promise<void> {
    const now = this.#clock.monotonicMs();
    if (now - this.#sliceBegan < SLICE_MS) return;
    await yieldToOthers();
    this.#sliceBegan = this.#clock.monotonicMs();
  }
}
