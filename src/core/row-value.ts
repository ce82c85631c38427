import { unreachable } from './assert.ts';
import type { Batch, Column } from './batch.ts';
import { type ColumnBuffer, openList, putBytes, putNull, putText, reserveRows } from './column-buffer.ts';
import { decimalFromLimbs, lowLimb } from './decimal.ts';
import { childTypes, type DataType } from './types.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * A cell as a plain value, for the edges: BOOLEAN boolean; TINYINT…INT, DATE (days), TIME (ms), months
 * number;
 * BIGINT, day-time intervals (ms), DECIMAL (unscaled) bigint; FLOAT, DOUBLE number; strings string; binaries
 * Uint8Array; timestamps {millis, nanos}; ARRAY list; MAP list of pairs; MULTISET list of
 * elements and counts; ROW list of fields; null null.
 */
export type RowValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | { readonly millis: number; readonly nanos: number }
  | readonly RowValue[];

/** Cell `row` of a column as a plain value. */
export function rowValue(column: Column, row: number, type: DataType): RowValue {
  if (type.kind === 'NULL' || (column.nulls !== null && column.nulls[row] === 1)) return null;
  switch (column.physical) {
    case 'bool':
      return column.values[row] === 1;
    case 'i32':
    case 'f64':
      return column.values[row]!;
    case 'i64':
    case 'decimal64':
      return column.values[row]!;
    case 'decimal128':
      return decimalFromLimbs(column.high[row]!, column.low[row]!);
    case 'timestamp':
      return { millis: column.millis[row]!, nanos: column.nanos === null ? 0 : column.nanos[row]! };
    case 'bytes':
      return bytesValue(column.data, column.offsets[row]!, column.lengths[row]!, type);
    case 'list':
      return range(column, row, i => rowValue(column.child, i, childType(type, 0)));
    case 'map':
      return range(column, row, i => [
        rowValue(column.keys, i, childType(type, 0)),
        rowValue(column.values, i, childType(type, 1)),
      ]);
    case 'struct':
      return column.children.map((child, k) => rowValue(child, row, childType(type, k)));
    default:
      return unreachable(column);
  }
}

function bytesValue(data: Uint8Array, from: number, length: number, type: DataType): string | Uint8Array {
  const binary = type.kind === 'BINARY' || type.kind === 'VARBINARY';
  return binary ? data.slice(from, from + length) : decodeUtf8(data, from, length);
}

function range(
  { offsets, lengths }: { readonly offsets: Int32Array; readonly lengths: Int32Array },
  row: number,
  read: (i: number) => RowValue,
): RowValue[] {
  return Array.from({ length: lengths[row]! }, (_, k) => read(offsets[row]! + k));
}

const childType = (type: DataType, index: number): DataType => childTypes(type)[index] ?? type;

/** The live row at physical index `row` as a list of plain values. */
export function rowValues(batch: Batch, row: number): RowValue[] {
  return batch.columns.map((column, c) => rowValue(column, row, batch.schema.fields[c]!.type));
}

/** Write a plain value, of the shape `rowValue` gives, into cell `row` of a growable column. */
export function putValue(buffer: ColumnBuffer, row: number, value: RowValue): void {
  reserveRows(buffer, row + 1);
  if (value === null) {
    putNull(buffer, row);
    return;
  }
  buffer.nulls[row] = 0;
  switch (buffer.physical) {
    case 'bool':
      buffer.values[row] = value ? 1 : 0;
      return;
    case 'i32':
    case 'f64':
      buffer.values[row] = value as number;
      return;
    case 'i64':
    case 'decimal64':
      buffer.values[row] = value as bigint;
      return;
    case 'decimal128':
      buffer.high[row] = (value as bigint) >> 64n;
      buffer.low[row] = lowLimb(value as bigint);
      return;
    case 'timestamp': {
      const { millis, nanos } = value as { millis: number; nanos: number };
      buffer.millis[row] = millis;
      if (buffer.nanos !== null) buffer.nanos[row] = nanos;
      return;
    }
    case 'bytes':
      if (typeof value === 'string') putText(buffer, row, value);
      else putBytes(buffer, row, value as Uint8Array, 0, (value as Uint8Array).length);
      return;
    default:
      putNested(buffer, row, value as readonly RowValue[]);
  }
}

function putNested(buffer: ColumnBuffer, row: number, value: readonly RowValue[]): void {
  if (buffer.physical === 'struct') {
    buffer.children.forEach((child, k) => {
      putValue(child, row, value[k] ?? null);
    });
    return;
  }
  if (buffer.physical !== 'list' && buffer.physical !== 'map') return;
  let at = openList(buffer, row, value.length);
  for (const item of value) {
    if (buffer.physical === 'list') putValue(buffer.child, at, item);
    else {
      const [key, held] = item as readonly RowValue[];
      putValue(buffer.keys, at, key ?? null);
      putValue(buffer.values, at, held ?? null);
    }
    at++;
  }
}
