import type { LogBroker, OffsetAndTimestamp, OffsetQuery } from './broker.ts';
import type { IsolationLevel, TopicPartition } from './log.ts';
import type { LogBase } from './log-base.ts';
import { inOurWords } from './storage/storage.ts';

const NOTHING: OffsetAndTimestamp = { offset: -1, timestampMs: -1 };

/** The reading side of the embedded log. */
export function logReads(
  base: LogBase,
): Pick<
  LogBroker,
  'read' | 'stretch' | 'hasRead' | 'waitFor' | 'watch' | 'offsets' | 'offsetForTime' | 'listOffset' | 'sizeOf'
> {
  return {
    read: async (at, offset, maxBytes, isolation, into) => {
      const partition = base.partition(at);
      return inOurWords(`reading ${at.topic}-${at.partition}`, () =>
        partition.read(offset, maxBytes, isolation, into),
      );
    },
    stretch: async (at, offset, isolation) => base.partition(at).stretch(offset, isolation),
    hasRead: (topic, records, bytes) => {
      const counters = base.countersOf(topic);
      counters.recordsRead += records;
      counters.bytesRead += bytes;
    },
    waitFor: async (at, offset, isolation, timeoutMs, signal) =>
      base.partition(at).waitFor(offset, isolation, timeoutMs, signal),
    watch: (at, offset, isolation, wake) => base.partition(at).watch(offset, isolation, wake),
    offsets: async at => base.partition(at).offsets(),
    offsetForTime: async (at, timestampMs) =>
      (await base.partition(at).atTime(timestampMs, 'read_uncommitted'))?.offset,
    listOffset: async (at, query, isolation) => listOffset(base, at, query, isolation),
    sizeOf: at => base.partition(at).sizeBytes,
  };
}

async function listOffset(
  base: LogBase,
  at: TopicPartition,
  query: OffsetQuery,
  isolation: IsolationLevel,
): Promise<OffsetAndTimestamp> {
  const partition = base.partition(at);
  const { logStartOffset, highWatermark, lastStableOffset } = partition.offsets();
  switch (query) {
    case 'earliest':
    case 'earliest-local':
      return { offset: logStartOffset, timestampMs: -1 };
    case 'latest':
      return { offset: isolation === 'read_committed' ? lastStableOffset : highWatermark, timestampMs: -1 };
    case 'latest-tiered':
      return NOTHING;
    case 'max-timestamp':
      return (await partition.newest(isolation)) ?? NOTHING;
    default:
      return (await partition.atTime(query.timestampMs, isolation)) ?? NOTHING;
  }
}
