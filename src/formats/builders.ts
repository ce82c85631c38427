import type { Column } from '../core/batch.ts';
import {
  bytesOf,
  decimal128Of,
  listsOf,
  mapsOf,
  numbersOf,
  structsOf,
  timestampsOf,
} from '../core/column-cells.ts';
import { childTypes, type DataType, type PhysicalType, physicalTypeOf } from '../core/types.ts';

/** Marks in `nulls` while a row is being read: the value is there, is null, or was not seen. */
export const PRESENT = 0;
export const NULL = 1;
export const MISSING = 2;

/**
 * A column being filled. Decoders write straight into the arrays; `nulls[row]` must be written for every row.
 * The arrays are reused from batch to batch, so a finished column is borrowed.
 */
export type Builder = ScalarBuilder | NestedBuilder;

export interface ScalarBuilder {
  readonly type: DataType;
  readonly physical: Exclude<PhysicalType, 'list' | 'map' | 'struct'>;
  nulls: Uint8Array;
  hasNulls: boolean;
  /** bool: bytes. i32, i64 (as `wide`), f64, timestamp millis: see `Column`. Unused arrays are empty. */
  bytes: Uint8Array;
  ints: Int32Array;
  /** The values of i64 and decimal columns; `words` is the same memory as 32-bit halves, low first. */
  longs: BigInt64Array;
  words: Int32Array;
  /** The low limb of decimal128 (`longs` is the high one). */
  lows: BigUint64Array;
  floats: Float64Array;
  offsets: Int32Array;
  lengths: Int32Array;
  /** Nanoseconds of the millisecond; null when the precision is at most 3. */
  nanos: Int32Array | null;
}

export interface NestedBuilder {
  readonly type: DataType;
  readonly physical: 'list' | 'map' | 'struct';
  nulls: Uint8Array;
  hasNulls: boolean;
  /** list, map: row i is child rows [offsets[i], offsets[i] + lengths[i]); `used` are taken so far. */
  offsets: Int32Array;
  lengths: Int32Array;
  used: number;
  readonly children: readonly Builder[];
}

/** A builder for `capacity` rows of a type; nested children grow as they need. */
export function createBuilder(type: DataType, capacity: number): Builder {
  const physical = physicalTypeOf(type);
  const nulls = new Uint8Array(capacity);
  if (physical === 'list' || physical === 'map' || physical === 'struct') {
    const children = childTypes(type).map(child => createBuilder(child, capacity));
    const rows = physical === 'struct' ? 0 : capacity;
    const [offsets, lengths] = [new Int32Array(rows), new Int32Array(rows)];
    return { type, physical, nulls, hasNulls: false, offsets, lengths, used: 0, children };
  }
  const of = (...kinds: PhysicalType[]): number => (kinds.includes(physical) ? capacity : 0);
  const longs = new BigInt64Array(of('i64', 'decimal64', 'decimal128'));
  return {
    type,
    physical,
    nulls,
    hasNulls: false,
    bytes: new Uint8Array(of('bool')),
    ints: new Int32Array(of('i32')),
    longs,
    words: new Int32Array(longs.buffer),
    lows: new BigUint64Array(of('decimal128')),
    floats: new Float64Array(of('f64', 'timestamp')),
    offsets: new Int32Array(of('bytes')),
    lengths: new Int32Array(of('bytes')),
    nanos:
      physical === 'timestamp' && 'precision' in type && type.precision > 3 ? new Int32Array(capacity) : null,
  };
}

/** Make room for row `row`, keeping what is there. */
export function ensureRow(builder: Builder, row: number): void {
  if (row < builder.nulls.length) return;
  const capacity = Math.max(16, builder.nulls.length * 2, row + 1);
  builder.nulls = grown(builder.nulls, new Uint8Array(capacity));
  if ('children' in builder) {
    if (builder.physical !== 'struct') {
      builder.offsets = grown(builder.offsets, new Int32Array(capacity));
      builder.lengths = grown(builder.lengths, new Int32Array(capacity));
    }
    return;
  }
  const b = builder;
  if (b.bytes.length > 0) b.bytes = grown(b.bytes, new Uint8Array(capacity));
  if (b.ints.length > 0) b.ints = grown(b.ints, new Int32Array(capacity));
  if (b.lows.length > 0) b.lows = grown(b.lows, new BigUint64Array(capacity));
  if (b.floats.length > 0) b.floats = grown(b.floats, new Float64Array(capacity));
  if (b.offsets.length > 0) b.offsets = grown(b.offsets, new Int32Array(capacity));
  if (b.lengths.length > 0) b.lengths = grown(b.lengths, new Int32Array(capacity));
  if (b.nanos !== null) b.nanos = grown(b.nanos, new Int32Array(capacity));
  if (b.longs.length > 0) {
    b.longs = grown(b.longs, new BigInt64Array(capacity));
    b.words = new Int32Array(b.longs.buffer);
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Row `row` is null (or, with MISSING, was not in the record; the caller settles that later). */
export function setNull(builder: Builder, row: number, mark: number = NULL): void {
  builder.nulls[row] = mark;
  builder.hasNulls = true;
  if (builder.physical === 'struct') {
    for (const child of builder.children) {
      ensureRow(child, row);
      setNull(child, row);
    }
  }
}

/**
 * The finished column over `data`, the buffer that the bytes columns point into. Borrowed until
 * `resetBuilder`.
 */
export function finishBuilder(builder: Builder, data: Uint8Array): Column {
  const nulls = builder.hasNulls ? builder.nulls : null;
  const b = builder;
  switch (b.physical) {
    case 'bool':
      return numbersOf('bool', nulls, b.bytes);
    case 'i32':
      return numbersOf('i32', nulls, b.ints);
    case 'i64':
      return numbersOf('i64', nulls, b.longs);
    case 'f64':
      return numbersOf('f64', nulls, b.floats);
    case 'bytes':
      return bytesOf(nulls, data, b.offsets, b.lengths);
    case 'decimal64':
      return numbersOf('decimal64', nulls, b.longs);
    case 'decimal128':
      return decimal128Of(nulls, b.longs, b.lows);
    case 'timestamp':
      return timestampsOf(nulls, b.floats, b.nanos);
    case 'list':
      return listsOf(nulls, b.offsets, b.lengths, finishBuilder(b.children[0]!, data));
    case 'map': {
      const [keys, values] = b.children.map(child => finishBuilder(child, data));
      return mapsOf(nulls, b, keys!, values!);
    }
    case 'struct':
      return structsOf(
        nulls,
        b.children.map(child => finishBuilder(child, data)),
      );
  }
}

/** Start over for the next batch. */
export function resetBuilder(builder: Builder): void {
  builder.hasNulls = false;
  if (!('children' in builder)) return;
  builder.used = 0;
  builder.children.forEach(resetBuilder);
}
