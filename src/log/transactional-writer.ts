import { failpoint, MillraceError } from '../core/mod.ts';
import type { LogTable } from './broker.ts';
import { type EncodedBatch, rewriteHeader } from './codec/mod.ts';
import { encodeBatches, recordCountOf } from './encode-batches.ts';
import type {
  NewRecord,
  NewRecords,
  TopicPartition,
  Transaction,
  TransactionalWriter,
  TransactionPart,
  WriterState,
} from './log.ts';
import { allDone, appendMarker } from './markers.ts';
import type { LinkedBatches } from './partition/linked-batches.ts';
import type { Partition } from './partition/partition.ts';
import { nextSequence } from './partition/producer-entry.ts';

/** What `__transaction_state` holds per transactional id. Storing it is the commit point of a transaction. */
export interface StoredWriter {
  readonly status: 'EMPTY' | 'PREPARE_COMMIT';
  readonly producerId: number;
  readonly epoch: number;
  /** Counts the producer ids this writer has used up. */
  readonly generation: number;
  readonly sequence: number;
  readonly position: unknown;
  /**
   * Where committed transactions wrote: topic id, partition, offset behind the last record. All of the last
   * one's, and those of former ones whose markers may not be durable yet.
   */
  readonly parts: readonly StoredPart[];
}

type StoredPart = readonly [number, number, number];

/** A partition as a transaction sees it. */
export interface TransactionTarget {
  readonly topicId: number;
  readonly index: number;
  readonly name: string;
  readonly partition: Partition;
  readonly maxMessageBytes: number;
}

export interface WriterOptions {
  readonly transactionalId: string;
  readonly stored: StoredWriter;
  readonly table: LogTable<StoredWriter>;
  readonly nowMs: () => number;
  readonly target: (topic: string, partition: number) => TransactionTarget;
  /** undefined where the topic is gone. */
  readonly partitionOf: (topicId: number, index: number) => Partition | undefined;
}

/** A committed part whose marker a crash may still take. */
interface UnsurePart {
  readonly part: StoredPart;
  readonly partition: Partition;
  /** At or behind the marker. */
  readonly markerOffset: number;
}

