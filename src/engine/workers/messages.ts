import { buffersOf } from '../../core/mod.ts';
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
export const wireBuffers = (message: WireMessage): ArrayBuffer[] =>
  message.kind === 'data' && message.message.kind === 'batch' ? buffersOf(message.message.batch) : [];

/** What a worker is given at its start. */
export interface WorkerStart {
  readonly index: number;
  /** What the program's own entry wants to know. */
  readonly data: unknown;
}
