import { assert } from '../../core/assert.ts';
import { BATCH_ROWS_MAX, type Batch, type Column } from '../../core/batch.ts';
import { isAccumulate } from '../../core/row-kind.ts';
import type { DataType, Schema } from '../../core/types.ts';
import { type FormatName, type JsonOptions, jsonOptions } from '../options.ts';
import { printDecimalStripped } from '../text/decimal.ts';
import { type DayCache, putAscii, putInteger, putLong, putString, putTimestamp } from './put.ts';
import { jsonText } from './text.ts';

/** The records of one batch, back to back in `bytes`; borrowed until the next `encode`. */
export interface EncodedRecords {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Record i is bytes [starts[i], ends[i]) and was row rows[i]. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly rows: Int32Array;
}

/** Batches to bytes: one record for each live row. */
export interface Encoder {
  encode(batch: Batch): EncodedRecords;
}

/** Writes the row at `p` of `out.u8` (which has room) and returns the position behind. */
type WriteRow = (row: number, p: number) => number;

/** The output buffer. */
interface Output {
  u8: Uint8Array;
  dv: DataView;
}

/**
 * An encoder of rows of `schema`, taking the columns `projection` (null = all). `json` writes the row
 * whatever its kind; `debezium-json` an envelope with op `c` for +I and +U, `d` for -U and -D, as Flink's
 * sink does.
 */
export function createEncoder(
  format: FormatName,
  schema: Schema,
  projection: readonly number[] | null,
  given: Readonly<Record<string, string>> = {},
): Encoder {
  const options = jsonOptions(format, given);
  const columns = projection ?? schema.fields.map((_, i) => i);
  const starts = new Int32Array(BATCH_ROWS_MAX);
  const ends = new Int32Array(BATCH_ROWS_MAX);
  const rows = new Int32Array(BATCH_ROWS_MAX);
  const out: Output = { u8: new Uint8Array(0), dv: new DataView(new ArrayBuffer(0)) };
  const isEnvelope = format === 'debezium-json';
  return {
    encode(batch) {
      assert(batch.rowCount <= BATCH_ROWS_MAX, 'a batch has at most BATCH_ROWS_MAX rows');
      const writer = new RowWriter(schema, columns, batch, options, out);
      const count = batch.selection === null ? batch.rowCount : batch.selectionCount;
      let p = 0;
      for (let i = 0; i < count; i++) {
        const row = batch.selection === null ? i : batch.selection[i]!;
        writer.reserve(p, row);
        rows[i] = row;
        starts[i] = p;
        p = isEnvelope ? writer.envelope(row, p, batch.rowKinds?.[row] ?? 0) : writer.object(row, p);
        ends[i] = p;
      }
      return { bytes: out.u8, count, starts, ends, rows };
    },
  };
}

/** Bytes that the longest scalar but a string takes: a DECIMAL(38, …) with sign, point and quotes. */
const SCALAR_BYTES_MAX = 48;
const ENVELOPE_BYTES = 64;

/** Writes rows of one batch: a closure per column, its key and arrays at hand. */
class RowWriter {
  readonly #writers: readonly WriteRow[];
  readonly #strings: readonly { readonly lengths: Int32Array }[];
  readonly #nested: readonly { readonly column: Column; readonly type: DataType }[];
  readonly #fixedBytes: number;
  readonly #options: JsonOptions;
  readonly #out: Output;

  constructor(schema: Schema, indices: readonly number[], batch: Batch, options: JsonOptions, out: Output) {
    const fields = indices.map(i => ({ ...schema.fields[i]!, column: batch.columns[i]! }));
    const keys = fields.map(f => new TextEncoder().encode(`,${JSON.stringify(f.name)}:`));
    this.#options = options;
    this.#out = out;
    this.#writers = fields.map((f, i) =>
      withKey(keys[i]!, f.column, options, out, this.#value(f.column, f.type)),
    );
    this.#strings = fields.flatMap(f => (f.column.physical === 'bytes' ? [f.column] : []));
    this.#nested = fields.filter(f => isNested(f.column));
    this.#fixedBytes = keys.reduce((sum, key) => sum + key.length + SCALAR_BYTES_MAX, ENVELOPE_BYTES);
  }