interface Operation {
  readonly parts: readonly TransactionPart[];
  /** Null for `stage`. */
  readonly commit: Transaction | null;
  /** The batches of a file, in the place of `parts`; alone in their turn. */
  readonly linked?: { readonly target: TransactionTarget; readonly batches: LinkedBatches };
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Touched {
  readonly target: TransactionTarget;
  endOffset: number;
}

/** Commits that share one turn of flushes, at most; bounds the memory of a turn. */
const COMMITS_PER_TURN_MAX = 4096;
const RECORDS_PER_TURN_MAX = 65_536;

/**
 * Single writer, in turns: all commits that wait go together as one transaction in the log, which keeps each
 * of them atomic. A turn writes and flushes the data, stores PREPARE_COMMIT with sequence and position (the
 * commit point), and writes the COMMIT markers, which recovery makes good when they are lost.
 */
export class EmbeddedWriter implements TransactionalWriter {
  readonly #options: WriterOptions;
  #stored: StoredWriter;
  #operations: Operation[] = [];
  #running: Promise<void> | null = null;
  #failure: unknown = null;
  /** Why nothing is taken any more. Not an error: its stack would hold on to all who closed the writer. */
  #fenced: string | null = null;
  /** Partitions with data of the open transaction. */
  #touched = new Map<Partition, Touched>();
  #unsure: readonly UnsurePart[];

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#stored = options.stored;
    // Their markers were written, or written anew, before this writer was opened.
    this.#unsure = options.stored.parts.flatMap(part => {
      const partition = options.partitionOf(part[0], part[1]);
      return partition === undefined ? [] : [{ part, partition, markerOffset: partition.logEndOffset }];
    });
  }

  get state(): WriterState {
    return { sequence: this.#stored.sequence, position: this.#stored.position };
  }

  stage(parts: readonly TransactionPart[]): Promise<void> {
    return this.#enqueue(parts, null);
  }

  async adopt(at: TopicPartition, path: string, sizeBytes: number): Promise<boolean> {
    const target = this.#options.target(at.topic, at.partition);
    const batches = await target.partition.link(path, sizeBytes, target.maxMessageBytes);
    if (batches === null) return false;
    await this.#enqueue([], null, { target, batches });
    return true;
  }

  commit(transaction: Transaction): Promise<void> {
    return this.#enqueue(transaction.parts, transaction);
  }

  /** Waits for what was asked before; parts staged without a commit are aborted. */
  async close(): Promise<void> {
    while (this.#running !== null) await this.#running;
    if (this.#refusal() === null && this.#touched.size > 0) await this.#endWith('abort');
    await this.fence('the writer is closed');
  }

  /** Refuse everything from now on; resolves when the turn under way is over. */
  async fence(reason = 'a newer writer of this transactional id took over'): Promise<void> {
    this.#fenced ??= reason;
    await this.#running;
  }

  /** The error to refuse with, null where none is to be. */
  #refusal(): unknown {
    if (this.#failure !== null || this.#fenced === null) return this.#failure;
    return new MillraceError('PRODUCER_FENCED', `${this.#options.transactionalId}: ${this.#fenced}`);
  }

  #enqueue(
    parts: readonly TransactionPart[],
    commit: Transaction | null,
    linked?: Operation['linked'],
  ): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const operation = { parts, commit, resolve, reject };
      this.#operations.push(linked === undefined ? operation : { ...operation, linked });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#operations.length > 0) {
      const turn = this.#takeTurn();
      try {
        const refusal = this.#refusal();
        if (refusal !== null) throw refusal;
        const { linked, commit } = turn[0]!;
        if (linked !== undefined) await this.#adoptLinked(linked);
        else if (commit === null) await this.#writeData(turn);
        else await this.#commitAll(turn);
        for (const operation of turn) operation.resolve();
      } catch (error) {
        if (this.#fenced === null) this.#failure ??= error;
        for (const operation of turn.concat(this.#operations)) operation.reject(error);
        this.#operations = [];
      }
    }
    this.#running = null;
  }

  /** The longest run of operations of one kind: staged parts never mix with an earlier transaction. */
  #takeTurn(): Operation[] {
    const staging = this.#operations[0]!.commit === null;
    let records = 0;
    let count = 0;
    if (this.#operations[0]!.linked !== undefined) return this.#operations.splice(0, 1);
    for (const operation of this.#operations) {
      if (operation.linked !== undefined) break;
      records += operation.parts.reduce((sum, part) => sum + recordCountOf(part.records), 0);
      if ((operation.commit === null) !== staging) break;
      if (count > 0 && (records > RECORDS_PER_TURN_MAX || count === COMMITS_PER_TURN_MAX)) break;
      count++;
    }
    return this.#operations.splice(0, count);
  }

  async #commitAll(turn: readonly Operation[]): Promise<void> {
    let last = this.#stored.sequence;
    const fresh = turn.filter(({ commit }) => {
      if (commit === null || commit.sequence <= last) return false;
      last = commit.sequence;
      return true;
    });
    // Parts staged for a transaction that is stored already are its duplicate.
    if (fresh[0] !== turn[0] && this.#touched.size > 0) await this.#endWith('abort');
    const final = fresh.at(-1)?.commit;
    if (final === null || final === undefined) return;
    try {
      await this.#writeData(fresh);
    } catch (error) {
      // Nothing is prepared, so the outcome is known: free the readers now if that works, else at the next
      // opening.
      await this.#endWith('abort').catch(() => undefined);
      throw error;
    }
    failpoint('log.transaction.data.after');
    const stored: StoredWriter = {
      ...this.#stored,
      status: 'PREPARE_COMMIT',
      sequence: final.sequence,
      position: final.position ?? null,
      parts: this.#partsToStore(),
    };
    await this.#options.table.put([this.#options.transactionalId, stored]);
    this.#stored = stored;
    failpoint('log.transaction.prepare.after');
    await this.#endWith('commit');
    failpoint('log.transaction.markers.after');
  }

  #partsToStore(): StoredPart[] {
    this.#unsure = this.#unsure.filter(({ partition, markerOffset }) => {
      const isOver = this.#touched.has(partition) || partition.closed;
      return !isOver && partition.durableOffset <= markerOffset;
    });
    const touched = [...this.#touched.values()].map(partOf);
    return [...touched, ...this.#unsure.map(({ part }) => part)];
  }

  /** Append the records of all operations, joined by partition, and wait for the flushes. */
  async #writeData(operations: readonly Operation[]): Promise<void> {
    const joined = new Map<Partition, { target: TransactionTarget; runs: NewRecords[] }>();
    for (const { parts } of operations) {
      for (const { topic, partition, records } of parts) {
        const target = this.#options.target(topic, partition);
        const known = joined.get(target.partition);
        const runs = known?.runs ?? [];
        if (known === undefined) joined.set(target.partition, { target, runs });
        join(runs, records);
      }
    }
    const encoded = [...joined.values()]
      .filter(({ runs }) => runs.length > 0)
      .map(({ target, runs }) => ({ target, ...this.#encode(target, runs) }));
    await allDone(
      encoded.map(({ target, batches, role }) => {
        const { done } = target.partition.append(batches, role);
        this.#touched.set(target.partition, { target, endOffset: target.partition.logEndOffset });
        return done;
      }),
    );
  }

  async #adoptLinked({ target, batches: linked }: NonNullable<Operation['linked']>): Promise<void> {
    const producer = this.#producer(target);
    const maxTimestamp = this.#options.nowMs();
    let { baseSequence } = producer;
    const batches = linked.batches.map(batch => {
      rewriteHeader(batch.bytes, { ...producer, baseSequence }, maxTimestamp);
      baseSequence = (baseSequence + batch.recordCount) % 2 ** 31;
      return { ...batch, maxTimestamp };
    });
    const { done } = target.partition.adopt({ ...linked, batches }, { ...producer, marker: null });
    this.#touched.set(target.partition, { target, endOffset: target.partition.logEndOffset });
    await done;
  }

  #producer(target: TransactionTarget) {
    const { producerId, epoch } = this.#stored;
    return {
      producerId,
      producerEpoch: epoch,
      baseSequence: nextSequence(target.partition.producer(producerId), epoch),
      transactional: true,
    };
  }

  #encode(target: TransactionTarget, runs: readonly NewRecords[]) {
    const producer = this.#producer(target);
    const batches: EncodedBatch[] = [];
    let { baseSequence } = producer;
    for (const records of runs) {
      const made = encodeBatches(records, { ...producer, baseSequence }, this.#options.nowMs(), {
        ...target,
        split: true,
      });
      batches.push(...made);
      baseSequence = (baseSequence + recordCountOf(records)) % 2 ** 31;
    }
    return { batches, role: { ...producer, marker: null } };
  }

  async #endWith(outcome: 'commit' | 'abort'): Promise<void> {
    const touched = [...this.#touched.values()];
    this.#touched = new Map();
    const ends: Promise<void>[] = [];
    const unsure: UnsurePart[] = [];
    for (const { target, endOffset } of touched) {
      const { partition } = target;
      const marker = appendMarker(partition, identityOf(this.#stored), outcome, this.#options.nowMs());
      ends.push(marker.done);
      unsure.push({ part: partOf({ target, endOffset }), partition, markerOffset: marker.baseOffset });
    }
    if (outcome === 'commit') this.#unsure = [...this.#unsure, ...unsure];
    await allDone(ends);
  }
}

const partOf = ({ target, endOffset }: Touched): StoredPart => [target.topicId, target.index, endOffset];

export const identityOf = ({ producerId, epoch }: StoredWriter) => ({ producerId, producerEpoch: epoch });

/** Add records behind those that are there; single ones go together, so that they share batches. */
function join(runs: NewRecords[], records: NewRecords): void {
  if (recordCountOf(records) === 0) return;
  const last = runs.at(-1);
  if ('packed' in records) runs.push(records);
  else if (last === undefined || 'packed' in last) runs.push([...records]);
  else for (const record of records) (last as NewRecord[]).push(record);
}
