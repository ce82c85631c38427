import { allDone, appendMarker } from '../markers.ts';
import { type EndedPart, endedPartOf, stillNeeded } from './ended.ts';
import type { FinishOptions } from './finish.ts';
import { type LiveEntry, partOf, type TransactionPartition } from './live-entry.ts';
import { isPrepared, partitionKey } from './metadata.ts';

/**
 * After a start: give the transactions that the partitions' records show open their ends. Those of ids that
 * are `Ongoing` stay open, and those that are prepared are finished with their ids; any other was decided
 * and its marker lost, or belongs to nobody any more. Returns the ids that are to be stored anew before
 * anybody writes: their markers lie elsewhere now.
 */
export async function endLeftOpen(
  entries: readonly LiveEntry[],
  isOwn: (producerId: number) => boolean,
  { partitions, nowMs }: Pick<FinishOptions, 'partitions' | 'nowMs'>,
): Promise<readonly LiveEntry[]> {
  const owners = ownersOf(entries);
  const changed: LiveEntry[] = [];
  for (const entry of entries) {
    const lost = stillNeeded(entry.ended, part => partOf(partitions, part)?.logEndOffset);
    if (lost.length > 0) changed.push(entry);
    entry.ended = lost;
  }
  const rewritten = new Map<LiveEntry, EndedPart[]>(changed.map(entry => [entry, []]));
  const ends: Promise<void>[] = [];
  for (const found of partitions.all()) {
    for (const [producerId, firstOffset] of found.partition.state.ongoing) {
      const owner = owners.get(producerId);
      const open = { topicId: found.topicId, partition: found.index, producerId, firstOffset };
      const part = owner && endedPartOf(owner.ended, open);
      if (isOwn(producerId) || (part === undefined && isStillOpen(owner, found, producerId))) continue;
      const producerEpoch = found.partition.producer(producerId)?.epoch ?? 0;
      const outcome = part?.committed === true ? 'commit' : 'abort';
      const marker = appendMarker(found.partition, { producerId, producerEpoch }, outcome, nowMs());
      ends.push(marker.done);
      if (owner !== undefined && part !== undefined) {
        rewritten.get(owner)?.push({ ...part, markerOffset: marker.baseOffset });
      }
    }
  }
  for (const [entry, parts] of rewritten) entry.ended = parts;
  await allDone(ends);
  return changed;
}

function ownersOf(entries: readonly LiveEntry[]): Map<number, LiveEntry> {
  const owners = new Map<number, LiveEntry>();
  for (const entry of entries) {
    for (const part of entry.ended) owners.set(part.producerId, entry);
    owners.set(entry.metadata.producerId, entry);
  }
  return owners;
}

function isStillOpen(
  owner: LiveEntry | undefined,
  { topic, index }: TransactionPartition,
  producerId: number,
): boolean {
  if (owner === undefined) return false;
  const { state, partitions, producerId: current } = owner.metadata;
  if (current !== producerId || !(state === 'Ongoing' || isPrepared(state))) return false;
  return partitions.has(partitionKey({ topic, partition: index }));
}
