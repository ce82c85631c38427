import { assert } from './assert.ts';
import type { Batch, Column } from './batch.ts';
import {
  bytesOf,
  decimal128Of,
  listsOf,
  mapsOf,
  numbersOf,
  structsOf,
  timestampsOf,
} from './column-cells.ts';
import type { Schema } from './types.ts';

/**
 * A batch in one piece of memory, which says itself how it is to be read: it goes to another thread as one
 * thing, and its memory is used again for others. Everything begins at multiples of eight bytes.
 */

const PHYSICALS = [
  ...(['bool', 'i32', 'i64', 'f64', 'bytes', 'decimal64'] as const),
  ...(['decimal128', 'timestamp', 'list', 'map', 'struct'] as const),
] satisfies Column['physical'][];
const CODES = new Map<Column['physical'], number>(PHYSICALS.map((physical, code) => [physical, code]));
/** Behind the code of the physical type: the column has nulls; it has nanoseconds. */
const HAS_NULLS = 1 << 8;
const HAS_NANOS = 1 << 9;

/** Gives memory of at least so many bytes. */
export type TakeMemory = (bytes: number) => ArrayBuffer;

/** The live rows of a batch, in memory that is asked for. */
export function packBatch(batch: Batch, take: TakeMemory): ArrayBuffer {
  const { columns, rowKinds, selection, selectionCount: count } = batch;
  let bytes = 16 + (rowKinds === null ? 0 : padded(count));
  for (const column of columns) bytes += bytesFor(column, selection, count);
  const out = new Packer(take(bytes));
  out.words(count, columns.length);
  out.words(rowKinds === null ? 0 : 1, 0);
  if (rowKinds !== null) out.bytes(rowKinds, selection, count);
  for (const column of columns) packColumn(out, column, selection, count);
  return out.memory;
}

const padded = (bytes: number): number => (bytes + 7) & ~7;

/** What a column takes, to the byte but for lists and maps, whose items are counted one by one. */
function bytesFor(column: Column, selection: Int32Array | null, count: number): number {
  const { physical, nulls } = column;
  const head = 8 + (nulls === null ? 0 : padded(count));
  switch (physical) {
    case 'bool':
      return head + padded(count);
    case 'i32':
      return head + padded(count * 4);
    case 'i64':
    case 'f64':
    case 'decimal64':
      return head + count * 8;
    case 'decimal128':
      return head + count * 16;
    case 'timestamp':
      return head + count * 8 + (column.nanos === null ? 0 : padded(count * 4));
    case 'struct': {
      let bytes = head;
      for (const child of column.children) bytes += bytesFor(child, selection, count);
      return bytes;
    }
    case 'bytes':
      return head + padded(count * 4) * 2 + padded(itemsOf(column, selection, count));
    default: {
      const rows = rowsOf(column, selection, count);
      let bytes = head + padded(count * 4) * 2;
      for (const part of partsOf(column)) bytes += bytesFor(part, rows, rows.length);
      return bytes;
    }
  }
}

function packColumn(out: Packer, column: Column, selection: Int32Array | null, count: number): void {
  const { physical, nulls } = column;
  const hasNanos = physical === 'timestamp' && column.nanos !== null;
  const flags = (nulls === null ? 0 : HAS_NULLS) | (hasNanos ? HAS_NANOS : 0);
  out.words(CODES.get(physical)! | flags, physical === 'struct' ? column.children.length : 0);
  if (nulls !== null) out.bytes(nulls, selection, count);
  switch (physical) {
    case 'bool':
      out.bytes(column.values, selection, count);
      return;
    case 'i32':
      out.ints(column.values, selection, count);
      return;
    case 'i64':
    case 'f64':
    case 'decimal64':
      out.longs(column.values, selection, count);
      return;
    case 'decimal128':
      out.longs(column.high, selection, count);
      out.longs(column.low, selection, count);
      return;
    case 'timestamp':
      out.longs(column.millis, selection, count);
      if (column.nanos !== null) out.ints(column.nanos, selection, count);
      return;
    case 'struct':
      for (const child of column.children) packColumn(out, child, selection, count);
      return;
    default:
      packRanges(out, column, selection, count);
  }
}

type Ranges = Extract<Column, { readonly offsets: Int32Array }>;

