import {
  type KafkaErrorName,
  kafkaErrorOf,
  Refusal,
  type TopicPartition,
  type Transactions,
  type TransactionVersion,
} from '../../log/mod.ts';
import type { RequestContext } from './context.ts';
import { codeOf, type Failure } from './handler.ts';

/** From this version of its API on, a client knows PRODUCER_FENCED; older ones know a wrong epoch only. */
export function codeSince(failure: Failure, { apiVersion }: RequestContext, fencedSince: number): number {
  const isNew = failure.error !== 'PRODUCER_FENCED' || apiVersion >= fencedSince;
  return isNew ? failure.code : codeOf('INVALID_PRODUCER_EPOCH');
}

/**
 * What an API's version can do in a transaction: have it aborted by an error of its own, add what it needs.
 */
export interface Verification {
  /** From this version on TRANSACTION_ABORTABLE is understood. */
  readonly abortableSince: number;
  /** From this version on what is written to is added to the transaction. */
  readonly addsSince: number;
}

/**
 * What Kafka's brokers answer where the coordinator does not let a write into a transaction: fenced producers
 * have a wrong epoch, and what passes by itself is a failure that every client repeats.
 */
export function ofWrite(
  error: unknown,
  version: number,
  { abortableSince, addsSince }: Verification,
): unknown {
  const name = kafkaErrorOf(error);
  const told = name === undefined ? undefined : toldOfWrite(name, version, abortableSince, addsSince);
  return told === undefined || told === name ? error : new Refusal(told, (error as Error).message);
}

function toldOfWrite(name: KafkaErrorName, version: number, abortableSince: number, addsSince: number) {
  switch (name) {
    case 'PRODUCER_FENCED':
      return 'INVALID_PRODUCER_EPOCH';
    case 'TRANSACTION_ABORTABLE':
      return version < abortableSince ? 'INVALID_TXN_STATE' : name;
    case 'CONCURRENT_TRANSACTIONS':
      return version < addsSince ? 'NOT_ENOUGH_REPLICAS' : name;
    case 'COORDINATOR_NOT_AVAILABLE':
      return 'NOT_ENOUGH_REPLICAS';
    default:
      return name;
  }
}

const OF_PRODUCE: Verification = { abortableSince: 11, addsSince: 12 };

/** How a Produce request's transactional batches are let into their transaction: for `appendBatches`. */
export function verifierOf(
  transactions: Transactions,
  transactionalId: string | null,
  at: TopicPartition,
  apiVersion: number,
): (producerId: number, producerEpoch: number) => Promise<void> {
  return async (producerId, producerEpoch) => {
    if (transactionalId === null || transactionalId === '') {
      throw new Refusal(
        'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
        'a batch of a transaction comes without its transactional id',
      );
    }
    const producer = { transactionalId, producerId, producerEpoch };
    try {
      await transactions.verifyAppend(producer, at, apiVersion >= OF_PRODUCE.addsSince);
    } catch (error) {
      throw ofWrite(error, apiVersion, OF_PRODUCE);
    }
  };
}

/** Newer requests of these APIs bump the epoch with every transaction (KIP-890). */
export const transactionVersion = (apiVersion: number, bumpsSince: number): TransactionVersion =>
  apiVersion >= bumpsSince ? 2 : 0;
