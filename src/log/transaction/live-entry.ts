import { MillraceError } from '../../core/mod.ts';
import type { LogTable } from '../broker.ts';
import type { TopicPartition } from '../log.ts';
import type { Partition } from '../partition/partition.ts';
import { Refusal } from '../refusal.ts';
import { type EndedPart, stillNeeded } from './ended.ts';
import type { TransactionEntry, TransactionMetadata, TransactionState } from './metadata.ts';
import { type StoredTransaction, toStored } from './stored.ts';

/** A transactional id in memory. One change at a time: `pending` and `busy` say that one is under way. */
export interface LiveEntry extends TransactionEntry {
  metadata: TransactionMetadata;
  pending: TransactionState | null;
  /** Resolves, never rejects, when the change under way is through. */
  busy: Promise<void> | null;
  ended: readonly EndedPart[];
  /** Partitions that are about to be added by one write. */
  gathering: {
    readonly producerEpoch: number;
    readonly partitions: TopicPartition[];
    readonly done: Promise<void>;
  } | null;
}

export function liveEntry(metadata: TransactionMetadata, ended: readonly EndedPart[] = []): LiveEntry {
  return { metadata, pending: null, busy: null, ended, gathering: null };
}

export type TransactionTable = LogTable<StoredTransaction>;

/** A partition as a transaction sees it; `topicId` tells a topic from one of the same name made later. */
export interface TransactionPartition {
  readonly topic: string;
  readonly topicId: number;
  readonly index: number;
  readonly partition: Partition;
}

/** The log's partitions. */
export interface TransactionPartitions {
  /** undefined where the topic or the partition is gone. */
  find(at: TopicPartition): TransactionPartition | undefined;
  all(): Iterable<TransactionPartition>;
}

/** The partition that is meant: not one of a topic that was made again under the same name. */
export function partOf(partitions: TransactionPartitions, part: EndedPart): Partition | undefined {
  const found = partitions.find(part);
  return found?.topicId === part.topicId ? found.partition : undefined;
}

/** Where transactional ids are kept. */
export class TransactionStore {
  readonly #table: TransactionTable;
  readonly #partitions: TransactionPartitions;

  constructor(table: TransactionTable, partitions: TransactionPartitions) {
    this.#table = table;
    this.#partitions = partitions;
  }

  /**
   * Make `next` durable, then go on from it. Where that fails the id stays where it was, and clients are told to
   * try again.
   */
  async put(entry: LiveEntry, next: TransactionMetadata): Promise<void> {
    entry.pending = next.state;
    const stored = this.write(entry, next);
    entry.busy = settled(stored);
    try {
      await stored;
      entry.metadata = next;
    } catch (error) {
      throw inKafkasWords(error);
    } finally {
      entry.pending = null;
      entry.busy = null;
    }
  }

  /** Write what is to be stored of an id. */
  write(entry: LiveEntry, next: TransactionMetadata): Promise<void> {
    return this.#table.put(this.row(entry, next));
  }

  /** What is to be stored of an id. */
  row(entry: LiveEntry, next: TransactionMetadata): readonly [string, StoredTransaction] {
    entry.ended = stillNeeded(entry.ended, part => partOf(this.#partitions, part)?.durableOffset);
    return [next.transactionalId, toStored(next, entry.ended)];
  }

  /** Forget an id. */
  async remove(entry: LiveEntry): Promise<void> {
    entry.pending = 'Dead';
    try {
      await this.#table.put([entry.metadata.transactionalId, null]);
    } finally {
      entry.pending = null;
    }
  }
}

/** Resolves when the other does or fails; who waits for the outcome has the other. */
export const settled = (work: Promise<void>): Promise<void> => work.catch(() => undefined);

/** The coordinator's own storage failed: nobody but it can tell, so clients look for it again and repeat. */
function inKafkasWords(error: unknown): unknown {
  const isStorage = error instanceof MillraceError && (error.code === 'LOG_FULL' || error.code === 'LOG_IO');
  return isStorage ? new Refusal('COORDINATOR_NOT_AVAILABLE', error.message) : error;
}
