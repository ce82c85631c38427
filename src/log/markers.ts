import { encodeMarker } from './codec/mod.ts';
import type { Partition } from './partition/partition.ts';

/** End the open transaction of a producer on one partition. */
export function appendMarker(
  partition: Partition,
  producer: { readonly producerId: number; readonly producerEpoch: number },
  outcome: 'commit' | 'abort',
  nowMs: number,
): { readonly baseOffset: number; readonly done: Promise<void> } {
  const { producerId, producerEpoch } = producer;
  const role = { producerId, producerEpoch, baseSequence: -1, transactional: true, marker: outcome };
  return partition.append([encodeMarker({ producerId, producerEpoch }, outcome, nowMs)], role);
}

/** Wait for all, then throw the first failure: nothing of a turn is left under way. */
export async function allDone(promises: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find(result => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
