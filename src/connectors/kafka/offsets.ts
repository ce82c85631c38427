import { MillraceError } from '../../core/mod.ts';
import type { Log, TopicPartition } from '../../log/mod.ts';
import type { OffsetSpec } from './options.ts';

/** The offset where reading a partition begins. */
export async function startOffset(log: Log, at: TopicPartition, spec: OffsetSpec): Promise<number> {
  const { logStartOffset, lastStableOffset } = await log.offsets(at);
  if (spec.kind === 'latest') return lastStableOffset;
  if (spec.kind === 'timestamp') return (await log.offsetForTime(at, spec.millis)) ?? lastStableOffset;
  if (spec.kind === 'group') {
    const committed = await committedOffset(log, at, spec.group);
    if (committed === undefined && spec.reset === 'none') throw noOffset(at, spec.group);
    if (committed === undefined && spec.reset === 'latest') return lastStableOffset;
    return Math.max(logStartOffset, committed ?? logStartOffset);
  }
  const wanted =
    spec.kind === 'specific' ? (spec.offsets.get(at.partition) ?? logStartOffset) : logStartOffset;
  return Math.max(logStartOffset, wanted);
}

/** The offset before which reading a partition ends; null where it never does. */
export async function endOffset(log: Log, at: TopicPartition, spec: OffsetSpec): Promise<number | null> {
  if (spec.kind === 'unbounded') return null;
  const { lastStableOffset } = await log.offsets(at);
  if (spec.kind === 'timestamp') return (await log.offsetForTime(at, spec.millis)) ?? lastStableOffset;
  if (spec.kind === 'group') {
    const committed = await committedOffset(log, at, spec.group);
    if (committed === undefined) throw noOffset(at, spec.group);
    return committed;
  }
  return spec.kind === 'specific' ? (spec.offsets.get(at.partition) ?? lastStableOffset) : lastStableOffset;
}

async function committedOffset(log: Log, at: TopicPartition, group: string): Promise<number | undefined> {
  const committed = await log.committedOffsets(group);
  return committed.find(({ topic, partition }) => topic === at.topic && partition === at.partition)?.offset;
}

/** In the words of Kafka's consumer, as Flink's users meet it. */
const noOffset = ({ topic, partition }: TopicPartition, group: string): MillraceError =>
  new MillraceError(
    'OFFSET_OUT_OF_RANGE',
    `Undefined offset with no reset policy for partitions: [${topic}-${partition}]: the group '${group}' has not ` +
      "committed there. 'properties.auto.offset.reset' says where to begin then: earliest or latest.",
  );
