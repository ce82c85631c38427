import { unreachable } from '../../core/mod.ts';
import {
  concurrent,
  type Decision,
  EPOCH_MAX,
  fenced,
  isExhausted,
  NO_PRODUCER_ID,
  otherProducer,
  refuse,
  type TransactionEntry,
  type TransactionMetadata,
  type TransactionVersion,
} from './metadata.ts';
import { prepared } from './transitions.ts';

/** EndTxn. */
export interface EndRequest {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly committed: boolean;
  readonly version: TransactionVersion;
}

/** `spare` is a producer id of nobody, where one was asked for. */
export function decideEnd(
  entry: TransactionEntry,
  request: EndRequest,
  nowMs: number,
  spare: number | null,
): Decision {
  return request.version === 2 ? endBumping(entry, request, nowMs, spare) : endPlain(entry, request, nowMs);
}

/** Before KIP-890: the epoch stays, so a second EndTxn with the same outcome is taken as a repeated one. */
function endPlain({ metadata, pending }: TransactionEntry, request: EndRequest, nowMs: number): Decision {
  const { producerId, producerEpoch, committed } = request;
  if (metadata.producerId !== producerId) return otherProducer(metadata, producerId);
  if (metadata.producerEpoch !== producerEpoch) return fenced(metadata, producerEpoch);
  if (pending !== null) return concurrent(metadata);
  switch (metadata.state) {
    case 'Ongoing':
      return store(prepared(metadata, prepareState(committed), 0, NO_PRODUCER_ID, nowMs));
    case 'CompleteCommit':
    case 'CompleteAbort':
      return isOutcome(metadata, committed) ? answer(metadata) : wrongState(metadata, committed);
    case 'PrepareCommit':
    case 'PrepareAbort':
      return isOutcome(metadata, committed) ? concurrent(metadata) : wrongState(metadata, committed);
    case 'Empty':
      return wrongState(metadata, committed);
    default:
      return unreachable(metadata.state);
  }
}

/**
 * KIP-890: each end bumps the epoch, so the epoch tells a repeated EndTxn (the one before) from a new one
 * (the present one). A new abort is always taken, for a producer that does not know whether anything was
 * begun.
 */
function endBumping(
  { metadata, pending }: TransactionEntry,
  request: EndRequest,
  nowMs: number,
  spare: number | null,
): Decision {
  const { producerId, producerEpoch, committed } = request;
  const isOverflow =
    metadata.previousProducerId === producerId &&
    producerEpoch === EPOCH_MAX - 1 &&
    metadata.producerEpoch === 0;
  const isRepeated = isOverflow || metadata.producerEpoch === producerEpoch + 1;
  const isCurrent = metadata.producerEpoch === producerEpoch;
  if (metadata.producerId !== producerId && !isOverflow) return otherProducer(metadata, producerId);
  if (pending !== null) return concurrent(metadata);
  switch (metadata.state) {
    case 'Ongoing':
      if (!isCurrent) return fenced(metadata, producerEpoch);
      break;
    case 'Empty':
      if (!isCurrent) return fenced(metadata, producerEpoch);
      if (committed) return wrongState(metadata, committed);
      break;
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (!isRepeated && !isCurrent) return fenced(metadata, producerEpoch);
      if (isRepeated)
        return isOutcome(metadata, committed) ? answer(metadata) : wrongState(metadata, committed);
      if (committed) return wrongState(metadata, committed);
      break;
    case 'PrepareCommit':
    case 'PrepareAbort':
      if (metadata.producerEpoch !== producerEpoch + 1) return fenced(metadata, producerEpoch);
      return isOutcome(metadata, committed) ? concurrent(metadata) : wrongState(metadata, committed);
    default:
      return unreachable(metadata.state);
  }
  const needsId = isExhausted(metadata.producerEpoch);
  if (needsId && spare === null) return { kind: 'producer-id' };
  const nextProducerId = needsId ? spare! : NO_PRODUCER_ID;
  return store(prepared(metadata, prepareState(committed), 2, nextProducerId, nowMs));
}

const prepareState = (committed: boolean) => (committed ? 'PrepareCommit' : 'PrepareAbort');
const store = (next: TransactionMetadata): Decision => ({ kind: 'store', next });

const answer = ({ producerId, producerEpoch }: TransactionMetadata): Decision => ({
  kind: 'answer',
  producerId,
  producerEpoch,
});

const isOutcome = ({ state }: TransactionMetadata, committed: boolean): boolean =>
  (state === 'PrepareCommit' || state === 'CompleteCommit') === committed;

const wrongState = ({ transactionalId, state }: TransactionMetadata, committed: boolean): Decision =>
  refuse(
    'INVALID_TXN_STATE',
    `${transactionalId} is ${state} and cannot be ${committed ? 'committed' : 'aborted'}`,
  );
