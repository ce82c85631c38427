import { unreachable } from '../../core/mod.ts';
import {
  concurrent,
  type Decision,
  fenced,
  isExhausted,
  NO_PRODUCER_EPOCH,
  type TransactionEntry,
  type TransactionMetadata,
} from './metadata.ts';
import { fence } from './transitions.ts';

/** InitProducerId of a transactional id. */
export interface InitRequest {
  readonly timeoutMs: number;
  /** What the producer holds and wants to go on from (KIP-360); null for one that begins. */
  readonly expected: { readonly producerId: number; readonly producerEpoch: number } | null;
}

/**
 * A producer begins, or goes on behind an error: it gets the next epoch, which fences the one before.
 * `spare` is a producer id of nobody, where one was asked for. A transaction that is open is aborted first:
 * the decision is then to store `PrepareAbort`, and the producer asks again.
 */
export function decideInit(
  { metadata, pending }: TransactionEntry,
  request: InitRequest,
  nowMs: number,
  spare: number | null,
): Decision {
  if (pending !== null) return concurrent(metadata);
  const { expected } = request;
  if (expected !== null && !mayGoOn(metadata, expected)) return fenced(metadata, expected.producerEpoch);
  switch (metadata.state) {
    case 'PrepareCommit':
    case 'PrepareAbort':
      return concurrent(metadata);
    case 'Ongoing':
      return fence(metadata, nowMs, spare);
    case 'Empty':
    case 'CompleteCommit':
    case 'CompleteAbort':
      break;
    default:
      return unreachable(metadata.state);
  }
  if (needsProducerId(metadata, expected)) {
    return spare === null ? { kind: 'producer-id' } : rotated(metadata, request, nowMs, spare);
  }
  return incremented(metadata, request, nowMs);
}

/** The epochs are used up, and this is no repeated request whose answer was the last of them. */
function needsProducerId(metadata: TransactionMetadata, expected: InitRequest['expected']): boolean {
  const { producerEpoch } = metadata;
  if (!isExhausted(producerEpoch)) return false;
  return expected === null || expected.producerEpoch === producerEpoch;
}

/**
 * Another producer id is a fenced producer's, unless this one was made just now, or the former one was used
 * up and the producer never heard of the new one.
 */
function mayGoOn(metadata: TransactionMetadata, expected: NonNullable<InitRequest['expected']>): boolean {
  const { producerId, producerEpoch, previousProducerId } = metadata;
  if (producerEpoch === NO_PRODUCER_EPOCH || expected.producerId === producerId) return true;
  return expected.producerId === previousProducerId && isExhausted(expected.producerEpoch);
}

function incremented(metadata: TransactionMetadata, { expected, timeoutMs }: InitRequest, nowMs: number) {
  const { producerEpoch, lastProducerEpoch } = metadata;
  const bumped = { producerEpoch: producerEpoch + 1, lastProducerEpoch: NO_PRODUCER_EPOCH };
  if (expected === null) return empty(metadata, bumped, timeoutMs, nowMs);
  if (producerEpoch === NO_PRODUCER_EPOCH || expected.producerEpoch === producerEpoch) {
    return empty(metadata, { ...bumped, lastProducerEpoch: producerEpoch }, timeoutMs, nowMs);
  }
  // A repeated request whose answer was lost. Had a newer producer begun, there would be no last epoch.
  if (expected.producerEpoch === lastProducerEpoch) return empty(metadata, {}, timeoutMs, nowMs);
  return fenced(metadata, expected.producerEpoch);
}

function rotated(
  metadata: TransactionMetadata,
  { expected, timeoutMs }: InitRequest,
  nowMs: number,
  producerId: number,
): Decision {
  const lastProducerEpoch = expected?.producerEpoch ?? NO_PRODUCER_EPOCH;
  return empty(metadata, { producerId, producerEpoch: 0, lastProducerEpoch }, timeoutMs, nowMs);
}

function empty(
  metadata: TransactionMetadata,
  producer: Partial<Pick<TransactionMetadata, 'producerId' | 'producerEpoch' | 'lastProducerEpoch'>>,
  timeoutMs: number,
  nowMs: number,
): Decision {
  const next: TransactionMetadata = {
    ...metadata,
    previousProducerId: metadata.producerId,
    ...producer,
    state: 'Empty',
    timeoutMs,
    partitions: new Map(),
    startMs: -1,
    lastUpdateMs: nowMs,
  };
  return { kind: 'store', next };
}
