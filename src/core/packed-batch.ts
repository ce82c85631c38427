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
  // About what they take: where strings are long, more is taken on the way.
  const out = new Packer(take, 64 + (columns.length + 1) * (16 + count * 16));
  out.words(count, columns.length);
  out.words(rowKinds === null ? 0 : 1, 0);
  if (rowKinds !== null) out.bytes(rowKinds, selection, count);
  for (const column of columns) packColumn(out, column, selection, count);
  return out.memory;
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

/** Cells that are stretches of something: of bytes, or of rows. */
function packRanges(out: Packer, column: Ranges, selection: Int32Array | null, count: number): void {
  const { nulls, offsets, lengths } = column;
  const [ends, from] = [new Int32Array(count), new Int32Array(count)];
  let used = 0;
  for (let k = 0; k < count; k++) {
    const row = selection === null ? k : selection[k]!;
    if (nulls === null || nulls[row] === 0) used += lengths[row]!;
    from[k] = offsets[row]!;
    ends[k] = used;
  }
  out.ints(ends, null, count);
  if (column.physical === 'bytes') {
    out.stretches(column.data, from, ends, count);
    return;
  }
  const rows = new Int32Array(used);
  for (let [k, at] = [0, 0]; k < count; k++) {
    for (let row = from[k]!; at < ends[k]!; row++) rows[at++] = row;
  }
  const parts = column.physical === 'list' ? [column.child] : [column.keys, column.values];
  for (const part of parts) packColumn(out, part, rows, used);
}

/** Stretches of bytes up to this length are copied by a loop, which beats making two views. */
const LOOP_BYTES_MAX = 48;

class Packer {
  readonly #take: TakeMemory;
  #used = 0;
  #bytes: Uint8Array;
  memory: ArrayBuffer;

  constructor(take: TakeMemory, bytes: number) {
    this.#take = take;
    this.memory = take(bytes);
    this.#bytes = new Uint8Array(this.memory);
  }

  #room(bytes: number): number {
    const at = this.#used;
    this.#used = (at + bytes + 7) & ~7;
    if (this.#used > this.memory.byteLength) {
      const before = this.#bytes;
      this.memory = this.#take(this.#used * 2);
      this.#bytes = new Uint8Array(this.memory);
      this.#bytes.set(before.subarray(0, at));
    }
    return at;
  }

  words(first: number, second: number): void {
    const at = this.#room(8);
    const words = new Int32Array(this.memory, at, 2);
    words[0] = first;
    words[1] = second;
  }

  bytes(from: Uint8Array, selection: Int32Array | null, count: number): void {
    const at = this.#room(count);
    const to = this.#bytes;
    if (selection === null) to.set(from.subarray(0, count), at);
    else for (let k = 0; k < count; k++) to[at + k] = from[selection[k]!]!;
  }

  ints(from: Int32Array, selection: Int32Array | null, count: number): void {
    const at = this.#room(count * 4);
    const to = new Int32Array(this.memory, at, count);
    if (selection === null) to.set(from.subarray(0, count));
    else for (let k = 0; k < count; k++) to[k] = from[selection[k]!]!;
  }

  /** Items of 64 bits as two words each: of every kind exactly, and a bigint is never made. */
  longs(
    items: Float64Array | BigInt64Array | BigUint64Array,
    selection: Int32Array | null,
    count: number,
  ): void {
    const at = this.#room(count * 8);
    const to = new Int32Array(this.memory, at, count * 2);
    const from = new Int32Array(items.buffer, items.byteOffset, items.length * 2);
    if (selection === null) {
      to.set(from.subarray(0, count * 2));
      return;
    }
    for (let k = 0; k < count; k++) {
      const row = selection[k]!;
      to[k * 2] = from[row * 2]!;
      to[k * 2 + 1] = from[row * 2 + 1]!;
    }
  }

  /** Stretches that begin at `from`, one behind the other up to `ends`. */
  stretches(data: Uint8Array, from: Int32Array, ends: Int32Array, count: number): void {
    const at = this.#room(count === 0 ? 0 : ends[count - 1]!);
    const to = this.#bytes;
    for (let [k, begin] = [0, 0]; k < count; k++) {
      const [first, length] = [from[k]!, ends[k]! - begin];
      if (length > LOOP_BYTES_MAX) to.set(data.subarray(first, first + length), at + begin);
      else for (let i = 0; i < length; i++) to[at + begin + i] = data[first + i]!;
      begin += length;
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
  const ends = input.ints(count);
  const [offsets, lengths] = [new Int32Array(count), new Int32Array(count)];
  let used = 0;
  for (let k = 0; k < count; k++) {
    offsets[k] = used;
    lengths[k] = ends[k]! - used;
    used = ends[k]!;
  }
  if (physical === 'bytes') return bytesOf(nulls, input.bytes(used), offsets, lengths);
  const first = unpackColumn(input, used);
  if (physical === 'list') return listsOf(nulls, offsets, lengths, first);
  return mapsOf(nulls, { offsets, lengths }, first, unpackColumn(input, used));
}

class Unpacker {
  readonly #memory: ArrayBuffer;
  #at = 0;

  constructor(memory: ArrayBuffer) {
    this.#memory = memory;
  }

  #skip(bytes: number): number {
    const at = this.#at;
    this.#at = (at + bytes + 7) & ~7;
    return at;
  }

  words(): readonly [number, number] {
    const words = new Int32Array(this.#memory, this.#skip(8), 2);
    return [words[0]!, words[1]!];
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