  /** Make room for a row at `p`. */
  reserve(p: number, row: number): void {
    let needed = p + this.#fixedBytes;
    for (const { lengths } of this.#strings) needed += lengths[row]! * 6;
    for (const { column, type } of this.#nested) {
      needed += jsonText(column, type, row, this.#options).length * 3;
    }
    if (needed <= this.#out.u8.length) return;
    const grown = new Uint8Array(Math.max(1 << 16, needed * 2));
    grown.set(this.#out.u8.subarray(0, p));
    this.#out.u8 = grown;
    this.#out.dv = new DataView(grown.buffer);
  }

  /** The row as an object. Every field brings a comma; the first becomes the brace. */
  object(row: number, at: number): number {
    let p = at;
    for (const write of this.#writers) p = write(row, p);
    const { u8 } = this.#out;
    u8[at] = 123;
    if (p === at) p++;
    u8[p++] = 125;
    return p;
  }

  envelope(row: number, at: number, kind: number): number {
    const { u8 } = this.#out;
    const isAfter = isAccumulate(kind);
    const p = putAscii(u8, at, isAfter ? '{"before":null,"after":' : '{"before":');
    const q = this.object(row, p);
    return putAscii(u8, q, isAfter ? ',"op":"c"}' : ',"after":null,"op":"d"}');
  }

  #value(column: Column, type: DataType): WriteRow {
    const out = this.#out;
    const options = this.#options;
    const isString = type.kind === 'CHAR' || type.kind === 'VARCHAR';
    if (column.physical === 'bytes' && isString) return stringWriter(column, out);
    if (column.physical === 'i64') return longWriter(column.values, out);
    if (column.physical === 'timestamp') return timestampWriter(column, type, options, out);
    if (column.physical === 'i32' && (type.kind.endsWith('INT') || type.kind.startsWith('INTERVAL'))) {
      return (row, p) => putInteger(out.u8, p, column.values[row]!);
    }
    if (column.physical === 'decimal64' && type.kind === 'DECIMAL') {
      const { scale } = type;
      return (row, p) => putAscii(out.u8, p, printDecimalStripped(column.values[row]!, scale));
    }
    if (isNested(column)) {
      return (row, p) => {
        const text = jsonText(column, type, row, options);
        return p + TEXT.encodeInto(text, out.u8.subarray(p)).written;
      };
    }
    return (row, p) => putAscii(out.u8, p, jsonText(column, type, row, options));
  }
}

const TEXT = new TextEncoder();

const isNested = (column: Column): boolean =>
  column.physical === 'list' || column.physical === 'map' || column.physical === 'struct';

function withKey(
  key: Uint8Array,
  column: Column,
  options: JsonOptions,
  out: Output,
  write: WriteRow,
): WriteRow {
  const { nulls } = column;
  const { length } = key;
  return (row, at) => {
    const { u8 } = out;
    const isNull = nulls !== null && nulls[row] === 1;
    if (isNull && options.ignoreNullFields) return at;
    for (let i = 0; i < length; i++) u8[at + i] = key[i]!;
    return isNull ? putAscii(u8, at + length, 'null') : write(row, at + length);
  };
}

function stringWriter(column: Extract<Column, { physical: 'bytes' }>, out: Output): WriteRow {
  const { data, offsets, lengths } = column;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return (row, p) => putString(out.u8, out.dv, p, data, view, offsets[row]!, lengths[row]!);
}

function longWriter(values: BigInt64Array, out: Output): WriteRow {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  return (row, p) => putLong(out.u8, p, words[row * 2]!, words[row * 2 + 1]!);
}

function timestampWriter(
  column: Extract<Column, { physical: 'timestamp' }>,
  type: DataType,
  options: JsonOptions,
  out: Output,
): WriteRow {
  const { millis, nanos } = column;
  const zoned = type.kind === 'TIMESTAMP_LTZ';
  const standard = options.timestampStandard;
  const cache: DayCache = { day: Number.NaN, text: new Uint8Array(32) };
  return (row, p) =>
    putTimestamp(out.u8, p, millis[row]!, nanos === null ? 0 : nanos[row]!, standard, zoned, cache);
}
