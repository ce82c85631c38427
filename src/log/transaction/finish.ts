import { assert, failpoint } from '../../core/mod.ts';
import { allDone, appendMarker } from '../markers.ts';
import type { LiveEntry, TransactionPartition, TransactionPartitions } from './live-entry.ts';
import { isPrepared } from './metadata.ts';
import { OFFSETS_TOPIC } from './offsets-partition.ts';

export interface FinishOptions {
  readonly partitions: TransactionPartitions;
  /** Make a transaction's committed offsets count, or forget them; durable when it resolves. */
  readonly completeOffsets: (producerId: number, committed: boolean) => Promise<void>;
  readonly nowMs: () => number;
}

/**
 * Behind the commit point: write the markers, and let the groups' offsets count. Repeated until it works;
 * `marked` holds the partitions that have their marker.
 */
export async function writeEnds(
  entry: LiveEntry,
  marked: Set<string>,
  options: FinishOptions,
): Promise<void> {
  const { metadata } = entry;
  assert(isPrepared(metadata.state), 'only a decided transaction has ends to write');
  const committed = metadata.state === 'PrepareCommit';
  const markers: Promise<void>[] = [];
  let hasOffsets = false;
  for (const [key, at] of metadata.partitions) {
    if (at.topic === OFFSETS_TOPIC) hasOffsets = true;
    else if (!marked.has(key)) {
      const found = options.partitions.find(at);
      const done = found && writeMarker(entry, found, committed, options.nowMs());
      if (done !== undefined) markers.push(done.then(() => void marked.add(key)));
      failpoint('transaction.marker.before');
    }
  }
  await allDone(markers);
  failpoint('transaction.markers.after');
  if (!hasOffsets) return;
  await options.completeOffsets(metadata.producerId, committed);
  failpoint('transaction.offsets.after');
}

async function writeMarker(
  entry: LiveEntry,
  { topic, topicId, index, partition }: TransactionPartition,
  committed: boolean,
  nowMs: number,
): Promise<void> {
  const { producerId } = entry.metadata;
  const { baseOffset, done } = appendMarker(partition, entry.metadata, committed ? 'commit' : 'abort', nowMs);
  try {
    await done;
  } catch (error) {
    // A topic that was deleted meanwhile needs no end.
    if (partition.closed) return;
    throw error;
  }
  const part = { topic, topicId, partition: index, producerId, markerOffset: baseOffset, committed };
  entry.ended = [...entry.ended, part];
}
