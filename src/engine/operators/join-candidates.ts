import type { Batch, Column } from '../../core/mod.ts';
import type { KeyHashes, Pairs } from '../../state/mod.ts';
import type { PairFilter } from '../codegen/mod.ts';
import type { JoinSide } from './join-side.ts';

/** A segment ends behind the row that brings it over this, so that memory stays bounded. */
const CANDIDATES_MAX = 32_768;

/**
 * The pairs that rows of a batch form with kept rows of the other side: first all of equal key, then those
 * the rest of the condition holds for. Rows are taken in segments.
 */
export class Candidates implements Pairs {
  /** Physical rows of the batch. */
  rows = new Int32Array(256);
  /** Ids of kept rows. */
  ids = new Int32Array(256);
  count = 0;
  /** Where the pairs of the k-th row of the segment begin; one more for the end. */
  starts = new Int32Array(256);
  #kept = new Int32Array(0);

  /** Collect the pairs of the live rows from position `from`; returns the position behind the last. */
  collect(batch: Batch, keys: KeyHashes, from: number, other: JoinSide): number {
    const { selectionCount } = batch;
    if (this.starts.length <= selectionCount - from) this.starts = new Int32Array(selectionCount * 2 + 1);
    return other.find(batch, keys, from, CANDIDATES_MAX, this);
  }

  grow(): void {
    const [rows, ids] = [this.rows, this.ids];
    this.rows = new Int32Array(rows.length * 2);
    this.ids = new Int32Array(rows.length * 2);
    this.rows.set(rows);
    this.ids.set(ids);
  }

  /** Keep the pairs that the condition holds for, of `length` rows. */
  filter(
    holds: PairFilter,
    batch: readonly Column[],
    kept: readonly Column[],
    fromLeft: boolean,
    length: number,
  ): void {
    if (this.count === 0) return;
    if (this.#kept.length < this.count) this.#kept = new Int32Array(this.ids.length);
    const { rows, ids, starts } = this;
    const n = fromLeft
      ? holds(batch, rows, kept, ids, this.count, this.#kept)
      : holds(kept, ids, batch, rows, this.count, this.#kept);
    if (n === this.count) return;
    let at = 0;
    for (let k = 0; k < length; k++) {
      const end = starts[k + 1]!;
      starts[k] = at;
      for (let p = at; p < n && this.#kept[p]! < end; p++, at++) {
        rows[p] = rows[this.#kept[p]!]!;
        ids[p] = ids[this.#kept[p]!]!;
      }
    }
    starts[length] = n;
    this.count = n;
  }
}
