import type { AbortedTransaction } from '../codec/mod.ts';

/** What the state of a partition has to know of a batch. */
export interface AppliedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly transactional: boolean;
  /** How a control batch ends its transaction, null for data. */
  readonly marker: 'commit' | 'abort' | null;
}

/** Where a producer stands. */
export interface ProducerEntry {
  readonly epoch: number;
  readonly lastSequence: number;
  /** Base offset of its last batch, to answer a duplicate. */
  readonly lastBaseOffset: number;
}

/** The state as plain data, for the snapshot file. */
export interface PartitionStateData {
  readonly producers: readonly (readonly [number, ProducerEntry])[];
  /** Producer id and first offset of transactions without an end. */
  readonly ongoing: readonly (readonly [number, number])[];
  /** Producer id, first offset, and offset of the abort marker; ascending by the latter. */
  readonly aborted: readonly (readonly [number, number, number])[];
}

const SEQUENCE_MODULUS = 2 ** 31;

/**
 * What follows from the batches up to the high watermark: sequences of producers, open transactions, aborted
 * ones. A transaction holds one batch sequence per record; a plain idempotent append counts as one.
 */
export class PartitionState {
  readonly producers: Map<number, ProducerEntry>;
  readonly ongoing: Map<number, number>;
  #aborted: (readonly [number, number, number])[];

  constructor(data: PartitionStateData = { producers: [], ongoing: [], aborted: [] }) {
    this.producers = new Map(data.producers);
    this.ongoing = new Map(data.ongoing);
    this.#aborted = [...data.aborted];
  }

  apply(batch: AppliedBatch): void {
    if (batch.producerId < 0) return;
    if (batch.marker !== null) this.#end(batch, batch.marker);
    else {
      if (batch.transactional && !this.ongoing.has(batch.producerId)) {
        this.ongoing.set(batch.producerId, batch.baseOffset);
      }
      this.producers.set(batch.producerId, entryAfter(batch));
    }
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
      .filter(([, first, last]) => last >= from && first < to)
      .map(([producerId, firstOffset]) => ({ producerId: BigInt(producerId), firstOffset }));
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

  data(): PartitionStateData {
    return { producers: [...this.producers], ongoing: [...this.ongoing], aborted: this.#aborted };
  }
}

/** Where the producer of a data batch stands behind it. */
export function entryAfter(batch: AppliedBatch): ProducerEntry {
  const steps = batch.transactional ? batch.recordCount - 1 : 0;
  return {
    epoch: batch.producerEpoch,
    lastSequence: (batch.baseSequence + steps) % SEQUENCE_MODULUS,
    lastBaseOffset: batch.baseOffset,
  };
}

/** The next sequence of a transactional producer: from 0 in a new epoch, else on from the last. */
export function nextSequence(entry: ProducerEntry | undefined, epoch: number): number {
  return entry === undefined || entry.epoch !== epoch ? 0 : (entry.lastSequence + 1) % SEQUENCE_MODULUS;
}
