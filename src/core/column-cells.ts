import type {
  BytesColumn,
  Column,
  Decimal128Column,
  ListColumn,
  MapColumn,
  StructColumn,
  TimestampColumn,
} from './batch.ts';
import type { DataType } from './types.ts';

/**
 * The one place where the objects behind columns are made, those that are only read and those that grow, so
 * that code that reads cells meets one hidden class whoever made the column, and what the machine optimized
 * it for stays true from one job to the next. `type` is null where a column is only read.
 */

type Nulls = Uint8Array | null;
type Made<C extends Column> = C & { readonly type: DataType | null };
/** A column of one number a row. */
type Numbers = Extract<Column, { physical: 'bool' | 'i32' | 'i64' | 'f64' | 'decimal64' }>;

/** A column of one number a row. */
export const numbersOf = <P extends Numbers['physical']>(
  physical: P,
  nulls: Nulls,
  values: Extract<Numbers, { physical: P }>['values'],
  type: DataType | null = null,
): Made<Extract<Numbers, { physical: P }>> =>
  ({ physical, type, nulls, values }) as unknown as Made<Extract<Numbers, { physical: P }>>;

/** A column of decimals of 128 bits. */
export const decimal128Of = (
  nulls: Nulls,
  high: BigInt64Array,
  low: BigUint64Array,
  type: DataType | null = null,
): Made<Decimal128Column> => ({ physical: 'decimal128', type, nulls, high, low });

/** A column of instants. */
export const timestampsOf = (
  nulls: Nulls,
  millis: Float64Array,
  nanos: Int32Array | null,
  type: DataType | null = null,
): Made<TimestampColumn> => ({ physical: 'timestamp', type, nulls, millis, nanos });

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/** The parts of a growable column of bytes. */
export interface GrowableBytes {
  /** Bytes of `data` in use. */
  used: number;
  /** True for UTF-8. */
  readonly isText: boolean;
  /** Over the memory of `viewed`, which is `data` unless that has grown since; see `viewOf`. */
  view: DataView;
  viewed: Uint8Array;
}

/** A column of strings or binaries. */
export const bytesOf = (
  nulls: Nulls,
  data: Uint8Array,
  offsets: Int32Array,
  lengths: Int32Array,
  type: DataType | null = null,
): Made<BytesColumn> & GrowableBytes => ({
  physical: 'bytes',
  type,
  nulls,
  data,
  offsets,
  lengths,
  used: 0,
  isText: type !== null && (type.kind === 'CHAR' || type.kind === 'VARCHAR'),
  view: NO_VIEW,
  viewed: NO_BYTES,
});

/** A column of arrays. */
export const listsOf = (
  nulls: Nulls,
  offsets: Int32Array,
  lengths: Int32Array,
  child: Column,
  type: DataType | null = null,
): Made<ListColumn> & { used: number } => ({
  physical: 'list',
  type,
  nulls,
  offsets,
  lengths,
  used: 0,
  child,
});

/** A column of maps or multisets. */
export const mapsOf = (
  nulls: Nulls,
  places: { readonly offsets: Int32Array; readonly lengths: Int32Array },
  keys: Column,
  values: Column,
  type: DataType | null = null,
): Made<MapColumn> & { used: number } => ({
  physical: 'map',
  type,
  nulls,
  offsets: places.offsets,
  lengths: places.lengths,
  used: 0,
  keys,
  values,
});

/** A column of rows. */
export const structsOf = (
  nulls: Nulls,
  children: readonly Column[],
  type: DataType | null = null,
): Made<StructColumn> => ({ physical: 'struct', type, nulls, children });
