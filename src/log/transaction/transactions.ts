import type { TopicPartition } from '../log.ts';
import type { TransactionState, TransactionVersion } from './metadata.ts';

/** Who appends, and in which epoch. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A producer of a transactional id. */
export interface TransactionalProducer extends ProducerIdentity {
  readonly transactionalId: string;
}

export interface InitProducerId {
  /** Null for a producer that is idempotent only. */
  readonly transactionalId: string | null;
  readonly timeoutMs: number;
  /** What the producer goes on from (KIP-360); null where it begins. */
  readonly expected: ProducerIdentity | null;
}

export interface EndTransaction extends TransactionalProducer {
  readonly committed: boolean;
  readonly version: TransactionVersion;
}

/** Which transactional ids `list` tells; empty or null: all. */
export interface TransactionFilter {
  readonly states: readonly TransactionState[];
  readonly producerIds: readonly number[];
  /** Those that have been open for longer. */
  readonly durationMs: number | null;
  /** Whether the transactional id is meant. */
  readonly matches: ((transactionalId: string) => boolean) | null;
}

export interface TransactionListing {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly state: TransactionState;
}

export interface TransactionDescription extends TransactionListing {
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  /** -1 where none was begun. */
  readonly startMs: number;
  readonly partitions: readonly TopicPartition[];
}

/**
 * The transaction coordinator, for clients of Kafka's protocol. All calls refuse with `Refusal`, in the words of
 * the newest versions; what older ones expect instead is the front's to say. What is answered is durable as
 * `log.flush` asks. Reference: KIP-98, KIP-360, KIP-890.
 */
export interface Transactions {
  /**
   * A producer id with its epoch. A transactional id's former producer is fenced; a transaction it left open is
   * aborted, and CONCURRENT_TRANSACTIONS asks to come again.
   */
  initProducerId(request: InitProducerId): Promise<ProducerIdentity>;
  /** Begin the transaction with these partitions, or add them to the open one. */
  addPartitions(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
    version: TransactionVersion,
  ): Promise<void>;
  /** As `addPartitions`, of a group's committed offsets. */
  addOffsets(producer: TransactionalProducer, groupId: string): Promise<void>;
  /**
   * May the producer's open transaction hold records of the partition? With `mayAdd` (version 2) it is added.
   * TRANSACTION_ABORTABLE where it is not part of it. The append must follow before anything else is awaited.
   */
  verifyAppend(producer: TransactionalProducer, at: TopicPartition, mayAdd: boolean): Promise<void>;
  /** As `verifyAppend`, of a group's committed offsets. */
  verifyOffsets(producer: TransactionalProducer, groupId: string, mayAdd: boolean): Promise<void>;
  /** Commit or abort. Answers what the producer goes on with: of version 2 the next epoch. */
  end(request: EndTransaction): Promise<ProducerIdentity>;
  list(filter: TransactionFilter): readonly TransactionListing[];
  /** TRANSACTIONAL_ID_NOT_FOUND where there is none. */
  describe(transactionalId: string): TransactionDescription;
}
