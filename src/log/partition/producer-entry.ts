import { Refusal } from '../refusal.ts';

/** A batch of a producer, to tell its repetition. */
export interface ProducerBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly timestampMs: number;
}

/** Where a producer stands. */
export interface ProducerEntry {
  readonly epoch: number;
  /** Of the coordinator that ended its last transaction; -1: none yet. */
  readonly coordinatorEpoch: number;
  readonly lastTimestampMs: number;
  /** When it wrote last, by the clock of this machine. */
  readonly seenMs: number;
  /** Where its open transaction begins; -1: none is open. */
  readonly transactionStart: number;
  /** Offset of the last record or marker of it. */
  readonly lastOffset: number;
  /** Its last ones in this epoch, at most five; none behind a marker that began an epoch. */
  readonly batches: readonly ProducerBatch[];
}

/** What the state of a partition has to know of a batch. */
export interface AppliedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly maxTimestamp: number;
  readonly transactional: boolean;
  /** How a control batch ends its transaction, null for data. */
  readonly marker: 'commit' | 'abort' | null;
  /** Of a marker. */
  readonly coordinatorEpoch?: number;
}

/** As many batches of a producer are remembered (Kafka's `max.in.flight.requests` with idempotence). */
const BATCHES_REMEMBERED = 5;
const SEQUENCE_MODULUS = 2 ** 31;
const NO_SEQUENCE = -1;

/** The last sequence of a batch: they begin at 0 again behind 2^31 - 1. */
export function lastSequenceOf(batch: { readonly baseSequence: number; readonly recordCount: number }) {
  return batch.baseSequence < 0
    ? NO_SEQUENCE
    : (batch.baseSequence + Math.max(batch.recordCount, 1) - 1) % SEQUENCE_MODULUS;
}

/** Where the producer of a batch or marker, seen at a time, stands behind it. */
export function entryAfter(
  entry: ProducerEntry | undefined,
  batch: AppliedBatch,
  seenMs: number,
): ProducerEntry {
  const { producerEpoch: epoch, maxTimestamp: lastTimestampMs, lastOffset } = batch;
  const former = entry?.epoch === epoch ? entry.batches : NO_BATCHES;
  const isMarker = batch.marker !== null;
  const known = entry === undefined ? -1 : entry.transactionStart;
  const start = batch.transactional && known < 0 ? batch.baseOffset : known;
  // Made for every batch of every producer: one shape, and nothing is spread.
  return {
    epoch,
    coordinatorEpoch: isMarker ? (batch.coordinatorEpoch ?? 0) : (entry?.coordinatorEpoch ?? -1),
    lastTimestampMs,
    seenMs,
    transactionStart: isMarker ? -1 : start,
    lastOffset,
    batches: isMarker ? former : withBatch(former, batch),
  };
}

const NO_BATCHES: readonly ProducerBatch[] = [];

function withBatch(former: readonly ProducerBatch[], batch: AppliedBatch): readonly ProducerBatch[] {
  const added: ProducerBatch = {
    firstSequence: batch.baseSequence,
    lastSequence: lastSequenceOf(batch),
    baseOffset: batch.baseOffset,
    timestampMs: batch.maxTimestamp,
  };
  const batches: ProducerBatch[] = [];
  const from = Math.max(0, former.length + 1 - BATCHES_REMEMBERED);
  for (let i = from; i < former.length; i++) batches.push(former[i]!);
  batches.push(added);
  return batches;
}

/** The next sequence of a transactional writer: from 0 in a new epoch, else on from the last. */
export function nextSequence(entry: ProducerEntry | undefined, epoch: number): number {
  const last = entry?.epoch === epoch ? entry.batches.at(-1) : undefined;
  return last === undefined ? 0 : (last.lastSequence + 1) % SEQUENCE_MODULUS;
}

/** What a client's batch says of its producer. */
export interface ClientBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly transactional: boolean;
}

/** The original of a batch that a producer sent again; undefined where it is new. */
export function duplicateOf(entry: ProducerEntry | undefined, batch: ClientBatch): ProducerBatch | undefined {
  if (entry?.epoch !== batch.producerEpoch) return undefined;
  const lastSequence = lastSequenceOf(batch);
  return entry.batches.find(
    known => known.firstSequence === batch.baseSequence && known.lastSequence === lastSequence,
  );
}

/** Refuse a batch of an epoch that a later one of its producer has ended on the partition. */
export function checkEpoch(entry: ProducerEntry | undefined, batch: ClientBatch): void {
  const { producerId, producerEpoch: epoch } = batch;
  if (entry === undefined || epoch >= entry.epoch) return;
  throw new Refusal(
    'INVALID_PRODUCER_EPOCH',
    `producer ${producerId} has epoch ${entry.epoch} here, a batch of epoch ${epoch} is too late`,
  );
}

/** Refuse a client's new batch that does not follow what its producer wrote, as Kafka does. */
export function checkFollows(entry: ProducerEntry | undefined, batch: ClientBatch): void {
  checkEpoch(entry, batch);
  if (entry === undefined) return;
  const { producerId, producerEpoch: epoch, baseSequence } = batch;
  if (epoch > entry.epoch) {
    if (baseSequence === 0) return;
    throw new Refusal(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      `producer ${producerId} should begin epoch ${epoch} with sequence 0, not ${baseSequence}`,
    );
  }
  const last = entry.batches.at(-1)?.lastSequence ?? NO_SEQUENCE;
  const expected = (last + 1) % SEQUENCE_MODULUS;
  if (baseSequence !== expected) {
    throw new Refusal(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      `producer ${producerId} should continue with sequence ${expected}, not ${baseSequence}`,
    );
  }
}

/** Refuse what is no part of its producer's transaction, or no transaction where one is open. */
export function checkTransaction(entry: ProducerEntry | undefined, batch: ClientBatch): void {
  if (batch.transactional || entry === undefined || entry.transactionStart < 0) return;
  throw new Refusal(
    'INVALID_TXN_STATE',
    `producer ${batch.producerId} has an open transaction, its batch is none of it`,
  );
}

/**
 * True where the producer has a transaction open here, so that nobody has to be asked about the next
 * batch.
 */
export function hasOpenTransaction(entry: ProducerEntry | undefined, batch: ClientBatch): boolean {
  return entry !== undefined && entry.transactionStart >= 0 && entry.epoch === batch.producerEpoch;
}
