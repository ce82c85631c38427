import { failpoint, packBatch } from '../../core/mod.ts';
import type { ExchangeMessage } from './router.ts';
import { WireMemory } from './wire-memory.ts';

/** What an exchange sends, with rows in memory of their own. */
export type SentMessage =
  | Exclude<ExchangeMessage, { readonly kind: 'batch' }>
  | { readonly kind: 'rows'; readonly count: number; readonly memory: ArrayBuffer };

/** What goes from task to task. */
export type WireMessage =
  | {
      readonly kind: 'data';
      readonly channel: number;
      readonly from: number;
      readonly message: SentMessage;
    }
  /** A batch on the channel to `from` has left its queue there. */
  | { readonly kind: 'taken'; readonly channel: number; readonly from: number; readonly rows: number };

/** Rows on their way on one channel to one task; above, the sender waits. */
const ROWS_MAX = 16_384;

/** Sends for one task, and knows how much of it has not been taken yet. */
export class Outbox {
  readonly #task: number;
  readonly #post: (target: number, message: WireMessage) => void;
  /** Rows, by channel, then target. */
  readonly #onTheirWay = new Map<number, Int32Array>();
  readonly #parallelism: number;
  #waiting: (() => void)[] = [];
  /** For what is sent; what comes from others leaves its own here. */
  readonly memory = new WireMemory();

  constructor(task: number, parallelism: number, post: (target: number, message: WireMessage) => void) {
    this.#task = task;
    this.#parallelism = parallelism;
    this.#post = post;
  }

  #countsOf(channel: number): Int32Array {
    const known = this.#onTheirWay.get(channel) ?? new Int32Array(this.#parallelism);
    this.#onTheirWay.set(channel, known);
    return known;
  }

  /** Send a message; a batch is borrowed. Room is not asked for: see `isFull`. */
  send(channel: number, target: number, message: ExchangeMessage): void {
    if (message.kind !== 'batch') {
      this.#post(target, { kind: 'data', channel, from: this.#task, message });
      return;
    }
    const count = message.batch.selectionCount;
    this.#countsOf(channel)[target]! += count;
    failpoint('exchange.send.before');
    const memory = packBatch(message.batch, bytes => this.memory.take(bytes));
    const from = this.#task;
    this.#post(target, { kind: 'data', channel, from, message: { kind: 'rows', count, memory } });
  }

  taken(channel: number, target: number, rows: number): void {
    this.#countsOf(channel)[target]! -= rows;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** True when a task has not taken enough of what was sent on one of the channels. */
  isFull(channels: readonly number[]): boolean {
    return channels.some(channel => this.#countsOf(channel).some(rows => rows >= ROWS_MAX));
  }

  /** Resolves when a task has taken a batch, or at `wake`. */
  change(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting = [];
  }
}
