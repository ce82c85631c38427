import { assert, MillraceError } from '../core/mod.ts';
import { NO_PRODUCER } from './codec/mod.ts';
import { encodeBatches, recordCountOf } from './encode-batches.ts';
import type { AppendResult, Log, NewRecords, ProducerSequence, TopicPartition } from './log.ts';
import type { LogBase } from './log-base.ts';
import type { Partition } from './partition/partition.ts';

const SEQUENCE_MAX = 2 ** 31 - 1;

/** Appends of Millrace's own parts: records, not batches; sequences number calls. */
export function ownAppends(base: LogBase): Pick<Log, 'append' | 'lastSequence'> {
  return {
    append: async (at, records, idempotence) => {
      const partition = base.partition(at);
      assert(recordCountOf(records) > 0, 'an append holds at least one record');
      if (idempotence !== undefined) return appendOnce(base, at, partition, records, idempotence);
      const { baseOffset, done } = appendNow(base, at, partition, records, NO_PRODUCER, NO_PRODUCER);
      await done;
      return { baseOffset, duplicate: false };
    },
    lastSequence: async (at, producer) => {
      const partition = base.partition(at);
      const producerId = base.producerIds.find(`producer/${producer}`);
      if (producerId === undefined) return -1;
      // The base sequence of a batch is that of its call.
      return partition.state.producers.get(producerId)?.batches.at(-1)?.firstSequence ?? -1;
    },
  };
}

function appendNow(
  base: LogBase,
  at: TopicPartition,
  partition: Partition,
  records: NewRecords,
  producerId: number,
  baseSequence: number,
): { baseOffset: number; done: Promise<void> } {
  const idempotent = producerId !== NO_PRODUCER;
  const epoch = idempotent ? 0 : NO_PRODUCER;
  const producer = { producerId, producerEpoch: epoch, baseSequence, transactional: false };
  const batches = encodeBatches(records, producer, base.nowMs(), {
    name: at.topic,
    maxMessageBytes: partition.settings.maxMessageBytes,
    split: !idempotent,
  });
  return partition.append(batches, { ...producer, marker: null });
}

async function appendOnce(
  base: LogBase,
  at: TopicPartition,
  partition: Partition,
  records: NewRecords,
  { producer, sequence, sparse = false }: ProducerSequence,
): Promise<AppendResult> {
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > SEQUENCE_MAX) {
    throw new MillraceError(
      'OUT_OF_ORDER_SEQUENCE',
      `a sequence is a whole number from 0 to ${SEQUENCE_MAX}, not ${sequence}`,
    );
  }
  const producerId = await base.producerIds.idOf(`producer/${producer}`);
  const last = partition.producer(producerId)?.batches.at(-1);
  if (last !== undefined && sequence <= last.firstSequence) {
    await partition.settled();
    return { baseOffset: sequence === last.firstSequence ? last.baseOffset : -1, duplicate: true };
  }
  if (last !== undefined && !sparse && sequence !== last.firstSequence + 1) {
    throw new MillraceError(
      'OUT_OF_ORDER_SEQUENCE',
      `${producer} should continue with sequence ${last.firstSequence + 1}, not ${sequence}`,
    );
  }
  const { baseOffset, done } = appendNow(base, at, partition, records, producerId, sequence);
  await done;
  return { baseOffset, duplicate: false };
}
