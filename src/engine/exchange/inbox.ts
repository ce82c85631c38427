import { assert } from '../../core/mod.ts';
import type { SentMessage } from './outbox.ts';

/** Tells that rows of a sender have left their queue. */
export type Taken = (channel: number, from: number, rows: number) => void;

/** A message with where it came from. */
export interface Arrival {
  readonly channel: number;
  readonly from: number;
  readonly message: SentMessage;
}

interface Queue {
  readonly channel: number;
  readonly from: number;
  readonly messages: SentMessage[];
  at: number;
  blocked: boolean;
}

/**
 * What other tasks have sent to one stage of a task, a queue for each channel and sender. They are emptied by
 * turns; a blocked one keeps what it has.
 */
export class Inbox {
  readonly #queues: readonly Queue[];
  readonly #taken: Taken;
  #turn = 0;
  #wake: (() => void) | null = null;

  /** `sources`: each channel with the tasks that send on it. `taken` tells that a batch has left its queue. */
  constructor(sources: readonly { readonly channel: number; readonly from: number }[], taken: Taken) {
    this.#queues = sources.map(source => ({ ...source, messages: [], at: 0, blocked: false }));
    this.#taken = taken;
  }

  /** How many queues there are: the inputs that barriers come on. */
  get inputs(): number {
    return this.#queues.length;
  }

  inputOf(channel: number, from: number): number {
    const input = this.#queues.findIndex(q => q.channel === channel && q.from === from);
    assert(input >= 0, 'a message comes on a channel of the stage');
    return input;
  }

  put(channel: number, from: number, message: SentMessage): void {
    this.#queues[this.inputOf(channel, from)]!.messages.push(message);
    this.wake();
  }

  /** The next message, null when all queues are empty or blocked. */
  take(): Arrival | null {
    for (let k = 0; k < this.#queues.length; k++) {
      const queue = this.#queues[(this.#turn + k) % this.#queues.length]!;
      if (queue.blocked || queue.at === queue.messages.length) continue;
      this.#turn = (this.#turn + k + 1) % this.#queues.length;
      const message = queue.messages[queue.at++]!;
      if (queue.at === queue.messages.length) {
        queue.messages.length = 0;
        queue.at = 0;
      }
      if (message.kind === 'rows') this.#taken(queue.channel, queue.from, message.count);
      return { channel: queue.channel, from: queue.from, message };
    }
    return null;
  }

  block(input: number): void {
    this.#queues[input]!.blocked = true;
  }

  unblock(): void {
    for (const queue of this.#queues) queue.blocked = false;
    this.wake();
  }

  /** Resolves when something may have come, or a queue is open again. */
  waiting(): Promise<void> {
    if (this.#queues.some(queue => !queue.blocked && queue.at < queue.messages.length))
      return Promise.resolve();
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
