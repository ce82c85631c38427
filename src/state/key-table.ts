import type { Batch, Column, DataType } from '../core/mod.ts';
import { assert } from '../core/mod.ts';
import { compileHash } from './key-hash.ts';
import { compileLookUp, type LookUp, proofsFor } from './key-look-up.ts';
import { compileCopy, type RowCopy } from './row-code.ts';
import type { RowStore } from './row-store.ts';

/**
 * An open-addressing hash table (linear probing, deletion by backward shift) from key cells to ids of a
 * RowStore whose columns `storeKeys` hold the key. The look-up loop over a batch is generated for the types.
 */
export class KeyTable {
  readonly store: RowStore;
  /** Pairs of id (0 where there is none) and hash: a probe mostly ends in the memory it began in. */
  buckets = new Int32Array(64);
  #used = 0;
  /** The ids that the look-up under way has added. */
  #added = new Int32Array(0);
  #addedCount = 0;
  readonly #lookUp: LookUp;
  readonly #proofs: ReturnType<typeof proofsFor>;
  readonly #copyKey: RowCopy;
  readonly #rehash: (columns: readonly Column[], row: number) => number;
  readonly #types: readonly DataType[];
  readonly #storeKeys: readonly number[];

  /** `batchKeys` are the key's columns in the batches given to `find` and `findOrAdd`. */
  constructor(store: RowStore, storeKeys: readonly number[], batchKeys: readonly number[]) {
    this.store = store;
    const types = storeKeys.map(c => store.schema.fields[c]!.type);
    this.#lookUp = compileLookUp(types, storeKeys, batchKeys);
    this.#proofs = proofsFor(types);
    this.#copyKey = compileCopy(types, batchKeys, storeKeys);
    this.#rehash = compileHash(types, storeKeys);
    this.#types = types;
    this.#storeKeys = storeKeys;
  }

  /** A look-up in this table by other columns of a batch: how one side of a join asks the other. */
  prober(batchKeys: readonly number[]): (batch: Batch, out: Int32Array, nullable: boolean) => void {
    assert(batchKeys.length === this.#types.length, 'a key is looked up by as many columns as it has');
    const lookUp = compileLookUp(this.#types, this.#storeKeys, batchKeys);
    const proofs = proofsFor(this.#types);
    return (batch, out, nullable) =>
      lookUp(this, batch.columns, batch.selection, batch.selectionCount, out, false, nullable, proofs);
  }

  /** Ids in `out[k]` for the k-th live row, added where missing (`onAdd` initialises them). */
  findOrAdd(batch: Batch, out: Int32Array): void {
    this.reserve(batch.selectionCount);
    this.#lookUp(this, batch.columns, batch.selection, batch.selectionCount, out, true, true, this.#proofs);
    const count = this.#addedCount;
    this.#addedCount = 0;
    for (let k = 0; k < count; k++) this.onAdd(this.#added[k]!);
  }

  /**
   * Ids in `out[k]` for the k-th live row, 0 where there is none. With `nullable` false, null keys match
   * nothing.
   */
  find(batch: Batch, out: Int32Array, nullable: boolean): void {
    this.#lookUp(
      this,
      batch.columns,
      batch.selection,
      batch.selectionCount,
      out,
      false,
      nullable,
      this.#proofs,
    );
  }

  /** Make room for `rows` more keys. Called by `findOrAdd`. */
  reserve(rows: number): void {
    this.store.reserve(rows);
    if (this.#added.length < rows) this.#added = new Int32Array(rows * 2);
    const before = this.buckets.length / 2;
    let capacity = before;
    while ((this.#used + rows) * 2 > capacity) capacity *= 2;
    if (capacity !== before) this.#grow(capacity);
  }

  /** Called by the generated loop at an empty bucket. */
  insert(bucket: number, hash: number, columns: readonly Column[], row: number): number {
    const id = this.store.allocate();
    this.buckets[bucket * 2] = id;
    this.buckets[bucket * 2 + 1] = hash;
    this.#used++;
    this.#copyKey(columns, row, this.store.columns, id);
    this.#added[this.#addedCount++] = id;
    return id;
  }

  /** Initialises the other cells of an added id, once the look-up is over. */
  onAdd: (id: number) => void = () => {};

  /** Take the key of `id` out and release the row. */
  remove(id: number): void {
    const { buckets } = this;
    const mask = buckets.length / 2 - 1;
    let hole = this.#rehash(this.store.columns, id) & mask;
    while (buckets[hole * 2] !== id) hole = (hole + 1) & mask;
    let next = (hole + 1) & mask;
    for (; buckets[next * 2] !== 0; next = (next + 1) & mask) {
      const home = buckets[next * 2 + 1]! & mask;
      // Move back only rows whose probe sequence passes the hole.
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      buckets[hole * 2] = buckets[next * 2]!;
      buckets[hole * 2 + 1] = buckets[next * 2 + 1]!;
      hole = next;
    }
    buckets[hole * 2] = 0;
    this.#used--;
    this.store.release(id);
  }

  /** Forget all keys and their rows. */
  clear(): void {
    this.store.clear();
    this.buckets.fill(0);
    this.#used = 0;
  }

  /** Build the index anew from the store's rows, after a restore. */
  reindex(): void {
    const { store } = this;
    let capacity = 32;
    while (store.size * 2 > capacity) capacity *= 2;
    const buckets = new Int32Array(capacity * 2);
    for (let id = 1; id < store.end; id++) {
      if (store.live[id] === 1) put(buckets, id, this.#rehash(store.columns, id));
    }
    this.buckets = buckets;
    this.#used = store.size;
  }

  /** Bucket by bucket, which writes from the begin to the end of each part of the new ones. */
  #grow(capacity: number): void {
    const old = this.buckets;
    const buckets = new Int32Array(capacity * 2);
    for (let at = 0; at < old.length; at += 2) if (old[at] !== 0) put(buckets, old[at]!, old[at + 1]!);
    this.buckets = buckets;
  }
}

function put(buckets: Int32Array, id: number, hash: number): void {
  const mask = buckets.length / 2 - 1;
  let at = hash & mask;
  while (buckets[at * 2] !== 0) at = (at + 1) & mask;
  buckets[at * 2] = id;
  buckets[at * 2 + 1] = hash;
}
