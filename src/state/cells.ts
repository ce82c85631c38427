import { type Column, equalBytes } from '../core/mod.ts';

/** 32-bit words of an array of 64-bit items: keys are hashed and compared without making bigints. */
export function wordsOf(array: Float64Array | BigInt64Array | BigUint64Array): Int32Array {
  let words = views.get(array);
  if (words === undefined) {
    words = new Int32Array(array.buffer, array.byteOffset, array.length * 2);
    views.set(array, words);
  }
  return words;
}
/** Making a view costs as much as hashing a hundred rows, and columns are reused from batch to batch. */
const views = new WeakMap<object, Int32Array>();

/** A hash of a run of bytes. */
export function hashBytes(data: Uint8Array, from: number, length: number): number {
  let h = length ^ 0x9747b28c;
  let i = from;
  const end = from + length;
  for (; i + 4 <= end; i += 4) {
    const word = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    h = Math.imul(h ^ word, 0x9e3779b1);
    h ^= h >>> 15;
  }
  for (; i < end; i++) h = Math.imul(h ^ data[i]!, 0x9e3779b1);
  return h ^ (h >>> 13);
}

const isNull = (column: Column, row: number): boolean => column.nulls !== null && column.nulls[row] === 1;

/** A hash of a cell of any type: the way for nested types, where generated code calls it. */
export function hashCell(column: Column, row: number): number {
  if (isNull(column, row)) return 0x5bd1e995;
  switch (column.physical) {
    case 'bool':
    case 'i32':
      return Math.imul(column.values[row]! ^ 0x2545f491, 0x9e3779b1);
    case 'i64':
    case 'decimal64':
    case 'f64':
      return hashWords(wordsOf(column.values), row);
    case 'decimal128':
      return hashWords(wordsOf(column.high), row) ^ Math.imul(hashWords(wordsOf(column.low), row), 31);
    case 'timestamp':
      return hashWords(wordsOf(column.millis), row) ^ (column.nanos === null ? 0 : column.nanos[row]!);
    case 'bytes':
      return hashBytes(column.data, column.offsets[row]!, column.lengths[row]!);
    default:
      return hashNested(column, row);
  }
}

function hashWords(words: Int32Array, row: number): number {
  let h = Math.imul(words[row * 2]! ^ 0x2545f491, 0x9e3779b1);
  h ^= h >>> 15;
  h = Math.imul(h ^ words[row * 2 + 1]!, 0x9e3779b1);
  return h ^ (h >>> 13);
}

type Nested = Extract<Column, { physical: 'list' | 'map' | 'struct' }>;

/** Entries of a map count in any order. */
function hashNested(column: Nested, row: number): number {
  if (column.physical === 'struct') {
    return column.children.reduce((h, child) => Math.imul(h, 31) + hashCell(child, row), 7) | 0;
  }
  const [from, length] = [column.offsets[row]!, column.lengths[row]!];
  let h = length;
  for (let i = from; i < from + length; i++) {
    if (column.physical === 'list') h = (Math.imul(h, 31) + hashCell(column.child, i)) | 0;
    else h = (h + (hashCell(column.keys, i) ^ Math.imul(hashCell(column.values, i), 0x9e3779b1))) | 0;
  }
  return h ^ (h >>> 15);
}

/** Whether two cells of one type hold the same; null equals null. */
export function equalCells(a: Column, i: number, b: Column, j: number): boolean {
  if (isNull(a, i) || isNull(b, j)) return isNull(a, i) && isNull(b, j);
  switch (a.physical) {
    case 'bool':
    case 'i32':
      return a.values[i] === (b as typeof a).values[j];
    case 'i64':
    case 'decimal64':
    case 'f64':
      return equalWords(a.values, i, (b as typeof a).values, j);
    case 'decimal128':
      return equalWords(a.high, i, (b as typeof a).high, j) && equalWords(a.low, i, (b as typeof a).low, j);
    case 'timestamp': {
      const other = b as typeof a;
      return equalWords(a.millis, i, other.millis, j) && (a.nanos?.[i] ?? 0) === (other.nanos?.[j] ?? 0);
    }
    case 'bytes': {
      const other = b as typeof a;
      const [from, length] = [other.offsets[j]!, other.lengths[j]!];
      return equalBytes(a.data, a.offsets[i]!, a.lengths[i]!, other.data, from, length);
    }
    case 'struct':
      return a.children.every((child, k) => equalCells(child, i, (b as typeof a).children[k]!, j));
    case 'list':
      return equalLists(a, i, b as typeof a, j);
    case 'map':
      return equalMaps(a, i, b as typeof a, j);
  }
}

type Words = Float64Array | BigInt64Array | BigUint64Array;

function equalWords(a: Words, i: number, b: Words, j: number): boolean {
  const [x, y] = [wordsOf(a), wordsOf(b)];
  return x[i * 2] === y[j * 2] && x[i * 2 + 1] === y[j * 2 + 1];
}

type List = Extract<Column, { physical: 'list' }>;
type MapCells = Extract<Column, { physical: 'map' }>;

function equalLists(a: List, i: number, b: List, j: number): boolean {
  const length = a.lengths[i]!;
  if (length !== b.lengths[j]) return false;
  const [x, y] = [a.offsets[i]!, b.offsets[j]!];
  for (let k = 0; k < length; k++) if (!equalCells(a.child, x + k, b.child, y + k)) return false;
  return true;
}

/** Keys are there once, so each entry of one has at most one partner in the other. */
function equalMaps(a: MapCells, i: number, b: MapCells, j: number): boolean {
  const length = a.lengths[i]!;
  if (length !== b.lengths[j]) return false;
  const [x, y] = [a.offsets[i]!, b.offsets[j]!];
  for (let k = x; k < x + length; k++) {
    let at = y;
    while (at < y + length && !equalCells(a.keys, k, b.keys, at)) at++;
    if (at === y + length || !equalCells(a.values, k, b.values, at)) return false;
  }
  return true;
}
