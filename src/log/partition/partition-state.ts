import type { AbortedTransaction } from '../codec/mod.ts';
import { type AppliedBatch, entryAfter, type ProducerEntry } from './producer-entry.ts';

/** The state as plain data, for the snapshot file. */
export interface PartitionStateData {
  readonly producers: readonly (readonly [number, ProducerEntry])[];
  /** Producer id and first offset of transactions without an end. */
  readonly ongoing: readonly (readonly [number, number])[];
  /** Producer id, first offset, and offset of the abort marker; ascending by the latter. */
  readonly aborted: readonly (readonly [number, number, number])[];
}

/** As the snapshots before batches were remembered had a producer. */
interface FormerEntry {
  readonly epoch: number;
  readonly lastSequence: number;
  readonly lastBaseOffset: number;
}

/**
 * What follows from the batches up to the high watermark: sequences of producers, open transactions, aborted
 * ones.
 */
export class PartitionState {
  readonly producers: Map<number, ProducerEntry>;
  readonly ongoing: Map<number, number>;
  #aborted: (readonly [number, number, number])[];

  constructor(data: PartitionStateData = { producers: [], ongoing: [], aborted: [] }, nowMs = 0) {
    this.ongoing = new Map(data.ongoing);
    this.producers = new Map(
      data.producers.map(([id, entry]) => [id, upToDate(entry, this.ongoing.get(id) ?? -1, nowMs)]),
    );
    this.#aborted = [...data.aborted];
  }

  apply(batch: AppliedBatch, nowMs: number): void {
    if (batch.producerId >= 0) {
      this.applyAs(batch, entryAfter(this.producers.get(batch.producerId), batch, nowMs));
    }
  }

  /** As `apply`, where it is known already where the producer stands behind the batch. */
  applyAs(batch: AppliedBatch, entry: ProducerEntry): void {
    const { producerId } = batch;
    this.producers.set(producerId, entry);
    if (batch.marker !== null) this.#end(batch, batch.marker);
    else if (entry.transactionStart >= 0) this.ongoing.set(producerId, entry.transactionStart);
  }

  #end(batch: AppliedBatch, outcome: 'commit' | 'abort'): void {
    const first = this.ongoing.get(batch.producerId);
    this.ongoing.delete(batch.producerId);
    if (outcome === 'abort' && first !== undefined) {
      this.#aborted.push([batch.producerId, first, batch.lastOffset]);
    }
  }

  /** The end for `read_committed`: the first open transaction's start, else the high watermark. */
  lastStableOffset(highWatermark: number): number {
    let stable = highWatermark;
    for (const first of this.ongoing.values()) if (first < stable) stable = first;
    return stable;
  }

  /** Aborted transactions that have records in `[from, to)`. */
  abortedBetween(from: number, to: number): readonly AbortedTransaction[] {
    if (this.#aborted.length === 0) return [];
    return this.#aborted
      .slice(this.#firstAborted(from))
      .filter(([, first]) => first < to)
      .map(([producerId, firstOffset]) => ({ producerId: BigInt(producerId), firstOffset }));
  }

  /** The first aborted transaction that ends at or behind `offset`. */
  #firstAborted(offset: number): number {
    let [low, high] = [0, this.#aborted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#aborted[middle]![2] < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** True for a transactional batch of a transaction that was aborted. */
  isAborted(producerId: number, baseOffset: number): boolean {
    return this.#aborted.some(
      ([id, first, last]) => id === producerId && first <= baseOffset && baseOffset < last,
    );
  }

  /** Forget aborted transactions that retention or compaction has taken away. */
  forgetBelow(logStartOffset: number): void {
    this.#aborted = this.#aborted.filter(([, , last]) => last >= logStartOffset);
  }

  /** Forget producers that have no transaction open and have not written since; but those that are kept. */
  forgetProducers(sinceMs: number, isKept: (producerId: number) => boolean): void {
    for (const [id, entry] of this.producers) {
      if (entry.transactionStart < 0 && entry.seenMs < sinceMs && !isKept(id)) {
        this.producers.delete(id);
      }
    }
  }

  data(): PartitionStateData {
    return { producers: [...this.producers], ongoing: [...this.ongoing], aborted: this.#aborted };
  }
}

function upToDate(
  entry: ProducerEntry | FormerEntry,
  transactionStart: number,
  seenMs: number,
): ProducerEntry {
  if ('batches' in entry) return entry;
  const { epoch, lastSequence, lastBaseOffset: baseOffset } = entry;
  const last = { firstSequence: lastSequence, lastSequence, baseOffset, timestampMs: 0 };
  return {
    epoch,
    coordinatorEpoch: -1,
    lastTimestampMs: 0,
    seenMs,
    transactionStart,
    lastOffset: baseOffset,
    batches: [last],
  };
}
