import type { Column } from './batch.ts';
import {
  type ColumnBuffer,
  clearBuffer,
  copyCell,
  createColumnBuffer,
  putNull,
  reserveRows,
} from './column-buffer.ts';
import { bytesOf, decimal128Of, listsOf, mapsOf, numbersOf, timestampsOf } from './column-cells.ts';
import { viewOfColumn } from './copy-text.ts';
import type { DataType } from './types.ts';

/** Which rows of a column to take: `rows[first … first + count - 1]`, null where `missing` is 1. */
export interface Picked {
  readonly rows: Int32Array;
  readonly first: number;
  readonly count: number;
  /** By the position in `rows`; null when nothing is missing. A missing row's index is any valid one. */
  readonly missing: Uint8Array | null;
}

/**
 * Collects cells of a column into a new one, in memory of its own that the next `take` uses again. Strings,
 * binaries, arrays and maps are not copied: the result shares what the source's cells point to.
 */
export class Gatherer {
  readonly #buffer: ColumnBuffer;

  constructor(type: DataType) {
    this.#buffer = createColumnBuffer(type, 16);
  }

  /** Nothing but nulls. */
  nulls(count: number): Column {
    reserveRows(this.#buffer, count);
    for (let k = 0; k < count; k++) putNull(this.#buffer, k);
    return this.#buffer;
  }

  take(source: Column, picked: Picked): Column {
    const buffer = this.#buffer;
    reserveRows(buffer, picked.count);
    if (buffer.physical === 'struct') return takeNested(source, picked, buffer);
    const nulls = source.nulls === null && picked.missing === null ? null : buffer.nulls;
    if (nulls !== null) takeNulls(source.nulls, picked, nulls);
    switch (source.physical) {
      case 'bool':
        takeByteItems(source.values, picked, (buffer as { values: Uint8Array }).values);
        return numbersOf('bool', nulls, (buffer as { values: Uint8Array }).values);
      case 'i32':
        takeInts(source.values, picked, (buffer as { values: Int32Array }).values);
        return numbersOf('i32', nulls, (buffer as { values: Int32Array }).values);
      case 'f64':
        takeDoubles(source.values, picked, (buffer as { values: Float64Array }).values);
        return numbersOf('f64', nulls, (buffer as { values: Float64Array }).values);
      case 'i64':
      case 'decimal64': {
        const { values } = buffer as { values: BigInt64Array };
        takeWords(source.values, picked, values);
        return numbersOf(source.physical, nulls, values);
      }
      default:
        return takeWide(source, picked, buffer, nulls);
    }
  }
}

function takeWide(source: Column, picked: Picked, buffer: ColumnBuffer, nulls: Uint8Array | null): Column {
  if (source.physical === 'bytes' && buffer.physical === 'bytes') {
    takeInts(source.offsets, picked, buffer.offsets);
    takeInts(source.lengths, picked, buffer.lengths);
    const { offsets, lengths } = buffer;
    const column = bytesOf(nulls, source.data, offsets, lengths);
    column.view = viewOfColumn(source);
    column.viewed = source.data;
    return column;
  }
  if (source.physical === 'decimal128' && buffer.physical === 'decimal128') {
    takeWords(source.high, picked, buffer.high);
    takeWords(source.low, picked, buffer.low);
    return decimal128Of(nulls, buffer.high, buffer.low);
  }
  if (source.physical === 'timestamp' && buffer.physical === 'timestamp') {
    takeDoubles(source.millis, picked, buffer.millis);
    if (buffer.nanos !== null && source.nanos !== null) takeInts(source.nanos, picked, buffer.nanos);
    else if (buffer.nanos !== null) buffer.nanos.fill(0, 0, picked.count);
    return timestampsOf(nulls, buffer.millis, buffer.nanos);
  }
  if (source.physical === 'list' && buffer.physical === 'list') {
    takeInts(source.offsets, picked, buffer.offsets);
    takeInts(source.lengths, picked, buffer.lengths);
    return listsOf(nulls, buffer.offsets, buffer.lengths, source.child);
  }
  if (source.physical === 'map' && buffer.physical === 'map') {
    takeInts(source.offsets, picked, buffer.offsets);
    takeInts(source.lengths, picked, buffer.lengths);
    return mapsOf(nulls, buffer, source.keys, source.values);
  }
  return takeNested(source, picked, buffer);
}

function takeNulls(source: Uint8Array | null, picked: Picked, target: Uint8Array): void {
  const { rows, first, count, missing } = picked;
  if (source === null) target.fill(0, 0, count);
  else for (let k = 0; k < count; k++) target[k] = source[rows[first + k]!]!;
  if (missing === null) return;
  for (let k = 0; k < count; k++) if (missing[first + k] === 1) target[k] = 1;
}

// A loop for each kind of array: one that meets several asks each time which it is.
function takeByteItems(source: Uint8Array, { rows, first, count }: Picked, target: Uint8Array): void {
  for (let k = 0; k < count; k++) target[k] = source[rows[first + k]!]!;
}
function takeInts(source: Int32Array, { rows, first, count }: Picked, target: Int32Array): void {
  for (let k = 0; k < count; k++) target[k] = source[rows[first + k]!]!;
}
function takeDoubles(source: Float64Array, { rows, first, count }: Picked, target: Float64Array): void {
  for (let k = 0; k < count; k++) target[k] = source[rows[first + k]!]!;
}

/** 64-bit items as pairs of words, which makes no bigint. */
function takeWords<T extends BigInt64Array | BigUint64Array>(source: T, picked: Picked, target: T): void {
  const { rows, first, count } = picked;
  const from = new Int32Array(source.buffer, source.byteOffset, source.length * 2);
  const to = new Int32Array(target.buffer, target.byteOffset, target.length * 2);
  for (let k = 0; k < count; k++) {
    const row = rows[first + k]! * 2;
    to[k * 2] = from[row]!;
    to[k * 2 + 1] = from[row + 1]!;
  }
}

function takeNested(source: Column, { rows, first, count, missing }: Picked, buffer: ColumnBuffer): Column {
  clearBuffer(buffer);
  for (let k = 0; k < count; k++) {
    if (missing !== null && missing[first + k] === 1) putNull(buffer, k);
    else copyCell(source, rows[first + k]!, buffer, k);
  }
  return buffer;
}
