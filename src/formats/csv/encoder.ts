import type { Column } from '../../core/batch.ts';
import type { DataType, Schema } from '../../core/types.ts';
import { encodeUtf8 } from '../../core/utf8.ts';
import { ByteOutput, recordEncoder } from '../byte-output.ts';
import type { Encoder } from '../encode/encoder.ts';
import { putTimestamp, timestampWriter } from '../encode/put.ts';
import { putDouble, putInteger, putLong } from '../encode/put-number.ts';
import { printDecimalStripped } from '../text/decimal.ts';
import { printDouble, printFloat } from '../text/double.ts';
import { printDate, printTime, printTimestamp } from '../text/timestamp.ts';
import { type CsvOptions, checkCsvType } from './options.ts';

/** Longer texts are quoted unread. */
const PLAIN_CHARACTERS_MAX = 24;
const BACKSLASH = 92;

/** An encoder of lines without line ends, quoting what Flink's CSV format quotes. */
export function csvEncoder(
  schema: Schema,
  projection: readonly number[] | null,
  options: CsvOptions,
): Encoder {
  const indices = projection ?? [...schema.fields.keys()];
  const out = new ByteOutput();
  const writers = indices.map(i => {
    const { name, type } = schema.fields[i]!;
    checkCsvType(name, type);
    return cellWriter(type, options, out);
  });
  const nothing = encodeUtf8(options.nullLiteral ?? '');
  return recordEncoder(out, (batch, row) => {
    for (let k = 0; k < writers.length; k++) {
      if (k > 0) out.byte(options.delimiter);
      const column = batch.columns[indices[k]!]!;
      if (column.nulls !== null && column.nulls[row] === 1) out.bytes(nothing, 0, nothing.length);
      else writers[k]!(column, row);
    }
    return true;
  });
}

/** 64-bit values as pairs of words, of the array last asked for. */
function wordCache(): (values: BigInt64Array) => Int32Array {
  let last: BigInt64Array | null = null;
  let words: Int32Array = new Int32Array(0);
  return values => {
    if (values === last) return words;
    last = values;
    words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    return words;
  };
}

type WriteCell = (column: Column, row: number) => void;

function cellWriter(type: DataType, options: CsvOptions, out: ByteOutput): WriteCell {
  const put = fieldWriter(options, out);
  const wordsOf = wordCache();
  const writer = timestampWriter('SQL', type.kind === 'TIMESTAMP_LTZ');
  return (column, row) => {
    switch (column.physical) {
      case 'bool':
        out.text(column.values[row] === 1 ? 'true' : 'false');
        return;
      case 'i32':
        if (type.kind === 'DATE' || type.kind === 'TIME') break;
        out.reserve(16);
        out.p = putInteger(out.u8, out.p, column.values[row]!);
        return;
      case 'i64': {
        const words = wordsOf(column.values);
        out.reserve(24);
        out.p = putLong(out.u8, out.p, words[row * 2]!, words[row * 2 + 1]!);
        return;
      }
      case 'f64':
        out.reserve(32);
        if (type.kind === 'FLOAT') out.text(printFloat(column.values[row]!));
        else out.p = putDouble(out.u8, out.p, column.values[row]!);
        return;
      case 'timestamp': {
        // It holds a space, and so always stands in quotes.
        if (options.quote !== 34) break;
        out.reserve(48);
        out.p = putTimestamp(out.u8, out.dv, out.p, column, row, writer);
        return;
      }
      case 'bytes':
        if (type.kind === 'BINARY' || type.kind === 'VARBINARY') break;
        put(column.data, column.offsets[row]!, column.lengths[row]!);
        return;
      default:
    }
    const bytes = encodeUtf8(textOf(column, row, type, options));
    put(bytes, 0, bytes.length);
  };
}

