import { MillraceError } from '../core/mod.ts';
import {
  type BatchProducer,
  decodeRecords,
  type EncodedBatch,
  encodeBatch,
  recordCountAt,
  recordSizeMax,
  sealPacked,
} from './codec/mod.ts';
import type { NewRecord, NewRecords, PackedRecords } from './log.ts';

/** What bounds the batches of one append. */
export interface BatchLimits {
  readonly name: string;
  readonly maxMessageBytes: number;
  /**
   * False keeps all records in one batch: an idempotent append is one sequence, stored whole or not at all.
   */
  readonly split: boolean;
}

/**
 * Encode records as few batches of at most `maxMessageBytes`. RECORD_TOO_LARGE where one record alone
 * exceeds it.
 */
export function encodeBatches(
  records: NewRecords,
  producer: BatchProducer,
  nowMs: number,
  limits: BatchLimits,
): EncodedBatch[] {
  return 'packed' in records
    ? sealBatches(records, producer, nowMs, limits)
    : encodeRecords(records, producer, nowMs, limits);
}

/** How many records an append would add. */
export function recordCountOf(records: NewRecords): number {
  if (!('packed' in records)) return records.length;
  return records.packed.reduce((sum, batch) => sum + recordCountAt(batch, 0), 0);
}

/** Packed batches as they are, unless they break the limits: then their records are laid out anew. */
function sealBatches(
  { packed }: PackedRecords,
  producer: BatchProducer,
  nowMs: number,
  limits: BatchLimits,
): EncodedBatch[] {
  const fits = packed.every(batch => batch.length <= limits.maxMessageBytes);
  let { baseSequence } = producer;
  const sealed = packed.map(bytes => {
    const batch = sealPacked(bytes, { ...producer, baseSequence }, nowMs);
    if (producer.transactional) baseSequence = (baseSequence + batch.recordCount) % 2 ** 31;
    return batch;
  });
  if (fits && (limits.split || packed.length === 1)) return sealed;
  const records = sealed.flatMap(({ bytes }) => decodeRecords(bytes));
  return encodeRecords(records, producer, nowMs, limits);
}

function encodeRecords(
  records: readonly NewRecord[],
  producer: BatchProducer,
  nowMs: number,
  limits: BatchLimits,
): EncodedBatch[] {
  const batches: EncodedBatch[] = [];
  let from = 0;
  let bytes = 0;
  const cut = (to: number): void => {
    const baseSequence = producer.transactional
      ? (producer.baseSequence + from) % 2 ** 31
      : producer.baseSequence;
    batches.push(encodeBatch(records, from, to, { ...producer, baseSequence }, nowMs));
    from = to;
    bytes = 0;
  };
  for (let i = 0; i < records.length; i++) {
    const size = recordSizeMax(records[i]!);
    if (size > limits.maxMessageBytes) throw tooLarge(records[i]!, limits);
    if (limits.split && bytes > 0 && bytes + size > limits.maxMessageBytes) cut(i);
    bytes += size;
  }
  if (from < records.length) cut(records.length);
  return batches;
}

function tooLarge(record: NewRecord, limits: BatchLimits): MillraceError {
  const bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
  return new MillraceError(
    'RECORD_TOO_LARGE',
    `a record of ${bytes} bytes exceeds max.message.bytes = ${limits.maxMessageBytes} of ${limits.name}`,
  );
}
