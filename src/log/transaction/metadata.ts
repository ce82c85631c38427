import type { TopicPartition } from '../log.ts';
import type { KafkaErrorName } from '../refusal.ts';

/**
 * Where a transactional id stands, in Kafka's words. `PrepareEpochFence` is passed on the way from `Ongoing` to
 * `PrepareAbort` and `Dead` on the way out of memory: neither is ever stored.
 */
export const TRANSACTION_STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const;
export type TransactionState = (typeof TRANSACTION_STATES)[number];

/**
 * How a client speaks of transactions: 2 is KIP-890's second part, with an epoch for each transaction and
 * partitions added by the first record; 0 what was before.
 */
export type TransactionVersion = 0 | 2;

/** The states that an id can be found in. */
export type LastingState = Exclude<TransactionState, 'Dead' | 'PrepareEpochFence'>;

/** What the coordinator knows of a transactional id. Never changed, only replaced. */
export interface TransactionMetadata {
  readonly transactionalId: string;
  readonly state: LastingState;
  readonly producerId: number;
  /** The producer id before the last change of state: tells a repeated request behind a new id. */
  readonly previousProducerId: number;
  /** While a transaction ends whose epoch was the last of its producer id: the id that follows. */
  readonly nextProducerId: number;
  readonly producerEpoch: number;
  /** The epoch before the last bump where its holder may go on: tells a repeated request. */
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  readonly partitions: ReadonlyMap<string, TopicPartition>;
  /** -1 where no transaction was begun. */
  readonly startMs: number;
  readonly lastUpdateMs: number;
  readonly version: TransactionVersion;
}

/** A transactional id with the state that is being stored for it, if any: no other change may begin then. */
export interface TransactionEntry {
  readonly metadata: TransactionMetadata;
  readonly pending: TransactionState | null;
}

/** What is to be done about a request. */
export type Decision =
  | { readonly kind: 'refuse'; readonly error: KafkaErrorName; readonly message: string }
  /** Nothing is to be stored: the answer follows from what is. */
  | { readonly kind: 'answer'; readonly producerId: number; readonly producerEpoch: number }
  /** Decide again, with a producer id that nobody has. */
  | { readonly kind: 'producer-id' }
  /** Store `next`, and only then go on from it. */
  | { readonly kind: 'store'; readonly next: TransactionMetadata };

export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const EPOCH_MAX = 32_767;

/** The last epoch is kept back, so that a producer can always be fenced. */
export const isExhausted = (epoch: number): boolean => epoch >= EPOCH_MAX - 1;

export const partitionKey = (at: TopicPartition): string => `${at.topic}-${at.partition}`;

export const refuse = (error: KafkaErrorName, message: string): Decision => ({
  kind: 'refuse',
  error,
  message,
});

/** Refused until the change under way is through; clients wait and repeat. */
export const concurrent = ({ transactionalId, state }: TransactionMetadata): Decision =>
  refuse(
    'CONCURRENT_TRANSACTIONS',
    `${transactionalId} is still busy with what was asked before (${state}); try again`,
  );

export const unknownId = (transactionalId: string): Decision =>
  refuse('INVALID_PRODUCER_ID_MAPPING', `there is no transactional id ${transactionalId}`);

export const otherProducer = ({ transactionalId }: TransactionMetadata, producerId: number): Decision =>
  refuse('INVALID_PRODUCER_ID_MAPPING', `${transactionalId} does not have producer id ${producerId}`);

export const fenced = (
  { transactionalId, producerEpoch }: TransactionMetadata,
  epoch: number | string,
): Decision =>
  refuse('PRODUCER_FENCED', `${transactionalId} has epoch ${producerEpoch}, which fences epoch ${epoch}`);

/** A transactional id that is asked for the first time; what is stored first has epoch 0. */
export function newTransactionalId(
  transactionalId: string,
  producerId: number,
  timeoutMs: number,
  nowMs: number,
): TransactionMetadata {
  return {
    transactionalId,
    state: 'Empty',
    producerId,
    previousProducerId: NO_PRODUCER_ID,
    nextProducerId: NO_PRODUCER_ID,
    producerEpoch: NO_PRODUCER_EPOCH,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs,
    partitions: new Map(),
    startMs: -1,
    lastUpdateMs: nowMs,
    version: 0,
  };
}

/** True behind the commit point (or the abort's), until all markers are written. */
export const isPrepared = (state: TransactionState): state is 'PrepareCommit' | 'PrepareAbort' =>
  state === 'PrepareCommit' || state === 'PrepareAbort';
