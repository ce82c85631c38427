import type { Clock } from '../../core/mod.ts';
import {
  type CheckpointEffect,
  type CheckpointEvent,
  type CheckpointState,
  decideCheckpoint,
  initialCheckpointState,
} from '../../state/mod.ts';
import { type CheckpointImage, type CheckpointStorage, encodeImage, lastingOf } from './checkpoint-image.ts';
import type { CheckpointStatus } from './job-types.ts';
import type { SavepointTarget } from './savepoint.ts';

/** What checkpointing asks of the attempt it serves. */
export interface CheckpointWork {
  readonly clock: Clock;
  readonly storage: CheckpointStorage;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** Put the barrier through: no rows move while it runs. */
  capture(epoch: number): Promise<CheckpointImage>;
  /** Make the staged output of a stored image visible. */
  commit(image: CheckpointImage): Promise<void>;
  fail(error: unknown): void;
}

/** Someone waits for a checkpoint. */
interface Request {
  resolve(epoch: number): void;
  reject(error: unknown): void;
  readonly savepoint: SavepointTarget | null;
}

/** Carries out what `decideCheckpoint` decides. */
export class Checkpointing {
  readonly #work: CheckpointWork;
  readonly #requests = new Map<number, Request>();
  #state: CheckpointState;
  #image: CheckpointImage | null = null;
  #bytes = 0;
  #began = 0;
  #count = 0;
  #nextRequest = 0;
  #stopped: { readonly reason: unknown } | null = null;
  status: CheckpointStatus | null = null;

  constructor(work: CheckpointWork, epoch: number) {
    this.#work = work;
    this.#state = initialCheckpointState(epoch);
  }

  /** Rows moved: a checkpoint becomes due after the interval. */
  changed(): void {
    if (!this.#state.changed) this.#dispatch({ kind: 'changed' });
  }

  /** The next checkpoint is due now, whatever the interval. */
  now(): void {
    this.changed();
    this.#dispatch({ kind: 'wanted' });
  }

  /**
   * Resolves with the epoch of a checkpoint whose barrier falls after this call, once it is committed, and
   * kept as a savepoint where one is asked for.
   */
  request(savepoint: SavepointTarget | null = null): Promise<number> {
    // No barrier comes any more: who asked while the attempt closes would wait for ever.
    if (this.#stopped !== null) return Promise.reject(this.#stopped.reason);
    const request = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#requests.set(request, { resolve, reject, savepoint });
      this.#dispatch({ kind: 'requested', request });
    });
  }

  stop(reason: unknown): void {
    this.#stopped ??= { reason };
    this.#dispatch({ kind: 'stop' });
    for (const { reject } of this.#requests.values()) reject(reason);
    this.#requests.clear();
  }

  #dispatch(event: CheckpointEvent): void {
    const { state, effects } = decideCheckpoint(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect).catch(error => this.#work.fail(error));
  }

  async #carryOut(effect: CheckpointEffect): Promise<void> {
    const { clock, storage, signal, intervalMs } = this.#work;
    switch (effect.kind) {
      case 'schedule':
        await clock.sleep(intervalMs, signal).then(
          () => this.#dispatch({ kind: 'due' }),
          () => undefined, // the attempt ended meanwhile
        );
        return;
      case 'prepare':
        this.#began = clock.monotonicMs();
        this.#image = await this.#work.capture(effect.epoch);
        return this.#dispatch({ kind: 'prepared' });
      case 'store': {
        const parts = encodeImage(this.#image!);
        this.#bytes = parts.reduce((sum, part) => sum + part.length, 0);
        await storage.store(effect.epoch, parts, lastingOf(this.#image!));
        return this.#dispatch({ kind: 'stored' });
      }
      case 'commit':
        // Before the commit: then the memory of the state's copies is used again.
        for (const savepoint of this.#savepoints()) await savepoint.write(this.#image!);
        await this.#work.commit(this.#image!);
        for (const savepoint of this.#savepoints()) await savepoint.complete();
        this.#completed(effect.epoch);
        this.#image = null;
        return this.#dispatch({ kind: 'committed' });
      case 'discardBelow':
        return storage.discardBelow(effect.epoch);
      case 'answer':
        this.#requests.get(effect.request)?.resolve(effect.epoch);
        this.#requests.delete(effect.request);
    }
  }

  /** Those that the checkpoint under way is for. */
  #savepoints(): readonly SavepointTarget[] {
    return this.#state.serving.flatMap(request => this.#requests.get(request)?.savepoint ?? []);
  }

  #completed(epoch: number): void {
    const { clock } = this.#work;
    this.status = {
      epoch,
      completedAtMs: clock.nowMs(),
      durationMs: clock.monotonicMs() - this.#began,
      stallMs: Math.max(0, ...this.#image!.tasks.map(task => task.stallMs)),
      bytes: this.#bytes,
      count: ++this.#count,
    };
  }
}
