import type { CommittedOffset, LogAdmin, OffsetToCommit } from './admin.ts';
import type { Stretch } from './partition/stretch.ts';

/**
 * The Log contract: Kafka's model, two implementations (embedded; a real cluster), one conformance suite.
 * Stored bytes are Kafka RecordBatch v2. Offsets are exact integers below 2^53.
 */
export type IsolationLevel = 'read_uncommitted' | 'read_committed';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Kafka's topic-level settings that are honoured. Unset ones take the broker's default. */
export interface TopicConfig {
  readonly 'cleanup.policy'?: 'delete' | 'compact' | 'compact,delete';
  readonly 'retention.ms'?: number;
  readonly 'retention.bytes'?: number;
  readonly 'segment.bytes'?: number;
  readonly 'segment.ms'?: number;
  readonly 'max.message.bytes'?: number;
  readonly 'min.compaction.lag.ms'?: number;
  readonly 'max.compaction.lag.ms'?: number;
  readonly 'delete.retention.ms'?: number;
  readonly 'min.cleanable.dirty.ratio'?: number;
  readonly 'message.timestamp.type'?: 'CreateTime' | 'LogAppendTime';
  readonly 'message.timestamp.before.max.ms'?: number;
  readonly 'message.timestamp.after.max.ms'?: number;
  readonly 'min.insync.replicas'?: number;
  readonly 'compression.type'?: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly 'compression.gzip.level'?: number;
  readonly 'compression.lz4.level'?: number;
  readonly 'compression.zstd.level'?: number;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: number;
  readonly config: TopicConfig;
}

/** A record to append. `timestampMs` defaults to now (CreateTime). */
export interface NewRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly RecordHeader[];
  readonly timestampMs?: number;
}

/**
 * Records laid out ahead as the batches of a `RecordPacker`, in their order. The log completes the batches in
 * place: the memory is its own until the append has resolved.
 */
export interface PackedRecords {
  readonly packed: readonly Uint8Array[];
}

/** What can be appended. */
export type NewRecords = readonly NewRecord[] | PackedRecords;

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/**
 * A record as read. `key`, `value` are views into the read buffer, valid as long as the caller holds them.
 */
export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

/** Where a partition stands. `lastStableOffset` is the end for read_committed readers. */
export interface PartitionOffsets {
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  /** Everything below is durable as `log.flush` asks and visible to read_uncommitted readers. */
  readonly highWatermark: number;
  readonly lastStableOffset: number;
}

/** Result of one read: whole stored batches as they came; the first may begin before the asked offset. */
export interface ReadResult extends PartitionOffsets {
  /** Zero or more RecordBatch v2, back to back. */
  readonly bytes: Uint8Array;
  /**
   * Transactions aborted within `bytes` (read_committed only): skip that producer's transactional batches
   * from firstOffset on until its abort marker.
   */
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: number }[];
  /** Where the next read continues. */
  readonly nextOffset: number;
}

/**
 * Idempotence of one appending producer. A sequence numbers append calls (not records), from any start on,
 * then one by one: one at or below the last stored is a duplicate and skipped, a gap is refused with
 * OUT_OF_ORDER_SEQUENCE.
 */
export interface ProducerSequence {
  readonly producer: string;
  readonly sequence: number;
  /**
   * True where the producer numbers its requests over several partitions or topics, so that those of one
   * partition have gaps: they only have to grow. The producer then sends one request after the other.
   */
  readonly sparse?: boolean;
}

export interface AppendResult {
  /** Offset of the first record; for a duplicate, of the stored original where known, else -1. */
  readonly baseOffset: number;
  readonly duplicate: boolean;
}

/** One part of a transaction: records for one partition. */
export interface TransactionPart {
  readonly topic: string;
  readonly partition: number;
  readonly records: NewRecords;
}

/**
 * What a transactional writer left behind. `sequence` is that of its last committed transaction (-1: none),
 * `position` the plain JSON value stored with it.
 */
export interface WriterState {
  readonly sequence: number;
  readonly position: unknown;
}

/** An atomic batch of appends by a single writer, with the writer's position inside. */
export interface Transaction {
  /**
   * Grows strictly with each transaction of a writer; one at or below the last committed is a duplicate and
   * skipped whole.
   */
  readonly sequence: number;
  /** A plain JSON value, e.g. the source's LSN; returned by `openWriter` after a restart. */
  readonly position: unknown;
  readonly parts: readonly TransactionPart[];
}

