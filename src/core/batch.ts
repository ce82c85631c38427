import type { Schema } from './types.ts';

/**
 * A run of rows in columns: about 1 MB or 4-8 k rows.
 *
 * Ownership: a batch is *borrowed*. The receiver may read it until its `onBatch` returns; keeping anything
 * means
 * copying it. Producers reuse buffers. Test builds poison released buffers.
 *
 * Rows `0 … rowCount-1` are physical. `selection`, where present, lists the physical indices that count,
 * ascending;
 * a filter only sets the selection. `rowKinds` is null when every row is +I.
 */
export interface Batch {
  readonly schema: Schema;
  readonly rowCount: number;
  /** One per field of the schema, in order. */
  readonly columns: readonly Column[];
  /** A RowKind per physical row, or null when the rows are append-only. */
  readonly rowKinds: Uint8Array | null;
  /**
   * Physical indices of the live rows, or null when all rows are live. Only the first `selectionCount`
   * count.
   */
  readonly selection: Int32Array | null;
  readonly selectionCount: number;
}

/**
 * A column by physical type. `nulls` has one byte per row, 1 = null, and is itself null where no row is null
 * (a byte a row, not a bit: generated code reads it without shifting). A null row's value is unspecified.
 * Arrays may be longer than the batch's rowCount.
 */
export type Column =
  | BoolColumn
  | I32Column
  | I64Column
  | F64Column
  | BytesColumn
  | Decimal64Column
  | Decimal128Column
  | TimestampColumn
  | ListColumn
  | MapColumn
  | StructColumn;

interface Nulls {
  readonly nulls: Uint8Array | null;
}
/** 0 or 1. */
export interface BoolColumn extends Nulls {
  readonly physical: 'bool';
  readonly values: Uint8Array;
}
/** TINYINT, SMALLINT, INT, DATE (days since epoch), TIME (ms of day), INTERVAL YEAR TO MONTH (months). */
export interface I32Column extends Nulls {
  readonly physical: 'i32';
  readonly values: Int32Array;
}
/** BIGINT, INTERVAL DAY TO SECOND (ms). Exact. */
export interface I64Column extends Nulls {
  readonly physical: 'i64';
  readonly values: BigInt64Array;
}
/** DOUBLE, and FLOAT rounded by Math.fround. */
export interface F64Column extends Nulls {
  readonly physical: 'f64';
  readonly values: Float64Array;
}
/**
 * CHAR, VARCHAR (UTF-8) and BINARY, VARBINARY: row i is `data[offsets[i], offsets[i] + lengths[i])`. Rows
 * may share bytes.
 */
export interface BytesColumn extends Nulls {
  readonly physical: 'bytes';
  readonly data: Uint8Array;
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
}
/** DECIMAL with precision <= 18: the unscaled value. */
export interface Decimal64Column extends Nulls {
  readonly physical: 'decimal64';
  readonly values: BigInt64Array;
}
/** DECIMAL with precision 19-38: unscaled value = high * 2^64 + low. */
export interface Decimal128Column extends Nulls {
  readonly physical: 'decimal128';
  readonly high: BigInt64Array;
  readonly low: BigUint64Array;
}
/**
 * TIMESTAMP and TIMESTAMP_LTZ, as Flink's TimestampData: epoch milliseconds, plus nanoseconds of the
 * millisecond
 * (0 … 999,999; null when the precision is <= 3). +infinity and -infinity are ±8.64e15 + the sign's 1 (beyond
 * any Date).
 */
export interface TimestampColumn extends Nulls {
  readonly physical: 'timestamp';
  readonly millis: Float64Array;
  readonly nanos: Int32Array | null;
}
/** ARRAY: row i is child rows [offsets[i], offsets[i] + lengths[i]). Rows may share them. */
export interface ListColumn extends Nulls {
  readonly physical: 'list';
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
  readonly child: Column;
}
/** MAP: as a list of entries; MULTISET: the elements as keys, how often each is there as values. */
export interface MapColumn extends Nulls {
  readonly physical: 'map';
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
  readonly keys: Column;
  readonly values: Column;
}
/** ROW: children of the same length; where the row is null, each child is null, too. */
export interface StructColumn extends Nulls {
  readonly physical: 'struct';
  readonly children: readonly Column[];
}

/** Rows per batch that producers aim at and never exceed. */
export const BATCH_ROWS_MAX = 8192;
