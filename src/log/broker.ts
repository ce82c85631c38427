import type { ConfigEntry } from './admin.ts';
import type { Groups } from './group/mod.ts';
import type { IsolationLevel, Log, TopicPartition } from './log.ts';
import type { Transactions } from './transaction/transactions.ts';

/** A topic as clients of Kafka's protocol see it. */
export interface TopicInfo {
  readonly name: string;
  /** Kafka's UUID in its base64 form; another one when a topic is made again under the same name. */
  readonly id: string;
  readonly partitions: number;
  /** What was set for this topic, in Kafka's texts. */
  readonly config: Readonly<Record<string, string>>;
  /** One of the log's own that clients may see but not write. */
  readonly internal: boolean;
}

/** One change of IncrementalAlterConfigs. */
export interface TopicConfigChange {
  readonly name: string;
  readonly op: 'set' | 'delete' | 'append' | 'subtract';
  /** Null for `delete`. */
  readonly value: string | null;
}

/** How a client's batches are appended. */
export interface AppendBatchesOptions {
  readonly origin: 'client';
  /** -1 for all replicas, 0 for none, 1 for the leader. */
  readonly requiredAcks: number;
  /**
   * Asked, with the batch's producer, before the first batch of a transaction on this partition
   * (KIP-890): it rejects with a `Refusal` unless the coordinator knows the partition as part of an open
   * transaction.
   */
  readonly verify?: (producerId: number, producerEpoch: number) => Promise<void>;
}

/** What Produce answers for a partition. */
export interface AppendBatchesResult {
  readonly baseOffset: number;
  /** -1 where the producer's own times were kept. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  /** True where the batch was stored before; `baseOffset` is then that of the original. */
  readonly duplicate: boolean;
}

/** What ListOffsets answers for a partition; both -1 where no record was found. */
export interface OffsetAndTimestamp {
  readonly offset: number;
  readonly timestampMs: number;
}

/** A time, or one of ListOffsets' special ones. `earliest-local` is `earliest`: nothing lies elsewhere. */
export type OffsetQuery =
  | { readonly timestampMs: number }
  | 'latest'
  | 'earliest'
  | 'max-timestamp'
  | 'earliest-local'
  | 'latest-tiered';

/** A producer as a partition knows it, for DescribeProducers. */
export interface ActiveProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1 where only markers are known of it. */
  readonly lastSequence: number;
  readonly lastTimestampMs: number;
  /** Of the coordinator that ended its last transaction; -1: none yet. */
  readonly coordinatorEpoch: number;
  /** -1 where no transaction is open. */
  readonly currentTransactionStartOffset: number;
}

/**
 * What a broker's front needs beside the Log. All calls refuse with `Refusal`, or with an error that
 * `kafkaErrorOf` names. Its topics are looked up without waiting.
 */
export interface LogBroker extends Log {
  /** Kafka's cluster id: a UUID in base64, made with the data directory. */
  readonly clusterId: string;
  readonly groups: Groups;

  topicNamed(name: string): TopicInfo | undefined;
  topicById(id: string): TopicInfo | undefined;
  allTopics(): readonly TopicInfo[];
  /**
   * As `createTopic`, with the settings in Kafka's texts. Refusals: INVALID_TOPIC_EXCEPTION,
   * TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_CONFIG. With `validateOnly` nothing is made.
   */
  createTopicAs(
    name: string,
    partitions: number,
    config: Readonly<Record<string, string | null>>,
    options?: { readonly validateOnly?: boolean },
  ): Promise<TopicInfo>;
  /** Add partitions up to `total`. INVALID_PARTITIONS where there are as many already. */
  createPartitions(name: string, total: number, options?: { readonly validateOnly?: boolean }): Promise<void>;
  /** The settings of a topic for which nothing was set. */
  topicDefaults(): readonly ConfigEntry[];
  /** All settings of a topic, the defaults too. UNKNOWN_TOPIC_OR_PARTITION. */
  describeTopicConfig(name: string): readonly ConfigEntry[];
  /** Change settings; they hold from then on. INVALID_CONFIG, with nothing changed. */
  alterTopicConfig(
    name: string,
    changes: readonly TopicConfigChange[],
    options?: { readonly validateOnly?: boolean },
  ): Promise<void>;
  /** Set these settings and no others (AlterConfigs of old). */
  replaceTopicConfig(
    name: string,
    config: Readonly<Record<string, string | null>>,
    options?: { readonly validateOnly?: boolean },
  ): Promise<void>;
  /**
   * Move the start of a partition up to `before` (-1: the high watermark). Returns the low watermark,
   * durable. OFFSET_OUT_OF_RANGE beyond the high watermark; POLICY_VIOLATION where `cleanup.policy` has
   * no `delete`.
   */
  deleteRecords(at: TopicPartition, before: number): Promise<number>;
  /** Bytes of the partition on disk. */
  sizeOf(at: TopicPartition): number;

  /**
   * Append the records of one Produce request to a partition: exactly one batch of format v2, checked as
   * Kafka checks it. Its place is given at the call, in the order of the calls (behind `verify`, where
   * that is asked); resolves when it is as durable as `log.flush` asks. The bytes are the log's until
   * then.
   */
  appendBatches(
    at: TopicPartition,
    bytes: Uint8Array,
    options: AppendBatchesOptions,
  ): Promise<AppendBatchesResult>;
  /**
   * Calls `wake` once: when the readable end of the partition passes `offset` (at once where it has), or
   * when the partition goes away. Returns how to stop watching. One waiter can so watch many partitions
   * without a timer for each.
   */
  watch(at: TopicPartition, offset: number, isolation: IsolationLevel, wake: () => void): () => void;
  /** What ListOffsets asks for. */
  listOffset(at: TopicPartition, query: OffsetQuery, isolation: IsolationLevel): Promise<OffsetAndTimestamp>;
  /** Producers that the partition remembers. */
  activeProducers(at: TopicPartition): readonly ActiveProducer[];
  /** Producer ids and transactions of clients. */
  readonly transactions: Transactions;
  /**
   * A table of the log's own, in a compacted topic of this name, which begins with `__`. Values are JSON.
   */
  openTable<V>(name: string): Promise<LogTable<V>>;
}

/** What was put last under each key. */
export interface LogTable<V> {
  get(key: string): V | undefined;
  entries(): Iterable<readonly [string, V]>;
  /**
   * Store the values, all or none; null removes. They are durable when it resolves, and `get` shows them.
   */
  put(...changes: readonly (readonly [string, V | null])[]): Promise<void>;
}
