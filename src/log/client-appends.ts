import type { AppendBatchesOptions, AppendBatchesResult, LogBroker } from './broker.ts';
import { type CheckedBatch, checkedBatch } from './checked-batch.ts';
import type { LogBase } from './log-base.ts';
import type { Partition } from './partition/partition.ts';
import {
  type ClientBatch,
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
      if (batch.transactional && options.verify !== undefined && !isKnown(partition, batch)) {
        await verifications.admit(partition, batch, options.verify);
      }
      const entry = partition.producer(batch.producerId);
      const original = duplicateOf(entry, batch);
      if (original !== undefined) return repeated(partition, original);
      checkFollows(entry, batch);
      checkTransaction(entry, batch);
      return append(partition, batch);
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

function checkAcks(partition: Partition, requiredAcks: number): void {
  if (![-1, 0, 1].includes(requiredAcks)) {
    throw new Refusal('INVALID_REQUIRED_ACKS', `acks is -1, 0 or 1, not ${requiredAcks}`);
  }
  const { minInsyncReplicas } = partition.settings;
  if (requiredAcks === -1 && minInsyncReplicas > 1) {
    throw new Refusal('NOT_ENOUGH_REPLICAS', `min.insync.replicas is ${minInsyncReplicas}, there is one`);
  }
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

/**
 * Asks about the first batch of a transaction on a partition. Further ones of its producer that come
 * meanwhile wait for the answer, so that they stay in order.
 */
class Verifications {
  readonly #under = new Map<Partition, Map<number, Promise<void>>>();

  async admit(
    partition: Partition,
    batch: ClientBatch,
    verify: NonNullable<AppendBatchesOptions['verify']>,
  ): Promise<void> {
    const { producerId } = batch;
    for (;;) {
      const under = this.#under.get(partition)?.get(producerId);
      if (under === undefined) break;
      await under.catch(() => undefined);
    }
    if (hasOpenTransaction(partition.producer(producerId), batch)) return;
    const asked = verify(producerId, batch.producerEpoch);
    const ofPartition = this.#under.get(partition) ?? new Map<number, Promise<void>>();
    this.#under.set(partition, ofPartition.set(producerId, asked));
    try {
      await asked;
    } finally {
      ofPartition.delete(producerId);
      if (ofPartition.size === 0) this.#under.delete(partition);
    }
  }
}
