import { randomUUID } from 'node:crypto';
import { assert, type Clock, MillraceError, messageOf } from '../core/mod.ts';
import { NO_PRODUCER } from './codec/mod.ts';
import { takeDataDirectory } from './data-directory.ts';
import { encodeBatches, recordCountOf } from './encode-batches.ts';
import { DEFAULT_GROUP_SETTINGS, GroupCoordinator, type GroupSettings, type Groups } from './group/mod.ts';
import type {
  AppendResult,
  IsolationLevel,
  Log,
  LogStats,
  NewRecords,
  PartitionOffsets,
  ProducerSequence,
  ReadResult,
  TopicConfig,
  TopicDescription,
  TopicPartition,
  TransactionalWriter,
} from './log.ts';
import { type LogCounters, Partition } from './partition/partition.ts';
import type { Stretch } from './partition/stretch.ts';
import { ProducerIds } from './producer-ids.ts';
import { DEFAULT_LOG_SETTINGS, type LogSettings, settingsFor } from './settings.ts';
import { inOurWords, type Storage, type StorageLock } from './storage/storage.ts';
import { tablePart } from './table-part.ts';
import { TableTopic } from './table-topic.ts';
import { type StoredTopic, Topics } from './topics.ts';
import { TransactionCoordinator } from './transaction/coordinator.ts';
import { DEFAULT_TRANSACTION_SETTINGS, type TransactionSettings } from './transaction/settings.ts';
import type { StoredTransaction } from './transaction/stored.ts';
import { transactionPartitions } from './transaction/transaction-partitions.ts';
import type { Transactions } from './transaction/transactions.ts';
import type { StoredWriter } from './transactional-writer.ts';
import { Writers } from './writers.ts';

/** What `openEmbeddedLog` needs; settings left out take Kafka's defaults, with flush `ack`. */
export interface EmbeddedLogOptions extends Partial<LogSettings> {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly directory: string;
  /** Limits of clients' transactions, where they are not Kafka's defaults. */
  readonly transactions?: Partial<TransactionSettings>;
  /** Left out: Kafka's defaults. */
  readonly groups?: Partial<GroupSettings>;
}

const SEQUENCE_MAX = 2 ** 31 - 1;
/** The log's own topics. They begin with `__`, which no user's topic may. */
const CATALOG_TOPIC = '__topics';
const PRODUCER_TOPIC = '__producer_ids';
const TRANSACTION_TOPIC = '__transaction_state';
/** Before the transactional ids of clients in that topic; the log's own writers have none. */
const CLIENT_PREFIX = 'client:';
const OFFSETS_TOPIC = '__consumer_offsets';

/**
 * Open the log in a directory, recovering what a crash left: torn tails are cut off, transactions behind
 * their commit point are finished, others aborted. DATA_DIR_LOCKED, DATA_DIR_NEWER, LOG_CORRUPT.
 */
export async function openEmbeddedLog(
  options: EmbeddedLogOptions,
): Promise<Log & { readonly groups: Groups }> {
  return inOurWords(`opening the log in ${options.directory}`, async () => {
    const lock = await takeDataDirectory(options.storage, options.directory);
    const log = new EmbeddedLog(options, lock);
    try {
      await log.recover();
      return log;
    } catch (error) {
      await log.close();
      throw error;
    }
  });
}

