import { messageOf } from '../core/mod.ts';
import type { LogBase } from './log-base.ts';
import type { Partition } from './partition/partition.ts';

/** Retention, compaction and forgetting of producers, now and then, until the log closes. */
export class Housekeeping {
  readonly #base: LogBase;
  readonly #ended: Promise<void>;
  /** Why it failed the last time, to be shown; it is tried again. */
  failure: string | null = null;

  constructor(base: LogBase) {
    this.#base = base;
    this.#ended = this.#run();
  }

  /** Resolves when it has ended, as it does when the log closes. */
  ended(): Promise<void> {
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { clock, closing, settings } = this.#base;
    while (!closing.aborted) {
      await clock.sleep(settings.retentionCheckIntervalMs, closing).catch(() => undefined);
      if (closing.aborted) return;
      let failure: string | null = null;
      for (const partition of this.#base.partitions) {
        const found = await this.#keep(partition);
        failure ??= found;
      }
      this.failure = failure;
    }
  }

  async #keep(partition: Partition): Promise<string | null> {
    const { producerIds, settings } = this.#base;
    const sinceMs = this.#base.nowMs() - settings.producerIdExpirationMs;
    try {
      if (!partition.closed) await partition.applyRetention();
      if (!partition.closed) await partition.applyCompaction();
      partition.state.forgetProducers(sinceMs, id => producerIds.isOwn(id));
      return null;
    } catch (error) {
      return partition.closed ? null : `retention or compaction failed: ${messageOf(error)}`;
    }
  }
}
