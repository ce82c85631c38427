import type { Batch, Column, DataType } from '../core/mod.ts';
import { assert, compileSource } from '../core/mod.ts';
import { compileHash, HASH_SCOPE, hashCode } from './key-hash.ts';
import { cellCode, compileCopy, EQUAL_SCOPE, equalCode, type RowCopy } from './row-code.ts';
import type { RowStore } from './row-store.ts';

/** What the generated loop needs of the table. */
interface Probe {
  readonly store: RowStore;
  buckets: Int32Array;
  insert(bucket: number, hash: number, columns: readonly Column[], row: number): number;
}
type LookUp = (
  table: Probe,
  columns: readonly Column[],
  selection: Int32Array | null,
  count: number,
  out: Int32Array,
  add: boolean,
  nullable: boolean,
) => void;

/**
 * An open-addressing hash table (linear probing, deletion by backward shift) from key cells to ids of a
 * RowStore whose columns `storeKeys` hold the key. The look-up loop over a batch is generated for the types.
 */
export class KeyTable {
  readonly store: RowStore;
  /** Pairs of id (0 where there is none) and hash: a probe mostly ends in the memory it began in. */
  buckets = new Int32Array(64);
  #used = 0;
  readonly #lookUp: LookUp;
  readonly #copyKey: RowCopy;
  readonly #rehash: (columns: readonly Column[], row: number) => number;
  readonly #types: readonly DataType[];
  readonly #storeKeys: readonly number[];

  /** `batchKeys` are the key's columns in the batches given to `find` and `findOrAdd`. */
  constructor(store: RowStore, storeKeys: readonly number[], batchKeys: readonly number[]) {
    this.store = store;
    const types = storeKeys.map(c => store.schema.fields[c]!.type);
    this.#lookUp = compileLookUp(types, storeKeys, batchKeys);
    this.#copyKey = compileCopy(types, batchKeys, storeKeys);
    this.#rehash = compileHash(types, storeKeys);
    this.#types = types;
    this.#storeKeys = storeKeys;
  }

  /** A look-up in this table by other columns of a batch: how one side of a join asks the other. */
  prober(batchKeys: readonly number[]): (batch: Batch, out: Int32Array, nullable: boolean) => void {
    assert(batchKeys.length === this.#types.length, 'a key is looked up by as many columns as it has');
    const lookUp = compileLookUp(this.#types, this.#storeKeys, batchKeys);
    return (batch, out, nullable) =>
      lookUp(this, batch.columns, batch.selection, batch.selectionCount, out, false, nullable);
  }

  /** Ids in `out[k]` for the k-th live row, added where missing (`onAdd` initialises them). */
  findOrAdd(batch: Batch, out: Int32Array): void {
    this.reserve(batch.selectionCount);
    this.#lookUp(this, batch.columns, batch.selection, batch.selectionCount, out, true, true);
  }

  /**
   * Ids in `out[k]` for the k-th live row, 0 where there is none. With `nullable` false, null keys match
   * nothing.
   */
  find(batch: Batch, out: Int32Array, nullable: boolean): void {
    this.#lookUp(this, batch.columns, batch.selection, batch.selectionCount, out, false, nullable);
  }

  /** Make room for `rows` more keys. Called by `findOrAdd`. */
  reserve(rows: number): void {
    this.store.reserve(rows);
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
    this.onAdd(id);
    return id;
  }

  /** Initialises the other cells of an added id. */
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

/** What the first pass of a look-up notes for the second, which is over before the next look-up begins. */
const noted = { hashes: new Int32Array(0), misses: new Int32Array(0) };
function notes(rows: number): typeof noted {
  if (noted.hashes.length < rows) {
    noted.hashes = new Int32Array(rows * 2);
    noted.misses = new Int32Array(rows * 2);
  }
  return noted;
}

/**
 * Two passes: the first reads the bucket of each key without deciding anything by it, so that the memory of many
 * is on its way at once; the second compares, and goes on from there where it must.
 */
function compileLookUp(
  types: readonly DataType[],
  storeKeys: readonly number[],
  batchKeys: readonly number[],
): LookUp {
  const declares: string[] = [];
  const tests = types.map((type, k) => {
    const a = cellCode(type, 'columns', batchKeys[k]!, 'i', `x${k}_`);
    const b = cellCode(type, 'kept', storeKeys[k]!, 'id', `y${k}_`);
    declares.push(a.declare, b.declare);
    return equalCode(type, a, `x${k}_${batchKeys[k]}`, 'i', b, `y${k}_${storeKeys[k]}`, 'id');
  });
  const equal = tests.join(' && ') || 'true';
  const source = `return function lookUp(table, columns, selection, count, out, add, nullable) {
const kept = table.store.columns;
${declares.join('\n')}
const buckets = table.buckets, mask = buckets.length / 2 - 1;
const { hashes, misses } = notes(count);
for (let k = 0; k < count; k++) {
  const i = selection === null ? k : selection[k];
  let h = 0x2545f491, x = 0, hasNull = false;
  ${hashCode(types, batchKeys, 'columns', 'i').join('\n  ')}
  h ^= h >>> 13;
  const at = (h & mask) * 2;
  hashes[k] = h;
  misses[k] = buckets[at + 1] ^ h;
  out[k] = hasNull && !nullable ? -1 : buckets[at];
}
for (let k = 0; k < count; k++) {
  let id = out[k];
  if (id < 0) { out[k] = 0; continue; }
  const i = selection === null ? k : selection[k];
  if (id !== 0 && misses[k] === 0 && ${equal}) continue;
  const h = hashes[k];
  let at = h & mask;
  while ((id = buckets[at * 2]) !== 0) {
    if (buckets[at * 2 + 1] === h && ${equal}) break;
    at = (at + 1) & mask;
  }
  out[k] = id !== 0 || !add ? id : table.insert(at, h, columns, i);
}
}`;
  const make = compileSource([...HASH_SCOPE.names, ...EQUAL_SCOPE.names, 'notes'], source);
  return make(...HASH_SCOPE.values, ...EQUAL_SCOPE.values, notes) as LookUp;
}