class EmbeddedLog implements Log {
  readonly #options: EmbeddedLogOptions;
  readonly #settings: LogSettings;
  readonly #lock: StorageLock;
  readonly #closing = new AbortController();
  readonly #counters: LogCounters = {
    recordsAppended: 0,
    bytesAppended: 0,
    recordsRead: 0,
    bytesRead: 0,
    flushes: 0,
  };
  /** All that were opened, the log's own ones too. */
  readonly #partitions = new Set<Partition>();
  #topics!: Topics;
  #producers!: ProducerIds;
  #writers!: Writers;
  #transactions!: TransactionCoordinator;
  #groups!: GroupCoordinator;
  #housekeeping: Promise<void> = Promise.resolve();
  #housekeepingFailure: string | null = null;
  #groupFailure: string | null = null;

  constructor(options: EmbeddedLogOptions, lock: StorageLock) {
    this.#options = options;
    this.#settings = { ...DEFAULT_LOG_SETTINGS, ...options };
    this.#lock = lock;
  }

  async recover(): Promise<void> {
    const { storage, directory } = this.#options;
    const catalog = await this.#openTable<StoredTopic>(CATALOG_TOPIC, 'ack');
    const open = (topic: string, partition: number, config: TopicConfig): Promise<Partition> =>
      this.#openPartition(topic, partition, config);
    this.#topics = new Topics(storage, directory, catalog, open);
    await this.#topics.openAll();
    this.#producers = new ProducerIds(await this.#openTable<number>(PRODUCER_TOPIC, 'ack'));
    const transactions = await this.#openTable<unknown>(TRANSACTION_TOPIC, this.#settings.flush);
    this.#writers = new Writers({
      table: tablePart<StoredWriter>(transactions, '', [CLIENT_PREFIX]),
      topics: this.#topics,
      producers: this.#producers,
      nowMs: () => this.#nowMs(),
      maxMessageBytes: this.#settings.maxMessageBytes,
    });
    this.#groups = await this.#openGroups();
    this.#transactions = new TransactionCoordinator({
      table: tablePart<StoredTransaction>(transactions, CLIENT_PREFIX),
      ids: this.#producers,
      partitions: transactionPartitions(this.#topics),
      completeOffsets: (producerId, committed) => this.#groups.completeTransaction(producerId, committed),
      clock: this.#options.clock,
      settings: { ...DEFAULT_TRANSACTION_SETTINGS, ...this.#options.transactions },
    });
    await storage.syncDir(directory);
    await this.#writers.finishAll();
    await this.#transactions.recover();
    this.#housekeeping = this.#keepHouse();
  }

  #nowMs(): number {
    return Math.floor(this.#options.clock.nowMs());
  }

  /** Names and topics are rare and always flushed; transactions are as the log's setting says. */
  async #openTable<V>(topic: string, flush: LogSettings['flush']): Promise<TableTopic<V>> {
    return TableTopic.open<V>(await this.#openOwn(topic, flush), () => this.#nowMs());
  }

  #openOwn(topic: string, flush: LogSettings['flush']): Promise<Partition> {
    const config: TopicConfig = {
      'cleanup.policy': 'compact',
      'segment.bytes': DEFAULT_LOG_SETTINGS.segmentBytes,
    };
    return this.#openPartition(topic, 0, config, flush);
  }

  async #openGroups(): Promise<GroupCoordinator> {
    return GroupCoordinator.open({
      partition: await this.#openOwn(OFFSETS_TOPIC, this.#settings.flush),
      clock: this.#options.clock,
      settings: { ...DEFAULT_GROUP_SETTINGS, ...this.#options.groups },
      uuid: randomUUID,
      failed: message => {
        this.#groupFailure = message;
      },
    });
  }

  get groups(): Groups {
    return this.#groups;
  }

  async #openPartition(
    topic: string,
    partition: number,
    config: TopicConfig,
    flush = this.#settings.flush,
  ): Promise<Partition> {
    const name = `${topic}-${partition}`;
    const compacted = config['cleanup.policy']?.includes('compact') ?? false;
    const opened = await Partition.open({
      storage: this.#options.storage,
      clock: this.#options.clock,
      directory: `${this.#options.directory}/${name}`,
      name,
      settings: { ...settingsFor(this.#settings, config), flush },
      compaction: compacted ? { minLagMs: config['min.compaction.lag.ms'] ?? 0 } : null,
      counters: this.#counters,
    });
    this.#partitions.add(opened);
    return opened;
  }

  #partition(at: TopicPartition): Partition {
    if (this.#closing.signal.aborted) throw new MillraceError('LOG_IO', 'the log is closed');
    return this.#topics.partition(at.topic, at.partition);
  }

  createTopic(name: string, partitions: number, config: TopicConfig = {}): Promise<void> {
    return inOurWords(`creating topic ${name}`, () => this.#topics.create(name, partitions, config));
  }

  async deleteTopic(name: string): Promise<void> {
    const open = this.#topics.find(name).open;
    await inOurWords(`deleting topic ${name}`, () => this.#topics.delete(name));
    for (const partition of open) this.#partitions.delete(partition);
    await this.#groups.forgetTopic(name);
  }

  async topics(): Promise<readonly TopicDescription[]> {
    return Array.from(this.#topics.all(), ({ name, partitions, config }) => ({ name, partitions, config }));
  }

  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    return this.#topics.describe(name);
  }

  async append(
    at: TopicPartition,
    records: NewRecords,
    idempotence?: ProducerSequence,
  ): Promise<AppendResult> {
    const partition = this.#partition(at);
    assert(recordCountOf(records) > 0, 'an append holds at least one record');
    if (idempotence !== undefined) return this.#appendOnce(at, partition, records, idempotence);
    const { baseOffset, done } = this.#appendNow(at, partition, records, NO_PRODUCER, NO_PRODUCER);
    await done;
    return { baseOffset, duplicate: false };
  }

  #appendNow(
    at: TopicPartition,
    partition: Partition,
    records: NewRecords,
    producerId: number,
    baseSequence: number,
  ): { baseOffset: number; done: Promise<void> } {
    const idempotent = producerId !== NO_PRODUCER;
    const epoch = idempotent ? 0 : NO_PRODUCER;
    const producer = { producerId, producerEpoch: epoch, baseSequence, transactional: false };
    const config = this.#topics.find(at.topic).config;
    const batches = encodeBatches(records, producer, this.#nowMs(), {
      name: at.topic,
      maxMessageBytes: config['max.message.bytes'] ?? this.#settings.maxMessageBytes,
      split: !idempotent,
    });
    return partition.append(batches, { ...producer, marker: null });
  }

  async #appendOnce(
    at: TopicPartition,
    partition: Partition,
    records: NewRecords,
    { producer, sequence, sparse = false }: ProducerSequence,
  ): Promise<AppendResult> {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence > SEQUENCE_MAX) {
      throw new MillraceError(
        'OUT_OF_ORDER_SEQUENCE',
        `a sequence is a whole number from 0 to ${SEQUENCE_MAX}, not ${sequence}`,
      );
    }
    const producerId = await this.#producers.idOf(`producer/${producer}`);
    const entry = partition.producer(producerId);
    if (entry !== undefined && sequence <= entry.lastSequence) {
      await partition.settled();
      return {
        baseOffset: sequence === entry.lastSequence ? entry.lastBaseOffset : -1,
        duplicate: true,
      };
    }
    if (entry !== undefined && !sparse && sequence !== entry.lastSequence + 1) {
      throw new MillraceError(
        'OUT_OF_ORDER_SEQUENCE',
        `${producer} should continue with sequence ${entry.lastSequence + 1}, not ${sequence}`,
      );
    }
    const { baseOffset, done } = this.#appendNow(at, partition, records, producerId, sequence);
    await done;
    return { baseOffset, duplicate: false };
  }

  async lastSequence(at: TopicPartition, producer: string): Promise<number> {
    const partition = this.#partition(at);
    const producerId = this.#producers.find(`producer/${producer}`);
    if (producerId === undefined) return -1;
    return partition.state.producers.get(producerId)?.lastSequence ?? -1;
  }

  async read(
    at: TopicPartition,
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
    into?: Uint8Array,
  ): Promise<ReadResult> {
    const partition = this.#partition(at);
    return inOurWords(`reading ${at.topic}-${at.partition}`, () =>
      partition.read(offset, maxBytes, isolation, into),
    );
  }

  async stretch(at: TopicPartition, offset: number, isolation: IsolationLevel): Promise<Stretch | null> {
    return this.#partition(at).stretch(offset, isolation);
  }

  hasRead(records: number, bytes: number): void {
    this.#counters.recordsRead += records;
    this.#counters.bytesRead += bytes;
  }

  async waitFor(
    at: TopicPartition,
    offset: number,
    isolation: IsolationLevel,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#partition(at).waitFor(offset, isolation, timeoutMs, signal);
  }

  async offsets(at: TopicPartition): Promise<PartitionOffsets> {
    return this.#partition(at).offsets();
  }

  async offsetForTime(at: TopicPartition, timestampMs: number): Promise<number | undefined> {
    return this.#partition(at).offsetForTime(timestampMs);
  }

  openWriter(transactionalId: string): Promise<TransactionalWriter> {
    return inOurWords(`opening the writer ${transactionalId}`, () => this.#writers.open(transactionalId));
  }

  get transactions(): Transactions {
    return this.#transactions;
  }

  stats(): LogStats {
    let bytesOnDisk = 0;
    let failure = this.#housekeepingFailure ?? this.#transactions.failure ?? this.#groupFailure;
    for (const partition of this.#partitions) {
      if (partition.closed) continue;
      bytesOnDisk += partition.sizeBytes;
      failure ??= partition.failure?.message ?? null;
    }
    return { ...this.#counters, bytesOnDisk, failure };
  }

  /** Retention and compaction, now and then. A failure shows in `stats()` and is tried again. */
  async #keepHouse(): Promise<void> {
    const { signal } = this.#closing;
    const { clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(this.#settings.retentionCheckIntervalMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      let failure: string | null = null;
      for (const partition of this.#partitions) {
        const found = await this.#keepPartition(partition);
        failure ??= found;
      }
      this.#housekeepingFailure = failure;
    }
  }

  async #keepPartition(partition: Partition): Promise<string | null> {
    try {
      if (!partition.closed) await partition.applyRetention();
      if (!partition.closed) await partition.applyCompaction();
      return null;
    } catch (error) {
      return partition.closed ? null : `retention or compaction failed: ${messageOf(error)}`;
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    try {
      await this.#housekeeping;
      this.#groups?.close();
      await this.#writers?.close();
      await this.#transactions?.close();
      const closed = await Promise.allSettled(Array.from(this.#partitions, partition => partition.close()));
      const failed = closed.find(result => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    } finally {
      await this.#lock.release();
    }
  }
}