/**
 * A transactional writer. `commit` may be called again before earlier commits resolved: they are committed in
 * the order of the calls and share flushes (group commit). A resolved commit is durable and visible to
 * read_committed. A failed commit fails all later ones; open the writer again to learn what is stored.
 */
export interface TransactionalWriter {
  readonly state: WriterState;
  /**
   * For transactions larger than memory should hold: append parts ahead, invisible until `commit` of the
   * same sequence.
   */
  stage(parts: readonly TransactionPart[]): Promise<void>;
  /**
   * As `stage`, of a file of `sizeBytes` with finished batches back to back (`finishPacked`), which the log
   * takes as it is: then the file is the log's too and must not be written any more. False where the log can't,
   * or where the file is better copied. What a failure or a crash leaves of it is good for `stage` only. Left
   * out where the log's files are out of reach. It has to have resolved before `commit` is called.
   */
  adopt?(at: TopicPartition, path: string, sizeBytes: number): Promise<boolean>;
  commit(transaction: Transaction): Promise<void>;
  close(): Promise<void>;
}

export interface Log {
  /** Refuses an existing name with TOPIC_EXISTS, a bad one with TOPIC_INVALID. */
  createTopic(name: string, partitions: number, config?: TopicConfig): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  topics(): Promise<readonly TopicDescription[]>;
  /** undefined where the topic does not exist. */
  describeTopic(name: string): Promise<TopicDescription | undefined>;
  /** Append one batch; resolves once it is durable as `log.flush` asks. */
  append(at: TopicPartition, records: NewRecords, idempotence?: ProducerSequence): Promise<AppendResult>;
  /** Highest stored sequence of an idempotent producer on a partition, -1 when none. */
  lastSequence(at: TopicPartition, producer: string): Promise<number>;
  /**
   * Never waits for data; may be empty. OFFSET_OUT_OF_RANGE below the start or beyond the end. With `into`
   * the bytes are read there as far as it has room, so that a reader may use one memory again and again.
   */
  read(
    at: TopicPartition,
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
    into?: Uint8Array,
  ): Promise<ReadResult>;
  /**
   * Where the batches from the one that holds `offset` on lie in a file, for another thread of the process,
   * which tells by `hasRead` what it has read of them; null where `read` serves better. Left out where batches
   * are no files of this machine.
   */
  stretch?(at: TopicPartition, offset: number, isolation: IsolationLevel): Promise<Stretch | null>;
  hasRead?(topic: string, records: number, bytes: number): void;
  /**
   * Resolves when the readable end passes `offset`, at the time-out, or when the signal aborts (then too
   * without error).
   */
  waitFor(
    at: TopicPartition,
    offset: number,
    isolation: IsolationLevel,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void>;
  offsets(at: TopicPartition): Promise<PartitionOffsets>;
  /** First offset whose record timestamp is >= the time; undefined when none. */
  offsetForTime(at: TopicPartition, timestampMs: number): Promise<number | undefined>;
  /**
   * Opens (and fences older holders of) the writer of this name; unfinished transactions of it are aborted.
   */
  openWriter(transactionalId: string): Promise<TransactionalWriter>;
  /** Where a consumer group stands; empty where it never committed. */
  committedOffsets(groupId: string): Promise<readonly CommittedOffset[]>;
  /**
   * Store where a group stands, as a consumer that takes no part in its rebalances; a group that is not
   * there is made. Refused with NON_EMPTY_GROUP while it has members.
   */
  commitOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void>;
  /** What operators ask; left out where the log is reached through another thread. */
  readonly admin?: LogAdmin;
  /** Bytes on disk and in memory, appends and reads since start: for /metrics and status. */
  stats(): LogStats;
  close(): Promise<void>;
}

export interface LogStats {
  readonly recordsAppended: number;
  readonly bytesAppended: number;
  readonly recordsRead: number;
  readonly bytesRead: number;
  readonly flushes: number;
  readonly bytesOnDisk: number;
  /** Null when healthy, else the sentence to show. */
  readonly failure: string | null;
}
