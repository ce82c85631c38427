import { MillraceError } from '../core/mod.ts';
import {
  BATCH_HEADER_BYTES,
  type BatchProducer,
  type CheckedRecords,
  type ClientBatchHead,
  checkClientBatch,
  checkRecords,
  type EncodedBatch,
  plainBatch,
  recordsOf,
  restampBatch,
  withCompression,
} from './codec/mod.ts';
import { Refusal } from './refusal.ts';
import type { TopicSettings } from './settings.ts';

/** A client's batch as it is to be stored. */
export interface CheckedBatch extends EncodedBatch, BatchProducer {
  /** -1 where the producer's own times were kept. */
  readonly logAppendTimeMs: number;
}

/**
 * Checks the batch of a Produce request as Kafka's LogValidator does, and makes it what the topic stores:
 * times of the append, another compression. Changes `bytes` where it can.
 */
export function checkedBatch(
  bytes: Uint8Array,
  name: string,
  settings: TopicSettings,
  nowMs: number,
): CheckedBatch {
  const head = checkClientBatch(bytes, name, settings.maxMessageBytes);
  const hasAppendTime = settings.timestampType === 'LogAppendTime';
  if (head.hasAppendTime && !hasAppendTime) {
    throw new Refusal('INVALID_TIMESTAMP', `a producer for ${name} may not set the time of the append`);
  }
  const newest = checkedRecords(bytes, head, name, settings, nowMs);
  const maxTimestamp = hasAppendTime ? nowMs : newest;
  const stored = recompressed(bytes, head, name, settings);
  restampBatch(stored, hasAppendTime, maxTimestamp);
  return {
    bytes: stored,
    recordCount: head.recordCount,
    maxTimestamp,
    producerId: head.producerId,
    producerEpoch: head.producerEpoch,
    baseSequence: head.baseSequence,
    transactional: head.transactional,
    logAppendTimeMs: hasAppendTime ? nowMs : -1,
  };
}

/** The largest time of the records, all of which are well. */
function checkedRecords(
  bytes: Uint8Array,
  head: ClientBatchHead,
  name: string,
  settings: TopicSettings,
  nowMs: number,
): number {
  const anyTime = settings.timestampType === 'LogAppendTime';
  const rules = {
    needKeys: settings.compaction !== null,
    timestampMin: anyTime ? Number.NEGATIVE_INFINITY : nowMs - settings.timestampBeforeMaxMs,
    timestampMax: anyTime ? Number.POSITIVE_INFINITY : nowMs + settings.timestampAfterMaxMs,
  };
  const isPlain = head.compression === 'none';
  const records = isPlain ? bytes : decompressed(bytes, name);
  const start = isPlain ? BATCH_HEADER_BYTES : 0;
  const checked = checkRecords(records, start, head.recordCount, head.baseTimestamp, rules);
  if (checked.faults.length > 0) throw refusalOf(checked.faults, name);
  return checked.maxTimestamp;
}

function decompressed(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return recordsOf(bytes, 0);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    // The checksum was right, so sending it again would not help, as CORRUPT_MESSAGE would have a client do.
    throw new Refusal('INVALID_RECORD', `a batch for ${name} can't be read: ${error.message}`);
  }
}

const FAULTS: Readonly<Record<CheckedRecords['faults'][number]['fault'], string>> = {
  malformed: 'the record is not well-formed',
  key: 'a compacted topic takes no record without key',
  timestamp:
    'the time is outside of what message.timestamp.before.max.ms and message.timestamp.after.max.ms allow',
};

function refusalOf(faults: CheckedRecords['faults'], name: string): Refusal {
  const recordErrors = faults.map(({ index, fault }) => ({ batchIndex: index, message: FAULTS[fault] }));
  const isTime = faults.some(({ fault }) => fault === 'timestamp');
  return isTime
    ? new Refusal('INVALID_TIMESTAMP', `records for ${name} are refused for their times`, recordErrors)
    : new Refusal('INVALID_RECORD', `records for ${name} are refused`, recordErrors);
}

/** With the compression of the topic; may be larger then than it was. */
function recompressed(
  bytes: Uint8Array,
  head: ClientBatchHead,
  name: string,
  settings: TopicSettings,
): Uint8Array {
  const { compression, compressionLevel, maxMessageBytes, segmentBytes } = settings;
  const isKept = compression === 'producer' || compression === head.compression;
  const stored = isKept ? bytes : withCompression(plainBatch(bytes), compression, compressionLevel);
  if (stored.length > maxMessageBytes) {
    throw new Refusal(
      'MESSAGE_TOO_LARGE',
      `a batch for ${name} has ${stored.length} bytes in ${compression}, more than ${maxMessageBytes}`,
    );
  }
  if (stored.length > segmentBytes) {
    throw new Refusal(
      'RECORD_LIST_TOO_LARGE',
      `a batch of ${stored.length} bytes for ${name} exceeds segment.bytes = ${segmentBytes}`,
    );
  }
  return stored;
}
