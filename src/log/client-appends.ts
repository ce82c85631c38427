import type { AppendBatchesOptions, AppendBatchesResult, LogBroker } from './broker.ts';
import { type CheckedBatch, checkedBatch } from './checked-batch.ts';
import type { LogBase } from './log-base.ts';
import type { Partition } from './partition/partition.ts';
import {
  type ClientBatch,
  checkEpoch,
  checkFollows,
  checkTransaction,
  duplicateOf,
  hasOpenTransaction,
  type ProducerBatch,
} from './partition/producer-entry.ts';
import { Refusal } from './refusal.ts';

/** Appends of clients of Kafka's protocol: batches as they send them. */
export function clientAppends(base: LogBase): Pick<LogBroker, 'appendBatches' | 'activeProducers'> {
  const verifications = new Verifications();
  return {
    appendBatches: async (at, bytes, options) => {
      const partition = base.partition(at);
      checkAcks(partition, options.requiredAcks);
      const nowMs = base.nowMs();
      const batch = checkedBatch(bytes, `${at.topic}-${at.partition}`, partition.settings, nowMs);
      if (batch.producerId < 0) return append(partition, batch);
      checkForeign(base, batch);
      const { verify } = options;
      const mustAsk = batch.transactional && verify !== undefined && !isKnown(partition, batch);
      if (!mustAsk) return place(partition, batch);
      // What is too late here is so whatever the transactional id has become: Kafka does not ask either.
      checkEpoch(partition.producer(batch.producerId), batch);
      const release = await verifications.admit(partition, batch, verify);
      try {
        // Its place is taken at the call; the next batch may follow before it is stored.
        return place(partition, batch);
      } finally {
        release();
      }
    },
    activeProducers: at =>
      Array.from(base.partition(at).state.producers, ([producerId, entry]) => ({
        producerId,
        producerEpoch: entry.epoch,
        lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
        lastTimestampMs: entry.lastTimestampMs,
        coordinatorEpoch: entry.coordinatorEpoch,
        currentTransactionStartOffset: entry.transactionStart,
      })),
  };
}

/** The sequences of the log's own producers and writers are not for clients to move. */
function checkForeign(base: LogBase, { producerId }: CheckedBatch): void {
  if (!base.producerIds.isOwn(producerId)) return;
  throw new Refusal('INVALID_PRODUCER_ID_MAPPING', `producer id ${producerId} is one of the log's own`);
}

function checkAcks(partition: Partition, requiredAcks: number): void {
  if (![-1, 0, 1].includes(requiredAcks)) {
    throw new Refusal('INVALID_REQUIRED_ACKS', `acks is -1, 0 or 1, not ${requiredAcks}`);
  }
  const { minInsyncReplicas } = partition.settings;
  if (requiredAcks === -1 && minInsyncReplicas > 1) {
    throw new Refusal('NOT_ENOUGH_REPLICAS', `min.insync.replicas is ${minInsyncReplicas}, there is one`);
  }
}

/** Gives the batch its place, unless it is a repetition or does not follow what its producer wrote. */
function place(partition: Partition, batch: CheckedBatch): Promise<AppendBatchesResult> {
  const entry = partition.producer(batch.producerId);
  const original = duplicateOf(entry, batch);
  if (original !== undefined) return repeated(partition, original);
  checkFollows(entry, batch);
  checkTransaction(entry, batch);
  return append(partition, batch);
}

async function append(partition: Partition, batch: CheckedBatch): Promise<AppendBatchesResult> {
  const { baseOffset, done } = partition.append([batch], { ...batch, marker: null });
  await done;
  const { logStartOffset } = partition.offsets();
  return { baseOffset, logAppendTimeMs: batch.logAppendTimeMs, logStartOffset, duplicate: false };
}

/** True where nobody has to be asked: its transaction is open here, or the batch is a repetition. */
function isKnown(partition: Partition, batch: ClientBatch): boolean {
  const entry = partition.producer(batch.producerId);
  return hasOpenTransaction(entry, batch) || duplicateOf(entry, batch) !== undefined;
}

/** What to answer for a batch that is stored already, or queued. */
async function repeated(partition: Partition, original: ProducerBatch): Promise<AppendBatchesResult> {
  await partition.settled();
  const { logStartOffset } = partition.offsets();
  const isAppendTime = partition.settings.timestampType === 'LogAppendTime';
  const logAppendTimeMs = isAppendTime ? original.timestampMs : -1;
  return { baseOffset: original.baseOffset, logAppendTimeMs, logStartOffset, duplicate: true };
}

/** A producer about whose transaction on a partition is asked. */
interface Verification {
  epoch: number;
  /** The least sequence that came: what follows it may not be stored before it. */
  lowestSequence: number;
  /** Resolves when the batch about which was asked has its place, or was refused. */
  turn: Promise<void> | null;
}

/** So many producers of a partition whose transactions were refused are remembered. */
const REFUSED_MAX = 1000;

/**
 * Asks about the first batch of a transaction on a partition. Further ones of its producer that come
 * meanwhile wait for the answer, so that they stay in order; where it was refused, they are too.
 */
class Verifications {
  readonly #of = new WeakMap<Partition, Map<number, Verification>>();

  /** Resolves when the batch may take its place; the answer is to be called when it has. */
  async admit(
    partition: Partition,
    batch: ClientBatch,
    verify: NonNullable<AppendBatchesOptions['verify']>,
  ): Promise<() => void> {
    const { producerId, baseSequence } = batch;
    const producers = this.#producersOf(partition);
    const verification = noted(producers, batch);
    while (verification.turn !== null) await verification.turn;
    let release = (): void => undefined;
    verification.turn = new Promise(resolve => {
      release = () => {
        verification.turn = null;
        resolve();
      };
    });
    try {
      if (!hasOpenTransaction(partition.producer(producerId), batch)) {
        await verify(producerId, batch.producerEpoch);
        checkFirst(verification, producerId, baseSequence);
      }
      producers.delete(producerId);
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  #producersOf(partition: Partition): Map<number, Verification> {
    const known = this.#of.get(partition) ?? new Map<number, Verification>();
    this.#of.set(partition, known);
    return known;
  }
}

function noted(producers: Map<number, Verification>, batch: ClientBatch): Verification {
  const { producerId, producerEpoch: epoch, baseSequence } = batch;
  const found = producers.get(producerId);
  if (found === undefined) {
    const made = { epoch, lowestSequence: baseSequence, turn: null };
    producers.set(producerId, made);
    if (producers.size > REFUSED_MAX) {
      for (const [id, { turn }] of producers) if (turn === null && id !== producerId) producers.delete(id);
    }
    return made;
  }
  if (epoch > found.epoch || (epoch === found.epoch && baseSequence < found.lowestSequence)) {
    found.epoch = epoch;
    found.lowestSequence = baseSequence;
  }
  return found;
}

function checkFirst({ lowestSequence }: Verification, producerId: number, baseSequence: number): void {
  if (baseSequence <= lowestSequence) return;
  throw new Refusal(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `producer ${producerId} should begin with sequence ${lowestSequence}, not ${baseSequence}`,
  );
}
