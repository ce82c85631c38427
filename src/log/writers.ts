import { MillraceError } from '../core/mod.ts';
import type { LogTable } from './broker.ts';
import type { TransactionalWriter } from './log.ts';
import { allDone, appendMarker } from './markers.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { Topics } from './topics.ts';
import {
  EmbeddedWriter,
  identityOf,
  type StoredWriter,
  type TransactionTarget,
} from './transactional-writer.ts';

export interface WritersOptions {
  readonly table: LogTable<StoredWriter>;
  readonly topics: Topics;
  readonly producers: ProducerIds;
  readonly nowMs: () => number;
}

const EPOCH_MAX = 32_767;

/**
 * The transactional writers of the log: opening, fencing, and finishing what a crash or a failure left
 * open.
 */
export class Writers {
  readonly #options: WritersOptions;
  readonly #open = new Map<string, EmbeddedWriter>();
  readonly #opening = new Map<string, Promise<unknown>>();

  constructor(options: WritersOptions) {
    this.#options = options;
  }

  /** Open the writer of this name; an older holder is fenced first, its unfinished transaction aborted. */
  open(transactionalId: string): Promise<TransactionalWriter> {
    const before = this.#opening.get(transactionalId) ?? Promise.resolve();
    const opened = before.then(() => this.#openNext(transactionalId));
    this.#opening.set(
      transactionalId,
      opened.catch(() => undefined),
    );
    return opened;
  }

  async #openNext(transactionalId: string): Promise<EmbeddedWriter> {
    await this.#open.get(transactionalId)?.fence();
    this.#open.delete(transactionalId);
    const { table, nowMs } = this.#options;
    const former = table.get(transactionalId);
    const stored = await this.#nextEpoch(transactionalId, former);
    // The new epoch is durable before anything of the former is ended: its commit point is settled either
    // way.
    await table.put([transactionalId, stored]);
    await this.#finish(
      former ?? stored,
      stored.producerId === former?.producerId ? stored : (former ?? stored),
    );
    const target = (topic: string, partition: number): TransactionTarget => this.#target(topic, partition);
    const ids = new Map(Array.from(this.#options.topics.all(), topic => [topic.id, topic]));
    const partitionOf = (topicId: number, index: number) => ids.get(topicId)?.open[index];
    const writer = new EmbeddedWriter({ transactionalId, stored, table, nowMs, target, partitionOf });
    this.#open.set(transactionalId, writer);
    return writer;
  }

  async #nextEpoch(transactionalId: string, former: StoredWriter | undefined): Promise<StoredWriter> {
    if (former !== undefined && former.epoch < EPOCH_MAX) return { ...former, epoch: former.epoch + 1 };
    const generation = former === undefined ? 0 : former.generation + 1;
    const producerId = await this.#options.producers.idOf(`writer/${transactionalId}/${generation}`);
    const fresh = { status: 'EMPTY', sequence: -1, position: null, parts: [] } as const;
    return { ...(former ?? fresh), producerId, generation, epoch: 0 };
  }

  #target(topic: string, index: number): TransactionTarget {
    const found = this.#options.topics.find(topic);
    const partition = this.#options.topics.partition(topic, index);
    const { maxMessageBytes } = partition.settings;
    return { topicId: found.id, index, name: topic, partition, maxMessageBytes };
  }

  /** After a start: commit what is behind its commit point, abort the rest. */
  async finishAll(): Promise<void> {
    for (const [, stored] of this.#options.table.entries()) {
      try {
        await this.#finish(stored, stored);
      } catch (error) {
        // Without room for markers the log still opens; the transaction is finished when its writer is
        // opened.
        if (!(error instanceof MillraceError && error.code === 'LOG_FULL')) throw error;
      }
    }
  }

  /**
   * End the open transactions of a writer's producer id. What begins before the stored end of the partition
   * belongs to the last committed transaction; anything later was never committed.
   */
  async #finish(writer: StoredWriter, marking: StoredWriter): Promise<void> {
    const ends: Promise<void>[] = [];
    for (const topic of this.#options.topics.all()) {
      for (const [index, partition] of topic.open.entries()) {
        await partition.settled().catch(() => undefined);
        const first = partition.state.ongoing.get(writer.producerId);
        if (first === undefined) continue;
        const part = writer.parts.find(([id, at]) => id === topic.id && at === index);
        const outcome = part !== undefined && first < part[2] ? 'commit' : 'abort';
        ends.push(appendMarker(partition, identityOf(marking), outcome, this.#options.nowMs()).done);
      }
    }
    await allDone(ends);
  }

  async close(): Promise<void> {
    for (const writer of this.#open.values()) await writer.close();
  }
}
