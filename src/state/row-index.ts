import { type Batch, type Column, compileOnce, type DataType } from '../core/mod.ts';
import { compileHash, HASH_SCOPE, hashCode } from './key-hash.ts';
import { cellCode, EQUAL_SCOPE, equalCode } from './row-code.ts';
import type { RowStore } from './row-store.ts';

/** Hashes of the keys of a batch's live rows, by position, and which of them can be found at all. */
export class KeyHashes {
  hashes = new Int32Array(0);
  /** 0 for a row with NULL in a key column where NULL equals nothing. */
  joins = new Uint8Array(0);
  readonly #loop: HashLoop;

  /** `nullsJoin`, per key column: NULL equals NULL. */
  constructor(types: readonly DataType[], keys: readonly number[], nullsJoin: readonly boolean[]) {
    this.#loop = compileHashLoop(types, keys, nullsJoin);
  }

  /** Hash the live rows of a batch. */
  read(batch: Batch): void {
    const { selectionCount } = batch;
    if (this.hashes.length < selectionCount) {
      this.hashes = new Int32Array(selectionCount * 2);
      this.joins = new Uint8Array(selectionCount * 2);
    }
    this.#loop(batch.columns, batch.selection, selectionCount, this.hashes, this.joins);
  }
}

/** Pairs of a batch's rows with kept rows of equal key, row by row. */
export interface Pairs {
  /** Physical rows of the batch. */
  rows: Int32Array;
  ids: Int32Array;
  /** Where the pairs of the k-th row looked up begin; one more for the end. */
  starts: Int32Array;
  count: number;
  grow(): void;
}

/** Finds the pairs of live rows from position `from` on, until there are `limit`; returns the next position. */
export type PairFinder = (
  index: RowIndex,
  batch: Batch,
  keys: KeyHashes,
  from: number,
  limit: number,
  out: Pairs,
) => number;

/**
 * Rows of a store by the key in some of their columns, many a key: chains of rows in a hash table. It is no
 * state: after a restore it is built anew from the rows. Every row of the store is in it.
 */
export class RowIndex {
  readonly store: RowStore;
  buckets: Int32Array = new Int32Array(64);
  next: Int32Array = new Int32Array(16);
  hashes: Int32Array = new Int32Array(16);
  /** The row before each in its chain, 0 for the first. Not there before the first row goes. */
  #previous: Int32Array | null = null;
  readonly #types: readonly DataType[];
  readonly #keys: readonly number[];
  readonly #hash: (columns: readonly Column[], row: number) => number;

  constructor(store: RowStore, keys: readonly number[]) {
    this.store = store;
    this.#keys = keys;
    this.#types = keys.map(c => store.schema.fields[c]!.type);
    this.#hash = compileHash(this.#types, keys);
  }

