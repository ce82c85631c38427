import { MillraceError } from '../core/mod.ts';
import { type BatchProducer, type EncodedBatch, encodeBatch, recordSizeMax } from './codec/mod.ts';
import type { NewRecord } from './log.ts';

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
