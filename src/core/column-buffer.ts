import { unreachable } from './assert.ts';
import type { BytesColumn, Column } from './batch.ts';
import {
  bytesOf,
  decimal128Of,
  type GrowableBytes,
  listsOf,
  mapsOf,
  numbersOf,
  structsOf,
  timestampsOf,
} from './column-cells.ts';
import { copyText, viewOf, viewOfColumn } from './copy-text.ts';
import { childTypes, type DataType, physicalTypeOf } from './types.ts';
import { encodeUtf8Into } from './utf8.ts';

interface Base {
  readonly type: DataType;
  /** One byte a row; always there, so that writers need no test. */
  nulls: Uint8Array;
}

/**
 * A growable column. It is itself a valid `Column` at any moment, so that finished rows are read in place.
 * Writers call `reserveRows` first, then write the arrays directly; `nulls` must be written for every row.
 */
export type ColumnBuffer = Base &
  (
    | { readonly physical: 'bool'; values: Uint8Array }
    | { readonly physical: 'i32'; values: Int32Array }
    | { readonly physical: 'i64'; values: BigInt64Array }
    | { readonly physical: 'f64'; values: Float64Array }
    | BytesParts
    | { readonly physical: 'decimal64'; values: BigInt64Array }
    | { readonly physical: 'decimal128'; high: BigInt64Array; low: BigUint64Array }
    | { readonly physical: 'timestamp'; millis: Float64Array; nanos: Int32Array | null }
    | (ListParts & { readonly physical: 'list'; readonly child: ColumnBuffer })
    | (ListParts & { readonly physical: 'map'; readonly keys: ColumnBuffer; readonly values: ColumnBuffer })
    | { readonly physical: 'struct'; readonly children: readonly ColumnBuffer[] }
  );

interface ListParts {
  offsets: Int32Array;
  lengths: Int32Array;
  /** Child rows in use. */
  used: number;
}
interface BytesParts extends GrowableBytes {
  readonly physical: 'bytes';
  data: Uint8Array;
  offsets: Int32Array;
  lengths: Int32Array;
}
/** The growable column of strings and binaries. */
export type BytesBuffer = Base & BytesParts;

/** An empty column of a type with room for `capacity` rows. */
export function createColumnBuffer(type: DataType, capacity: number): ColumnBuffer {
  return createCells(type, new Uint8Array(capacity), capacity) as ColumnBuffer;
}

function createCells(type: DataType, nulls: Uint8Array, capacity: number): Column {
  const physical = physicalTypeOf(type);
  switch (physical) {
    case 'bool':
      return numbersOf(physical, nulls, new Uint8Array(capacity), type);
    case 'i32':
      return numbersOf(physical, nulls, new Int32Array(capacity), type);
    case 'i64':
    case 'decimal64':
      return numbersOf(physical, nulls, new BigInt64Array(capacity), type);
    case 'f64':
      return numbersOf(physical, nulls, new Float64Array(capacity), type);
    case 'decimal128':
      return decimal128Of(nulls, new BigInt64Array(capacity), new BigUint64Array(capacity), type);
    case 'timestamp': {
      const fine = 'precision' in type && type.precision > 3;
      return timestampsOf(nulls, new Float64Array(capacity), fine ? new Int32Array(capacity) : null, type);
    }
    default:
      return createRanges(type, nulls, capacity);
  }
}

function createRanges(type: DataType, nulls: Uint8Array, capacity: number): Column {
  const children = childTypes(type).map(child => createColumnBuffer(child, capacity));
  if (type.kind === 'ROW') return structsOf(nulls, children, type);
  const [offsets, lengths] = [new Int32Array(capacity), new Int32Array(capacity)];
  const [keys, values] = children;
  if (keys === undefined) return bytesOf(nulls, new Uint8Array(capacity * 8), offsets, lengths, type);
  if (values === undefined) return listsOf(nulls, offsets, lengths, keys, type);
  return mapsOf(nulls, { offsets, lengths }, keys, values, type);
}

/** The columns inside a nested column. */
export function childBuffers(buffer: ColumnBuffer): readonly ColumnBuffer[] {
  switch (buffer.physical) {
    case 'list':
      return [buffer.child];
    case 'map':
      return [buffer.keys, buffer.values];
    case 'struct':
      return buffer.children;
    default:
      return [];
  }
}