  /** Make room for rows that the store has made room for. */
  reserve(rows: number): void {
    const capacity = this.store.live.length;
    if (this.next.length < capacity) {
      this.next = grown(this.next, capacity);
      this.hashes = grown(this.hashes, capacity);
      if (this.#previous !== null) this.#previous = grown(this.#previous, capacity);
    }
    let buckets = this.buckets.length;
    while (this.store.size + rows > buckets) buckets *= 4;
    if (buckets !== this.buckets.length) this.#rebuild(buckets);
  }

  /** Take a row in that the store holds already. */
  add(id: number, hash: number): void {
    const at = hash & (this.buckets.length - 1);
    const first = this.buckets[at]!;
    this.hashes[id] = hash;
    this.next[id] = first;
    if (this.#previous !== null) link(this.#previous, id, first);
    this.buckets[at] = id;
  }

  /** Take rows in, the first `count` of `ids`, with the hashes of their keys. */
  addAll(ids: Int32Array, hashes: Int32Array, count: number): void {
    const { buckets, next, hashes: kept } = this;
    const previous = this.#previous;
    const mask = buckets.length - 1;
    for (let k = 0; k < count; k++) {
      const id = ids[k]!;
      const hash = hashes[k]!;
      const first = buckets[hash & mask]!;
      kept[id] = hash;
      next[id] = first;
      if (previous !== null) link(previous, id, first);
      buckets[hash & mask] = id;
    }
  }

  /** Take a row out; the store still holds it. */
  remove(id: number): void {
    const previous = this.#previous ?? this.#linkBack();
    const before = previous[id]!;
    const behind = this.next[id]!;
    if (before === 0) this.buckets[this.hashes[id]! & (this.buckets.length - 1)] = behind;
    else this.next[before] = behind;
    if (behind !== 0) previous[behind] = before;
  }

  #linkBack(): Int32Array {
    const { next } = this;
    const previous = new Int32Array(next.length);
    for (const first of this.buckets) {
      for (let id = first; id !== 0 && next[id] !== 0; id = next[id]!) previous[next[id]!] = id;
    }
    this.#previous = previous;
    return previous;
  }

  /** The hash of a row of other columns with the key in cells `keys`, as this index has it. */
  hasher(keys: readonly number[]): (columns: readonly Column[], row: number) => number {
    return compileHash(this.#types, keys);
  }

  /** A look-up by columns `batchKeys` of batches, hashed before. */
  finder(batchKeys: readonly number[]): PairFinder {
    return compileFinder(this.#types, this.#keys, batchKeys);
  }

  /** Build all anew from the store's rows, after a restore. */
  rebuild(): void {
    const { store } = this;
    const capacity = store.live.length;
    this.next = new Int32Array(capacity);
    this.#previous = null;
    this.hashes = new Int32Array(capacity);
    for (let id = 1; id < store.end; id++) {
      if (store.live[id] === 1) this.hashes[id] = this.#hash(store.columns, id);
    }
    let buckets = 64;
    while (store.size > buckets) buckets *= 4;
    this.#rebuild(buckets);
  }

  /** Leave out the rows that were released in the store. */
  relink(): void {
    this.#rebuild(this.buckets.length);
  }

  #rebuild(capacity: number): void {
    const buckets = capacity === this.buckets.length ? this.buckets.fill(0) : new Int32Array(capacity);
    const { next, hashes } = this;
    const { live, end } = this.store;
    const mask = capacity - 1;
    for (let id = 1; id < end; id++) {
      if (live[id] !== 1) continue;
      const at = hashes[id]! & mask;
      const first = buckets[at]!;
      next[id] = first;
      if (this.#previous !== null) link(this.#previous, id, first);
      buckets[at] = id;
    }
    this.buckets = buckets;
  }
}

function grown(from: Int32Array, capacity: number): Int32Array {
  const to = new Int32Array(capacity);
  to.set(from);
  return to;
}

/** Row `id` comes before `first`, 0 for none. */
function link(previous: Int32Array, id: number, first: number): void {
  previous[id] = 0;
  if (first !== 0) previous[first] = id;
}

type HashLoop = (
  columns: readonly Column[],
  selection: Int32Array | null,
  count: number,
  hashes: Int32Array,
  joins: Uint8Array,
) => void;

function compileHashLoop(
  types: readonly DataType[],
  keys: readonly number[],
  nullsJoin: readonly boolean[],
): HashLoop {
  const declares = types.map((t, k) => cellCode(t, 'columns', keys[k]!, 'i', `x${k}_`).declare);
  const mixes = hashCode(types, keys, 'columns', 'i').map((code, k) =>
    nullsJoin[k] ? code.replace('hasNull = true;', '') : code,
  );
  const source = `return function hashRows(columns, selection, count, hashes, joins) {
${declares.join('\n')}
for (let k = 0; k < count; k++) {
  const i = selection === null ? k : selection[k];
  let h = 0x2545f491, x = 0, hasNull = false;
  ${mixes.join('\n  ')}
  hashes[k] = h ^ (h >>> 13);
  joins[k] = hasNull ? 0 : 1;
}
}`;
  return compileOnce<HashLoop>(HASH_SCOPE, source);
}

function compileFinder(
  types: readonly DataType[],
  storeKeys: readonly number[],
  batchKeys: readonly number[],
): PairFinder {
  const declares: string[] = [];
  const tests = types.map((type, k) => {
    const a = cellCode(type, 'columns', batchKeys[k]!, 'i', `x${k}_`);
    const b = cellCode(type, 'kept', storeKeys[k]!, 'id', `y${k}_`);
    declares.push(a.declare, b.declare);
    return equalCode(type, a, `x${k}_${batchKeys[k]}`, 'i', b, `y${k}_${storeKeys[k]}`, 'id');
  });
  // Chains begin with the newest row; pairs are given in the order the rows came.
  const source = `return function find(index, batch, keys, from, limit, out) {
const columns = batch.columns, selection = batch.selection, count = batch.selectionCount;
const kept = index.store.columns;
${declares.join('\n')}
const buckets = index.buckets, next = index.next, hashes = index.hashes, mask = buckets.length - 1;
const wanted = keys.hashes, joins = keys.joins, starts = out.starts;
let rows = out.rows, ids = out.ids, n = 0, k = from;
for (; k < count && n < limit; k++) {
  starts[k - from] = n;
  if (joins[k] === 0) continue;
  const i = selection === null ? k : selection[k], h = wanted[k], first = n;
  for (let id = buckets[h & mask]; id !== 0; id = next[id]) {
    if (hashes[id] !== h || !(${tests.join(' && ') || 'true'})) continue;
    if (n === ids.length) { out.grow(); rows = out.rows; ids = out.ids; }
    rows[n] = i; ids[n++] = id;
  }
  for (let a = first, b = n - 1; a < b; a++, b--) { const t = ids[a]; ids[a] = ids[b]; ids[b] = t; }
}
starts[k - from] = n;
out.count = n;
return k;
}`;
  return compileOnce<PairFinder>(EQUAL_SCOPE, source);
}
