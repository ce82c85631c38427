import type { MessagePort } from 'node:worker_threads';
import type { WireMessage } from '../exchange/outbox.ts';
import type { TaskSpec } from '../job/task-types.ts';

/** A task as a worker is told to make it. */
export interface TaskOrder {
  /** Unique among all tasks of all attempts. */
  readonly key: string;
  /** The same for all tasks of an attempt. */
  readonly group: string;
  readonly spec: TaskSpec;
  /** The worker of each task of the attempt. */
  readonly placement: readonly number[];
}

/** What one task sends another in another worker. */
export interface WireEnvelope {
  readonly group: string;
  readonly target: number;
  readonly message: WireMessage;
}

/** The memory that goes with a message. */
const wireBuffers = (message: WireMessage): readonly ArrayBuffer[] =>
  message.kind === 'data' && message.message.kind === 'rows' ? [message.message.memory] : [];

/**
 * Collects what goes to another worker, and sends all of it when the work under way makes room for others:
 * waking a thread costs more than most messages.
 */
export class WirePort {
  readonly #port: Pick<MessagePort, 'postMessage'>;
  #waiting: WireEnvelope[] = [];

  constructor(port: Pick<MessagePort, 'postMessage'>) {
    this.#port = port;
  }

  post(envelope: WireEnvelope): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push(envelope);
  }

  #flush(): void {
    const envelopes = this.#waiting;
    this.#waiting = [];
    this.#port.postMessage(
      envelopes,
      envelopes.flatMap(({ message }) => wireBuffers(message)),
    );
  }
}

/** What a worker is given at its start. */
export interface WorkerStart {
  readonly index: number;
  /** What the program's own entry wants to know. */
  readonly data: unknown;
}
