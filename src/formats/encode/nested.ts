import type { Column } from '../../core/batch.ts';
import { childTypes, type DataType, isNestedType } from '../../core/types.ts';
import { encodeUtf8 } from '../../core/utf8.ts';
import type { ByteOutput } from '../byte-output.ts';
import type { JsonOptions } from '../options.ts';
import { putString, putTimestamp, timestampWriter } from './put.ts';
import { putDecimal, putDecimal128, putDouble, putInteger, putLong } from './put-number.ts';
import { jsonText } from './text.ts';

/** Writes a cell as JSON, null included. */
export type WriteJson = (column: Column, row: number, out: ByteOutput) => void;

const [COMMA, COLON] = [44, 58];
const NULL = encodeUtf8('null');

/** A writer of values of a type: the same text as `jsonText` gives, without making it. */
export function jsonWriter(type: DataType, options: JsonOptions): WriteJson {
  const write = isNestedType(type) ? nestedWriter(type, options) : scalarWriter(type, options);
  return (column, row, out) => {
    if (column.nulls !== null && column.nulls[row] === 1) out.bytes(NULL, 0, NULL.length);
    else write(column, row, out);
  };
}

function nestedWriter(type: DataType, options: JsonOptions): WriteJson {
  const writers = childTypes(type).map(child => jsonWriter(child, options));
  if (type.kind === 'ROW') {
    const names = type.fields.map(field => encodeUtf8(`${JSON.stringify(field.name)}:`));
    return (column, row, out) => putRow(column, row, out, writers, names, options.ignoreNullFields);
  }
  if (type.kind === 'ARRAY') return (column, row, out) => putList(column, row, out, writers[0]!);
  const isText = ['CHAR', 'VARCHAR'].includes(childTypes(type)[0]!.kind);
  return (column, row, out) => {
    if (column.physical !== 'map') return;
    // What null keys become, and keys that are no text, is left to the unhurried way.
    if (!isText || hasNullKey(column, row)) out.text(jsonText(column, type, row, options));
    else putMap(column, row, out, writers[0]!, writers[1]!);
  };
}

function putList(column: Column, row: number, out: ByteOutput, write: WriteJson): void {
  if (column.physical !== 'list') return;
  const [from, length] = [column.offsets[row]!, column.lengths[row]!];
  out.byte(91);
  for (let i = from; i < from + length; i++) {
    if (i > from) out.byte(COMMA);
    write(column.child, i, out);
  }
  out.byte(93);
}

function hasNullKey({ keys, offsets, lengths }: Extract<Column, { physical: 'map' }>, row: number): boolean {
  if (keys.nulls === null) return false;
  const end = offsets[row]! + lengths[row]!;
  for (let i = offsets[row]!; i < end; i++) if (keys.nulls[i] === 1) return true;
  return false;
}

function putMap(
  { keys, values, offsets, lengths }: Extract<Column, { physical: 'map' }>,
  row: number,
  out: ByteOutput,
  writeKey: WriteJson,
  writeValue: WriteJson,
): void {
  const [from, length] = [offsets[row]!, lengths[row]!];
  out.byte(123);
  for (let i = from; i < from + length; i++) {
    if (i > from) out.byte(COMMA);
    writeKey(keys, i, out);
    out.byte(COLON);
    writeValue(values, i, out);
  }
  out.byte(125);
}

function putRow(
  column: Column,
  row: number,
  out: ByteOutput,
  writers: readonly WriteJson[],
  names: readonly Uint8Array[],
  ignoreNulls: boolean,
): void {
  if (column.physical !== 'struct') return;
  out.byte(123);
  let isFirst = true;
  for (let k = 0; k < writers.length; k++) {
    const child = column.children[k]!;
    if (ignoreNulls && child.nulls !== null && child.nulls[row] === 1) continue;
    if (!isFirst) out.byte(COMMA);
    isFirst = false;
    out.bytes(names[k]!, 0, names[k]!.length);
    writers[k]!(child, row, out);
  }
  out.byte(125);
}

function scalarWriter(type: DataType, options: JsonOptions): WriteJson {
  const isText = type.kind === 'CHAR' || type.kind === 'VARCHAR';
  const isPlain = type.kind !== 'DATE' && type.kind !== 'TIME';
  const scale = type.kind === 'DECIMAL' ? type.scale : 0;
  const timestamps = timestampWriter(options.timestampStandard, type.kind === 'TIMESTAMP_LTZ');
  return (column, row, out) => {
    switch (column.physical) {
      case 'i32':
        if (!isPlain) break;
        out.reserve(16);
        out.p = putInteger(out.u8, out.p, column.values[row]!);
        return;
      case 'i64': {
        const value = column.values[row]!;
        out.reserve(24);
        out.p = putLong(out.u8, out.p, lowWord(value), highWord(value));
        return;
      }
      case 'decimal64': {
        const value = column.values[row]!;
        out.reserve(48);
        out.p = putDecimal(out.u8, out.p, lowWord(value), highWord(value), scale);
        return;
      }
      case 'decimal128': {
        const [high, low] = [column.high[row]!, column.low[row]!];
        const [w0, w1, w2, w3] = [lowWord(low), highWord(low), lowWord(high), highWord(high)];
        out.reserve(48);
        out.p = putDecimal128(out.u8, out.p, w0, w1, w2, w3, scale);
        return;
      }
      case 'timestamp':
        out.reserve(48);
        out.p = putTimestamp(out.u8, out.dv, out.p, column, row, timestamps);
        return;
      case 'f64':
        if (type.kind === 'FLOAT' || !Number.isFinite(column.values[row]!)) break;
        out.reserve(32);
        out.p = putDouble(out.u8, out.p, column.values[row]!);
        return;
      case 'bytes': {
        if (!isText) break;
        const { data, offsets, lengths } = column;
        out.reserve(lengths[row]! * 6 + 8);
        const view = viewOf(data);
        out.p = putString(out.u8, out.dv, out.p, data, view, offsets[row]!, lengths[row]!);
        return;
      }
      default:
    }
    out.text(jsonText(column, type, row, options));
  };
}

const lowWord = (value: bigint): number => Number(BigInt.asIntN(32, value));
const highWord = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n));

const views = new WeakMap<Uint8Array, DataView>();

function viewOf(data: Uint8Array): DataView {
  const known = views.get(data);
  if (known !== undefined) return known;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  views.set(data, view);
  return view;
}