/** The columns inside a nested column, to read. */
export function childColumns(column: Column): readonly Column[] {
  switch (column.physical) {
    case 'list':
      return [column.child];
    case 'map':
      return [column.keys, column.values];
    case 'struct':
      return column.children;
    default:
      return [];
  }
}

/** Start over: all bytes and child rows are free again. */
export function clearBuffer(buffer: ColumnBuffer): void {
  if ('used' in buffer) buffer.used = 0;
  for (const child of childBuffers(buffer)) clearBuffer(child);
}

function grown<T extends { readonly length: number; set(from: T): void }>(
  from: T,
  make: new (length: number) => T,
  length: number,
): T {
  const to = new make(length);
  to.set(from);
  return to;
}

/** Arrays above this come from the system untouched, and take memory only where they are written. */
const UNTOUCHED_FROM = 1 << 18;
/** From here on an array is part of something large. */
const LARGE_FROM = 1 << 20;

/**
 * The length of the next array of those that grow by being copied. What a large one does not use costs no
 * memory, but each copy costs its first touch again: so it grows by more.
 */
export const grownLength = (length: number): number =>
  length * (length < UNTOUCHED_FROM ? 2 : length < LARGE_FROM ? 4 : 16);

/** Make room for `rows` rows, keeping what is there. */
export function reserveRows(buffer: ColumnBuffer, rows: number): void {
  if (rows <= buffer.nulls.length) return;
  const capacity = Math.max(16, rows, grownLength(buffer.nulls.length));
  buffer.nulls = grown(buffer.nulls, Uint8Array, capacity);
  switch (buffer.physical) {
    case 'bool':
      buffer.values = grown(buffer.values, Uint8Array, capacity);
      return;
    case 'i32':
      buffer.values = grown(buffer.values, Int32Array, capacity);
      return;
    case 'i64':
    case 'decimal64':
      buffer.values = grown(buffer.values, BigInt64Array, capacity);
      return;
    case 'f64':
      buffer.values = grown(buffer.values, Float64Array, capacity);
      return;
    case 'decimal128':
      buffer.high = grown(buffer.high, BigInt64Array, capacity);
      buffer.low = grown(buffer.low, BigUint64Array, capacity);
      return;
    case 'timestamp':
      buffer.millis = grown(buffer.millis, Float64Array, capacity);
      if (buffer.nanos !== null) buffer.nanos = grown(buffer.nanos, Int32Array, capacity);
      return;
    case 'bytes':
    case 'list':
    case 'map':
      buffer.offsets = grown(buffer.offsets, Int32Array, capacity);
      buffer.lengths = grown(buffer.lengths, Int32Array, capacity);
      return;
    case 'struct':
      for (const child of buffer.children) reserveRows(child, capacity);
      return;
    default:
      unreachable(buffer);
  }
}

/** Offsets are 32-bit. */
const OFFSETS_END = 2 ** 31 - 1;

/** Bytes from here on are given all the room that offsets reach: they are copied never again. */
const ALL_ROOM_FROM = 1 << 24;

/** Make room for `bytes` more bytes of data. */
export function reserveBytes(buffer: BytesBuffer, bytes: number): void {
  const wanted = buffer.used + bytes;
  const { length } = buffer.data;
  if (wanted <= length) return;
  if (length >= ALL_ROOM_FROM && takeAllRoom(buffer)) return;
  const roomy = Math.min(grownLength(length), OFFSETS_END);
  buffer.data = grown(buffer.data, Uint8Array, Math.max(64, wanted, roomy));
}

