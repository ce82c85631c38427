import { type Batch, forEachRow } from '../../core/mod.ts';
import type { RowCompare, RowLists } from '../../state/mod.ts';
import type { NetChanges } from './rank-net.ts';

/**
 * The first row of each partition over a mini-batch, of an input that takes nothing back: of a batch's rows
 * only the best of each partition are kept, all at once.
 */
export class FirstRows {
  readonly #lists: RowLists;
  readonly #net: NetChanges;
  readonly #compare: RowCompare;
  /** By key: one more than the place of its best row among those of this batch, 0 without one. */
  #places = new Int32Array(16);
  /** Keys of the rows that are better than what is kept, and those rows. */
  #keys = new Int32Array(16);
  #rows = new Int32Array(16);

  constructor(lists: RowLists, net: NetChanges, compare: RowCompare) {
    this.#lists = lists;
    this.#net = net;
    this.#compare = compare;
  }

  /** Take in a batch whose keys were looked up last. */
  take(batch: Batch): void {
    const lists = this.#lists;
    const net = this.#net;
    const count = this.#best(batch);
    const keys = this.#keys;
    for (let k = 0; k < count; k++) {
      const key = keys[k]!;
      this.#places[key] = 0;
      net.touch(key);
      const id = lists.first(key);
      // What came in this mini-batch nobody has seen: the better row is written over it.
      if (id !== 0 && !net.isAdded(id)) net.remove(id);
    }
    lists.putOnly(batch.columns, keys, this.#rows, count);
    for (let k = 0; k < count; k++) net.added(lists.first(keys[k]!));
  }

  /** Collects the best row of each key that has a better one than is kept; returns how many. */
  #best(batch: Batch): number {
    const lists = this.#lists;
    const { found } = lists;
    const { columns, selectionCount } = batch;
    const kept = lists.rows.columns;
    const compare = this.#compare;
    if (this.#keys.length < selectionCount) {
      this.#keys = new Int32Array(selectionCount * 2);
      this.#rows = new Int32Array(selectionCount * 2);
    }
    const places = this.#reservePlaces();
    const [keys, rows] = [this.#keys, this.#rows];
    let count = 0;
    let k = 0;
    forEachRow(batch, row => {
      const key = found[k++]!;
      const place = places[key]!;
      if (place !== 0) {
        if (compare(columns, rows[place - 1]!, columns, row) > 0) rows[place - 1] = row;
        return;
      }
      const id = lists.first(key);
      if (id !== 0 && compare(kept, id, columns, row) <= 0) return;
      keys[count] = key;
      rows[count++] = row;
      places[key] = count;
    });
    return count;
  }

  #reservePlaces(): Int32Array {
    const wanted = this.#lists.keyTable.store.end;
    if (this.#places.length < wanted) this.#places = new Int32Array(wanted * 2);
    return this.#places;
  }
}
