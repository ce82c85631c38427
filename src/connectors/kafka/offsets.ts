import type { Log, TopicPartition } from '../../log/mod.ts';
import type { OffsetSpec } from './options.ts';

/** The offset where reading a partition begins. */
export async function startOffset(log: Log, at: TopicPartition, spec: OffsetSpec): Promise<number> {
  const { logStartOffset, lastStableOffset } = await log.offsets(at);
  if (spec.kind === 'latest') return lastStableOffset;
  if (spec.kind === 'timestamp') return (await log.offsetForTime(at, spec.millis)) ?? lastStableOffset;
  const wanted =
    spec.kind === 'specific' ? (spec.offsets.get(at.partition) ?? logStartOffset) : logStartOffset;
  return Math.max(logStartOffset, wanted);
}

/** The offset before which reading a partition ends; null where it never does. */
export async function endOffset(log: Log, at: TopicPartition, spec: OffsetSpec): Promise<number | null> {
  if (spec.kind === 'unbounded') return null;
  const { lastStableOffset } = await log.offsets(at);
  if (spec.kind === 'timestamp') return (await log.offsetForTime(at, spec.millis)) ?? lastStableOffset;
  return spec.kind === 'specific' ? (spec.offsets.get(at.partition) ?? lastStableOffset) : lastStableOffset;
}