/** Writes text as a field, in quotes where it needs them or is too long to be looked at. */
function fieldWriter({ quote, delimiter, escapeCode }: CsvOptions, out: ByteOutput) {
  const safe = Math.max(delimiter, quote, 10) + 1;
  return (data: Uint8Array, from: number, length: number): void => {
    if (quote < 0 || isPlain(data, from, length, safe, escapeCode)) {
      out.bytes(data, from, length);
      return;
    }
    out.reserve(length * 2 + 2);
    const { u8 } = out;
    let p = out.p;
    u8[p++] = quote;
    for (let i = from; i < from + length; i++) {
      const c = data[i]!;
      if (c === quote) u8[p++] = quote;
      else if (c === escapeCode) u8[p++] = escapeCode;
      u8[p++] = c;
    }
    u8[p++] = quote;
    out.p = p;
  };
}

/** All characters are behind `safe`, and there are few of them as Java counts. */
function isPlain(data: Uint8Array, from: number, length: number, safe: number, escapeCode: number): boolean {
  let units = 0;
  for (let i = from; i < from + length; i++) {
    const c = data[i]!;
    if (c < safe || c === BACKSLASH || c === escapeCode) return false;
    if ((c & 0xc0) !== 0x80) units += c >= 0xf0 ? 2 : 1;
  }
  return units <= PLAIN_CHARACTERS_MAX;
}

/** The text of a cell that is not null. */
function textOf(column: Column, row: number, type: DataType, options: CsvOptions): string {
  switch (column.physical) {
    case 'bool':
      return column.values[row] === 1 ? 'true' : 'false';
    case 'i32':
      return intText(column.values[row]!, type);
    case 'i64':
      return String(column.values[row]!);
    case 'f64':
      return type.kind === 'FLOAT' ? printFloat(column.values[row]!) : printDouble(column.values[row]!);
    case 'decimal64':
      return decimalText(column.values[row]!, type, options);
    case 'decimal128':
      return decimalText((column.high[row]! << 64n) | column.low[row]!, type, options);
    case 'timestamp': {
      const nanos = column.nanos === null ? 0 : column.nanos[row]!;
      return printTimestamp(column.millis[row]!, nanos, 'SQL', type.kind === 'TIMESTAMP_LTZ');
    }
    case 'bytes': {
      const { data, offsets, lengths } = column;
      const bytes = Buffer.from(data.buffer, data.byteOffset + offsets[row]!, lengths[row]!);
      return bytes.toString(type.kind === 'BINARY' || type.kind === 'VARBINARY' ? 'base64' : 'utf8');
    }
    case 'struct':
      return column.children
        .map((child, i) => partText(child, row, fieldType(type, i), options))
        .join(options.elementDelimiter);
    case 'list': {
      const from = column.offsets[row]!;
      const parts = Array.from({ length: column.lengths[row]! }, (_, i) =>
        partText(column.child, from + i, fieldType(type, 0), options),
      );
      return parts.join(options.elementDelimiter);
    }
    case 'map':
      return '';
  }
}

const fieldType = (type: DataType, index: number): DataType =>
  type.kind === 'ARRAY' ? type.element : type.kind === 'ROW' ? type.fields[index]!.type : type;

function partText(column: Column, row: number, type: DataType, options: CsvOptions): string {
  if (column.nulls !== null && column.nulls[row] === 1) return options.nullLiteral ?? '';
  return textOf(column, row, type, options);
}

function intText(value: number, type: DataType): string {
  if (type.kind === 'DATE') return printDate(value);
  if (type.kind === 'TIME') return printTime(Math.floor(value / 1000), (value % 1000) * 1e6);
  return String(value);
}

/** Without trailing zeros; as Java's BigDecimal.toString has it, or plain. */
function decimalText(unscaled: bigint, type: DataType, { scientific }: CsvOptions): string {
  const scale = type.kind === 'DECIMAL' ? type.scale : 0;
  const plain = printDecimalStripped(unscaled, scale);
  if (!scientific || unscaled === 0n) return plain;
  const sign = unscaled < 0n ? '-' : '';
  let [digits, power] = [(unscaled < 0n ? -unscaled : unscaled).toString(), -scale];
  const zeros = /0*$/.exec(digits)![0].length;
  digits = digits.slice(0, digits.length - zeros);
  power += zeros;
  const exponent = power + digits.length - 1;
  if (power <= 0 && exponent >= -6) return plain;
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${sign}${mantissa}E${exponent < 0 ? '' : '+'}${exponent}`;
}
