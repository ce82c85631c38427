import { assert, type Clock, MillraceError } from '../core/mod.ts';
import type { GroupSettings } from './group/mod.ts';
import type { TopicConfig, TopicPartition } from './log.ts';
import { type LogCounters, Partition } from './partition/partition.ts';
import { ProducerIds } from './producer-ids.ts';
import { DEFAULT_LOG_SETTINGS, type LogSettings, settingsFor } from './settings.ts';
import type { Storage } from './storage/storage.ts';
import { TableTopic } from './table-topic.ts';
import { isOwnName } from './topic-rules.ts';
import { type PartitionOpener, type StoredTopic, Topics } from './topics.ts';
import type { TransactionSettings } from './transaction/settings.ts';

/** What `openEmbeddedLog` needs; settings left out take Kafka's defaults, with flush `ack`. */
export interface EmbeddedLogOptions extends Partial<LogSettings> {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly directory: string;
  /** Limits of clients' transactions, where they are not Kafka's defaults. */
  readonly transactions?: Partial<TransactionSettings>;
  /** Limits of clients' groups, where they are not Kafka's defaults. */
  readonly groups?: Partial<GroupSettings>;
}

const NOTHING_YET: Readonly<LogCounters> = {
  ...{ recordsAppended: 0, bytesAppended: 0, recordsRead: 0, bytesRead: 0, flushes: 0 },
};

/** What the parts of the embedded log share: partitions, topics, tables of its own, producer ids. */
export class LogBase {
  readonly clock: Clock;
  readonly settings: LogSettings;
  /** All that are open, the log's own ones too. */
  readonly partitions = new Set<Partition>();
  topics!: Topics;
  producerIds!: ProducerIds;
  readonly options: EmbeddedLogOptions;
  /** Kept over a deletion: what was counted was done. */
  readonly #counters = new Map<string, LogCounters>();
  readonly #tables = new Map<string, Promise<TableTopic<unknown>>>();
  readonly #storage: Storage;
  readonly #directory: string;
  readonly #closing = new AbortController();

  constructor(options: EmbeddedLogOptions) {
    this.clock = options.clock;
    this.settings = { ...DEFAULT_LOG_SETTINGS, ...options };
    this.options = options;
    this.#storage = options.storage;
    this.#directory = options.directory;
  }

  /** Aborts when the log closes: what waits or repeats in the background ends then. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  beginClosing(): void {
    this.#closing.abort();
  }

  async recover(): Promise<void> {
    const catalog = await this.openTable<StoredTopic>('__topics', 'ack');
    const opener: PartitionOpener = {
      open: (topic, partition, config, mayHaveGaps) =>
        this.#openPartition(topic, partition, config, mayHaveGaps),
      configure: (partition, config) => partition.configure(settingsFor(this.settings, config)),
      forget: partition => this.partitions.delete(partition),
    };
    this.topics = new Topics(this.#storage, this.#directory, catalog, opener);
    await this.topics.openAll();
    this.producerIds = new ProducerIds(await this.openTable<number>('__producer_ids', 'ack'));
  }

  /** What has gone in and out of a topic since start. */
  countersOf(topic: string): LogCounters {
    const known = this.#counters.get(topic);
    if (known !== undefined) return known;
    const fresh = { ...NOTHING_YET };
    this.#counters.set(topic, fresh);
    return fresh;
  }

  /** By topic, the log's own ones too. */
  get traffic(): ReadonlyMap<string, LogCounters> {
    return this.#counters;
  }

  /** Whole milliseconds. */
  nowMs(): number {
    return Math.floor(this.clock.nowMs());
  }

  /**
   * A table of the log's own, one of `OWN_TOPICS`: a compacted topic of one partition, kept as a map, for
   * plain JSON values. With flush `ack` what is put is durable when `put` resolves; left out, the log's
   * setting counts.
   */
  openTable<V>(name: string, flush: LogSettings['flush'] = this.settings.flush): Promise<TableTopic<V>> {
    assert(isOwnName(name), `${name} is one of the log's own topics`);
    const table = this.#tables.get(name) ?? this.#openTable(name, flush);
    this.#tables.set(name, table);
    return table as Promise<TableTopic<V>>;
  }

  async #openTable(name: string, flush: LogSettings['flush']): Promise<TableTopic<unknown>> {
    return TableTopic.open<unknown>(await this.openOwn(name, flush), () => this.nowMs());
  }

  /** The partition of a table of the log's own. */
  async openOwn(name: string, flush: LogSettings['flush'] = this.settings.flush): Promise<Partition> {
    const config = {
      'cleanup.policy': 'compact',
      'segment.bytes': DEFAULT_LOG_SETTINGS.segmentBytes,
    } as const;
    const partition = await this.#openPartition(name, 0, config, true, flush);
    await this.#storage.syncDir(this.#directory);
    return partition;
  }

  async #openPartition(
    topic: string,
    partition: number,
    config: TopicConfig,
    mayHaveGaps: boolean,
    flush = this.settings.flush,
  ): Promise<Partition> {
    const name = `${topic}-${partition}`;
    const opened = await Partition.open({
      storage: this.#storage,
      clock: this.clock,
      directory: `${this.#directory}/${name}`,
      name,
      settings: { ...settingsFor(this.settings, config), flush },
      mayHaveGaps,
      counters: this.countersOf(topic),
    });
    this.partitions.add(opened);
    return opened;
  }

  /** UNKNOWN_TOPIC where there is none. */
  partition(at: TopicPartition): Partition {
    if (this.closing.aborted) throw new MillraceError('LOG_IO', 'the log is closed');
    return this.topics.partition(at.topic, at.partition);
  }

  /** Closes all partitions; the first failure is thrown when all are closed. */
  async closePartitions(): Promise<void> {
    const closed = await Promise.allSettled(Array.from(this.partitions, partition => partition.close()));
    const failed = closed.find(result => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