type Nested = Exclude<Ranges, { readonly physical: 'bytes' }>;

const partsOf = (column: Nested): readonly Column[] =>
  column.physical === 'list' ? [column.child] : [column.keys, column.values];

/** How many bytes or rows the live cells of a column hold. */
function itemsOf({ nulls, lengths }: Ranges, selection: Int32Array | null, count: number): number {
  let items = 0;
  for (let k = 0; k < count; k++) {
    const row = selection === null ? k : selection[k]!;
    if (nulls === null || nulls[row] === 0) items += lengths[row]!;
  }
  return items;
}

/** The rows that the live cells of a column hold, cell by cell. */
function rowsOf(column: Nested, selection: Int32Array | null, count: number): Int32Array {
  const { nulls, offsets, lengths } = column;
  const rows = new Int32Array(itemsOf(column, selection, count));
  for (let [k, at] = [0, 0]; k < count; k++) {
    const row = selection === null ? k : selection[k]!;
    if (nulls !== null && nulls[row] === 1) continue;
    for (let item = 0; item < lengths[row]!; item++) rows[at++] = offsets[row]! + item;
  }
  return rows;
}

/** Cells that are stretches of something: of bytes, or of rows. */
function packRanges(out: Packer, column: Ranges, selection: Int32Array | null, count: number): void {
  out.ranges(column, selection, count);
  if (column.physical === 'bytes') {
    out.stretches(column, selection, count);
    return;
  }
  const rows = rowsOf(column, selection, count);
  for (const part of partsOf(column)) packColumn(out, part, rows, rows.length);
}

/** Stretches of bytes up to this length are copied by a loop, which beats making two views. */
const LOOP_BYTES_MAX = 48;

/** Writes into memory that has room for all of it. */
class Packer {
  readonly memory: ArrayBuffer;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  #used = 0;

  constructor(memory: ArrayBuffer) {
    this.memory = memory;
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory, 0, memory.byteLength >> 2);
  }

  #room(bytes: number): number {
    const at = this.#used;
    this.#used = padded(at + bytes);
    assert(this.#used <= this.memory.byteLength, 'a batch takes what was reckoned');
    return at;
  }

  words(first: number, second: number): void {
    const at = this.#room(8) >> 2;
    this.#words[at] = first;
    this.#words[at + 1] = second;
  }

  bytes(from: Uint8Array, selection: Int32Array | null, count: number): void {
    const at = this.#room(count);
    const to = this.#bytes;
    if (selection === null) to.set(from.subarray(0, count), at);
    else for (let k = 0; k < count; k++) to[at + k] = from[selection[k]!]!;
  }

  ints(from: Int32Array, selection: Int32Array | null, count: number): void {
    const at = this.#room(count * 4) >> 2;
    const to = this.#words;
    if (selection === null) to.set(from.subarray(0, count), at);
    else for (let k = 0; k < count; k++) to[at + k] = from[selection[k]!]!;
  }

  /** Items of 64 bits as two words each: of every kind exactly, and a bigint is never made. */
  longs(
    items: Float64Array | BigInt64Array | BigUint64Array,
    selection: Int32Array | null,
    count: number,
  ): void {
    const at = this.#room(count * 8) >> 2;
    const to = this.#words;
    const from = new Int32Array(items.buffer, items.byteOffset, items.length * 2);
    if (selection === null) {
      to.set(from.subarray(0, count * 2), at);
      return;
    }
    for (let k = 0; k < count; k++) {
      const row = selection[k]!;
      to[at + k * 2] = from[row * 2]!;
      to[at + k * 2 + 1] = from[row * 2 + 1]!;
    }
  }

  /** Where the live cells will begin, one behind the other, and how long they are. */
  ranges({ nulls, lengths }: Ranges, selection: Int32Array | null, count: number): void {
    const begins = this.#room(count * 4) >> 2;
    const sizes = this.#room(count * 4) >> 2;
    const to = this.#words;
    for (let [k, used] = [0, 0]; k < count; k++) {
      const row = selection === null ? k : selection[k]!;
      const length = nulls !== null && nulls[row] === 1 ? 0 : lengths[row]!;
      to[begins + k] = used;
      to[sizes + k] = length;
      used += length;
    }
  }

  /** The bytes of the live cells, one behind the other. */
  stretches(
    column: Ranges & { readonly data: Uint8Array },
    selection: Int32Array | null,
    count: number,
  ): void {
    const { data, nulls, offsets, lengths } = column;
    let at = this.#room(itemsOf(column, selection, count));
    const to = this.#bytes;
    for (let k = 0; k < count; k++) {
      const row = selection === null ? k : selection[k]!;
      if (nulls !== null && nulls[row] === 1) continue;
      const [first, length] = [offsets[row]!, lengths[row]!];
      if (length > LOOP_BYTES_MAX) to.set(data.subarray(first, first + length), at);
      else for (let i = 0; i < length; i++) to[at + i] = data[first + i]!;
      at += length;
    }
  }
}

