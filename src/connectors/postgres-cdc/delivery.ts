import { failpoint, MillraceError } from '../../core/mod.ts';
import {
  type Log,
  type NewRecord,
  partitionOfKey,
  type TransactionalWriter,
  type TransactionPart,
} from '../../log/mod.ts';

/** A transaction of more records is staged in parts. */
const STAGE_RECORDS_MAX = 8_192;
const STAGE_BYTES_MAX = 4 << 20;
/** Bytes handed to the log and not yet durable, at most (one part more). */
const IN_FLIGHT_BYTES_MAX = 24 << 20;
const IN_FLIGHT_COMMITS_MAX = 4_096;

/** What a committed transaction carries: where the source stands behind it. */
export interface CapturePosition {
  /** End of the last transaction in the log, decimal. */
  readonly lsn: string;
  /** The server's system identifier: positions of another server mean nothing. */
  readonly system: string;
}

interface OpenPart {
  readonly topic: string;
  readonly partition: number;
  readonly records: NewRecord[];
}

/**
 * Source transactions into log transactions: records are collected by partition, large ones staged, commits
 * follow one
 * another without waiting, so that many share a flush. What is durable is known in the order of the commits.
 */
export class Delivery {
  readonly #writer: TransactionalWriter;
  readonly #log: Log;
  readonly #topicPartitions: number;
  readonly #onDurable: (lsn: number, records: number) => void;
  readonly #topics = new Map<string, number>();
  #parts = new Map<string, OpenPart>();
  #records = 0;
  #bytes = 0;
  #recordsOfTransaction = 0;
  #inFlightBytes = 0;
  #inFlightCommits = 0;
  #inFlightStages = 0;
  #keyless = 0;
  #failure: unknown = null;
  #wake: (() => void)[] = [];

  constructor(
    writer: TransactionalWriter,
    log: Log,
    topicPartitions: number,
    onDurable: (lsn: number, records: number) => void,
  ) {
    this.#writer = writer;
    this.#log = log;
    this.#topicPartitions = topicPartitions;
    this.#onDurable = onDurable;
  }

  /** Nothing is collected, nothing on its way. */
  get idle(): boolean {
    return this.#recordsOfTransaction === 0 && this.#inFlightCommits === 0;
  }

  /** True when the caller should await `room()` before it goes on. */
  get full(): boolean {
    return (
      this.#failure !== null ||
      this.#inFlightBytes > IN_FLIGHT_BYTES_MAX ||
      this.#inFlightCommits > IN_FLIGHT_COMMITS_MAX
    );
  }

  /** Create the topic where it does not exist. Call before `add`. */
  async ensureTopic(topic: string): Promise<void> {
    if (this.#topics.has(topic)) return;
    const known = await this.#log.describeTopic(topic);
    if (known === undefined) await this.#create(topic);
    this.#topics.set(topic, known?.partitions ?? this.#topicPartitions);
  }

  async #create(topic: string): Promise<void> {
    try {
      await this.#log.createTopic(topic, this.#topicPartitions);
    } catch (error) {
      if (!(error instanceof MillraceError && error.code === 'TOPIC_EXISTS')) throw error;
    }
  }

  /** Add a record to the open transaction. */
  add(topic: string, record: NewRecord): void {
    const partitions = this.#topics.get(topic) ?? 1;
    const partition = partitions === 1 ? 0 : this.#partitionOf(record, partitions);
    const name = partition === 0 ? topic : `${topic}\0${partition}`;
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = { topic, partition, records: [] };
      this.#parts.set(name, part);
    }
    part.records.push(record);
    this.#records++;
    this.#recordsOfTransaction++;
    this.#bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0) + 64;
    if (this.#records >= STAGE_RECORDS_MAX || this.#bytes >= STAGE_BYTES_MAX) this.#stage();
  }

  #partitionOf(record: NewRecord, partitions: number): number {
    return record.key === null ? this.#keyless++ % partitions : partitionOfKey(record.key, partitions);
  }

  #stage(): void {
    const { parts, bytes } = this.#take();
    this.#inFlightStages++;
    this.#watch(this.#writer.stage(parts), bytes, () => {
      this.#inFlightStages--;
    });
  }

  /** Commit the open transaction. `lsn` is its end in the source and its sequence unless another is given. */
  commit(lsn: number, system: string, sequence = lsn): void {
    const { parts, bytes } = this.#take();
    const records = this.#recordsOfTransaction;
    this.#recordsOfTransaction = 0;
    this.#inFlightCommits++;
    failpoint('capture.commit.before');
    const position: CapturePosition = { lsn: String(lsn), system };
    this.#watch(this.#writer.commit({ sequence, position, parts }), bytes, () => {
      this.#inFlightCommits--;
      failpoint('capture.commit.after');
      this.#onDurable(lsn, records);
    });
  }

  #take(): { parts: readonly TransactionPart[]; bytes: number } {
    const parts = [...this.#parts.values()];
    const bytes = this.#bytes;
    this.#parts = new Map();
    this.#records = 0;
    this.#bytes = 0;
    this.#inFlightBytes += bytes;
    return { parts, bytes };
  }

  #watch(promise: Promise<void>, bytes: number, done: () => void): void {
    promise
      .then(done)
      .catch(error => {
        this.#failure ??= error;
      })
      .then(() => {
        this.#inFlightBytes -= bytes;
        for (const wake of this.#wake.splice(0)) wake();
      });
  }

  /** Resolves when more may be added; throws what the log threw. */
  async room(): Promise<void> {
    while (this.full) await this.#change();
  }

  /** Resolves when everything committed is durable. */
  async drained(): Promise<void> {
    while (this.#failure === null && this.#inFlightCommits + this.#inFlightStages > 0) await this.#change();
    if (this.#failure !== null) throw this.#failure;
  }

  async #change(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await new Promise<void>(resolve => {
      this.#wake.push(resolve);
    });
  }
}