/** False where the system does not promise memory that it may never have to give. */
function takeAllRoom(buffer: BytesBuffer): boolean {
  if (buffer.data.length >= OFFSETS_END) return false;
  try {
    buffer.data = grown(buffer.data, Uint8Array, OFFSETS_END);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Copies a run of bytes into memory that has room for it. */
export function copyBytes(
  data: Uint8Array,
  from: number,
  length: number,
  target: Uint8Array,
  at: number,
): void {
  if (length <= 32) for (let i = 0; i < length; i++) target[at + i] = data[from + i]!;
  else target.set(data.subarray(from, from + length), at);
}

/** Row `row` becomes a copy of the bytes. */
export function putBytes(
  buffer: BytesBuffer,
  row: number,
  data: Uint8Array,
  from: number,
  length: number,
): void {
  reserveBytes(buffer, length);
  const at = buffer.used;
  const target = buffer.data;
  copyBytes(data, from, length, target, at);
  buffer.offsets[row] = at;
  buffer.lengths[row] = length;
  buffer.used = at + length;
}

/** Row `row` becomes a copy of the cell. */
export function copyBytesCell(source: BytesColumn, from: number, buffer: BytesBuffer, row: number): void {
  const length = source.lengths[from]!;
  if (length < 16 || !buffer.isText) {
    putBytes(buffer, row, source.data, source.offsets[from]!, length);
    return;
  }
  reserveBytes(buffer, length);
  const at = buffer.used;
  copyText(viewOf(buffer), at, viewOfColumn(source), source.offsets[from]!, length);
  buffer.offsets[row] = at;
  buffer.lengths[row] = length;
  buffer.used = at + length;
}

/** Row `row` becomes the UTF-8 bytes of the text. */
export function putText(buffer: BytesBuffer, row: number, text: string): void {
  reserveBytes(buffer, text.length * 3);
  const written = encodeUtf8Into(text, buffer.data, buffer.used);
  buffer.offsets[row] = buffer.used;
  buffer.lengths[row] = written;
  buffer.used += written;
}

/** Row `row` becomes null, with all that is in it. */
export function putNull(buffer: ColumnBuffer, row: number): void {
  buffer.nulls[row] = 1;
  if (buffer.physical === 'struct') for (const child of buffer.children) putNull(child, row);
}

/** Copy one cell; room for the row must have been reserved. */
export function copyCell(source: Column, from: number, buffer: ColumnBuffer, row: number): void {
  if (source.nulls !== null && source.nulls[from] === 1) {
    putNull(buffer, row);
    return;
  }
  buffer.nulls[row] = 0;
  if (copyNested(source, from, buffer, row)) return;
  switch (buffer.physical) {
    case 'bytes':
      if (source.physical !== 'bytes') break;
      copyBytesCell(source, from, buffer, row);
      return;
    case 'decimal128':
      if (source.physical !== 'decimal128') break;
      buffer.high[row] = source.high[from]!;
      buffer.low[row] = source.low[from]!;
      return;
    case 'timestamp':
      if (source.physical !== 'timestamp') break;
      buffer.millis[row] = source.millis[from]!;
      if (buffer.nanos !== null) buffer.nanos[row] = source.nanos === null ? 0 : source.nanos[from]!;
      return;
    default:
      if ('values' in buffer && 'values' in source) {
        (buffer.values as Float64Array)[row] = (source.values as Float64Array)[from]!;
      }
  }
}

function copyNested(source: Column, from: number, buffer: ColumnBuffer, row: number): boolean {
  if (buffer.physical === 'struct' && source.physical === 'struct') {
    const { children } = buffer;
    for (let k = 0; k < children.length; k++) copyCell(source.children[k]!, from, children[k]!, row);
    return true;
  }
  if (buffer.physical === 'list' && source.physical === 'list') {
    const at = openList(buffer, row, source.lengths[from]!);
    copyCells(source.child, source.offsets[from]!, buffer.child, at, source.lengths[from]!);
    return true;
  }
  if (buffer.physical !== 'map' || source.physical !== 'map') return false;
  const at = openList(buffer, row, source.lengths[from]!);
  copyCells(source.keys, source.offsets[from]!, buffer.keys, at, source.lengths[from]!);
  copyCells(source.values, source.offsets[from]!, buffer.values, at, source.lengths[from]!);
  return true;
}

/**
 * Row `row` of a list or map becomes `length` fresh child rows with room reserved; returns the first, for
 * the caller to fill all.
 */
export function openList(
  buffer: Extract<ColumnBuffer, { physical: 'list' | 'map' }>,
  row: number,
  length: number,
): number {
  const at = buffer.used;
  buffer.offsets[row] = at;
  buffer.lengths[row] = length;
  buffer.used = at + length;
  for (const child of childBuffers(buffer)) reserveRows(child, buffer.used);
  return at;
}

function copyCells(source: Column, from: number, buffer: ColumnBuffer, at: number, count: number): void {
  for (let i = 0; i < count; i++) copyCell(source, from + i, buffer, at + i);
}