/** The batch that was packed. Its columns lie in the memory: it lives as long as that is not used again. */
export function unpackBatch(memory: ArrayBuffer, schema: Schema): Batch {
  const input = new Unpacker(memory);
  const [count, width] = input.words();
  const [hasKinds] = input.words();
  const rowKinds = hasKinds === 1 ? input.bytes(count) : null;
  const columns: Column[] = [];
  for (let c = 0; c < width; c++) columns.push(unpackColumn(input, count));
  return { schema, rowCount: count, columns, rowKinds, selection: null, selectionCount: count };
}

function unpackColumn(input: Unpacker, count: number): Column {
  const [kind, width] = input.words();
  const physical = PHYSICALS[kind & 0xff]!;
  const nulls = (kind & HAS_NULLS) === 0 ? null : input.bytes(count);
  switch (physical) {
    case 'bool':
      return numbersOf(physical, nulls, input.bytes(count));
    case 'i32':
      return numbersOf(physical, nulls, input.ints(count));
    case 'f64':
      return numbersOf(physical, nulls, input.doubles(count));
    case 'i64':
    case 'decimal64':
      return numbersOf(physical, nulls, input.longs(count));
    case 'decimal128': {
      const high = input.longs(count);
      const low = input.longs(count);
      return decimal128Of(nulls, high, new BigUint64Array(low.buffer, low.byteOffset, count));
    }
    case 'timestamp': {
      const millis = input.doubles(count);
      return timestampsOf(nulls, millis, (kind & HAS_NANOS) === 0 ? null : input.ints(count));
    }
    case 'struct': {
      const children: Column[] = [];
      for (let c = 0; c < width; c++) children.push(unpackColumn(input, count));
      return structsOf(nulls, children);
    }
    default:
      return unpackRanges(input, physical, nulls, count);
  }
}

function unpackRanges(
  input: Unpacker,
  physical: Ranges['physical'],
  nulls: Uint8Array | null,
  count: number,
): Column {
  const [offsets, lengths] = [input.ints(count), input.ints(count)];
  const used = count === 0 ? 0 : offsets[count - 1]! + lengths[count - 1]!;
  if (physical === 'bytes') return bytesOf(nulls, input.bytes(used), offsets, lengths);
  const first = unpackColumn(input, used);
  if (physical === 'list') return listsOf(nulls, offsets, lengths, first);
  return mapsOf(nulls, { offsets, lengths }, first, unpackColumn(input, used));
}

class Unpacker {
  readonly #memory: ArrayBuffer;
  readonly #words: Int32Array;
  #at = 0;

  constructor(memory: ArrayBuffer) {
    this.#memory = memory;
    this.#words = new Int32Array(memory, 0, memory.byteLength >> 2);
  }

  #skip(bytes: number): number {
    const at = this.#at;
    this.#at = padded(at + bytes);
    return at;
  }

  words(): readonly [number, number] {
    const at = this.#skip(8) >> 2;
    return [this.#words[at]!, this.#words[at + 1]!];
  }
  bytes(count: number): Uint8Array {
    return new Uint8Array(this.#memory, this.#skip(count), count);
  }
  ints(count: number): Int32Array {
    return new Int32Array(this.#memory, this.#skip(count * 4), count);
  }
  doubles(count: number): Float64Array {
    return new Float64Array(this.#memory, this.#skip(count * 8), count);
  }
  longs(count: number): BigInt64Array {
    return new BigInt64Array(this.#memory, this.#skip(count * 8), count);
  }
}
