import { type Column, compileOnce, type DataType, physicalTypeOf } from '../core/mod.ts';
import { HASH_SCOPE, hashCode } from './key-hash.ts';
import { cellCode, EQUAL_SCOPE, equalCode } from './row-code.ts';
import type { RowStore } from './row-store.ts';

/** What the generated loop needs of the table. */
interface Probe {
  readonly store: RowStore;
  buckets: Int32Array;
  insert(bucket: number, hash: number, columns: readonly Column[], row: number): number;
}
export type LookUp = (
  table: Probe,
  columns: readonly Column[],
  selection: Int32Array | null,
  count: number,
  out: Int32Array,
  add: boolean,
  nullable: boolean,
  proofs: readonly (Proofs | null)[],
) => void;

/** What the first pass of a look-up notes for the second, which is over before the next look-up begins. */
const noted = { hashes: new Int32Array(0), misses: new Int32Array(0) };
function notes(rows: number): typeof noted {
  if (noted.hashes.length < rows) {
    noted.hashes = new Int32Array(rows * 2);
    noted.misses = new Int32Array(rows * 2);
  }
  return noted;
}

/** Stamps are given again when they have all been used. */
const STAMPS_MAX = 2 ** 30;

/**
 * Which rows of a store are known to hold the text that a look-up is comparing just now, by id: those with
 * its stamp. A text that many rows of a batch share, lying at one place, is so compared once a kept row.
 */
export class Proofs {
  of = new Int32Array(16);
  #stamp = 0;

  /** Proofs for the ids of a store; none of those there were hold any more. */
  begin(ids: number): Int32Array {
    if (this.of.length < ids) {
      this.of = new Int32Array(ids);
      this.#stamp = 0;
    } else if (this.#stamp > STAMPS_MAX) {
      this.of.fill(0);
      this.#stamp = 0;
    }
    return this.of;
  }

  /** A stamp for another text. */
  next(): number {
    return ++this.#stamp;
  }
}

/** Code for a key column of bytes; `x` names the one looked up by. */
function bytesCode(k: number, x: string) {
  const place = `${x}c.offsets[i], to${k} = ${x}c.lengths[i]`;
  return {
    declare: `const proofs${k} = proofs[${k}]; let from${k} = -1, length${k} = -1, hash${k} = 0, turns${k} = 0;`,
    /** The hash is that of the row before where the bytes are. */
    hash: `{ const at${k} = ${place};
if (at${k} !== from${k} || to${k} !== length${k}) {
  from${k} = at${k}; length${k} = to${k}; turns${k}++; hash${k} = hashBytes(${x}c.data, at${k}, to${k});
}
x = hash${k}; }`,
    between: `const proven${k} = proofs${k}.begin(kept[0].nulls.length), shared${k} = turns${k} * 4 < count;
let stamp${k} = 0; from${k} = -1;`,
    /** Once a row, before it is compared. */
    row: `if (shared${k} && (${x}c.offsets[i] !== from${k} || ${x}c.lengths[i] !== length${k})) {
  from${k} = ${x}c.offsets[i]; length${k} = ${x}c.lengths[i]; stamp${k} = proofs${k}.next();
}`,
    equal: (equal: string): string =>
      `(shared${k} && proven${k}[id] === stamp${k} || ${equal} && (!shared${k} || (proven${k}[id] = stamp${k}) !== 0))`,
    inserted: `if (shared${k}) proven${k}[out[k]] = stamp${k};`,
  };
}

/** What each use of a look-up keeps from one batch to the next, by key column. */
export const proofsFor = (types: readonly DataType[]): readonly (Proofs | null)[] =>
  types.map(type => (physicalTypeOf(type) === 'bytes' ? new Proofs() : null));

/**
 * Two passes: the first reads the bucket of each key without deciding anything by it, so that the memory of
 * many is on its way at once; the second compares, and goes on from there where it must.
 */
export function compileLookUp(
  types: readonly DataType[],
  storeKeys: readonly number[],
  batchKeys: readonly number[],
): LookUp {
  const declares: string[] = [];
  const bytes = types.map((type, k) =>
    physicalTypeOf(type) === 'bytes' ? bytesCode(k, `x${k}_${batchKeys[k]}`) : null,
  );
  const tests = types.map((type, k) => {
    const a = cellCode(type, 'columns', batchKeys[k]!, 'i', `x${k}_`);
    const b = cellCode(type, 'kept', storeKeys[k]!, 'id', `y${k}_`);
    declares.push(a.declare, b.declare);
    const same = equalCode(
      type,
      a,
      `x${k}_${batchKeys[k]}`,
      'i',
      b,
      `y${k}_${storeKeys[k]}`,
      'id',
      bytes[k]?.equal,
    );
    return same;
  });
  const equal = tests.join(' && ') || 'true';
  const part = (of: 'declare' | 'between' | 'row' | 'inserted'): string =>
    bytes.flatMap(code => code?.[of] ?? []).join('\n');
  const source = `return function lookUp(table, columns, selection, count, out, add, nullable, proofs) {
const kept = table.store.columns;
${declares.join('\n')}
${part('declare')}
const buckets = table.buckets, mask = buckets.length / 2 - 1;
const { hashes, misses } = notes(count);
for (let k = 0; k < count; k++) {
  const i = selection === null ? k : selection[k];
  let h = 0x2545f491, x = 0, hasNull = false;
  ${hashCode(types, batchKeys, 'columns', 'i', k => bytes[k]!.hash).join('\n  ')}
  h ^= h >>> 13;
  const at = (h & mask) * 2;
  hashes[k] = h;
  misses[k] = buckets[at + 1] ^ h;
  out[k] = hasNull && !nullable ? -1 : buckets[at];
}
${part('between')}
for (let k = 0; k < count; k++) {
  let id = out[k];
  if (id < 0) { out[k] = 0; continue; }
  const i = selection === null ? k : selection[k];
  ${part('row')}
  if (id !== 0 && misses[k] === 0 && ${equal}) continue;
  const h = hashes[k];
  let at = h & mask;
  while ((id = buckets[at * 2]) !== 0) {
    if (buckets[at * 2 + 1] === h && ${equal}) break;
    at = (at + 1) & mask;
  }
  if (id !== 0 || !add) { out[k] = id; continue; }
  out[k] = table.insert(at, h, columns, i);
  ${part('inserted')}
}
}`;
  return compileOnce<LookUp>({ ...HASH_SCOPE, ...EQUAL_SCOPE, notes }, source);
}
