import type { Column } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import { childTypes, type DataType } from '../../core/types.ts';
import type { JsonOptions } from '../options.ts';
import { printDecimalStripped } from '../text/decimal.ts';
import { printDouble, printFloat } from '../text/double.ts';
import { printDate, printTime, printTimestamp } from '../text/timestamp.ts';

/**
 * The value of row `row` as JSON text, in Flink's formats: the complete, unhurried way, for what generated
 * code leaves out. Decimals are plain without trailing zeros, binaries base64, timestamps by the
 * `timestamp-format.standard`.
 */
export function jsonText(column: Column, type: DataType, row: number, options: JsonOptions): string {
  if (column.nulls !== null && column.nulls[row] === 1) return 'null';
  switch (column.physical) {
    case 'bool':
      return column.values[row] === 1 ? 'true' : 'false';
    case 'i32':
      return intText(type, column.values[row]!);
    case 'i64':
      return String(column.values[row]!);
    case 'f64':
      return doubleText(type, column.values[row]!);
    case 'decimal64':
      return printDecimalStripped(column.values[row]!, scaleOf(type));
    case 'decimal128':
      return printDecimalStripped((column.high[row]! << 64n) | column.low[row]!, scaleOf(type));
    case 'timestamp': {
      const zoned = type.kind === 'TIMESTAMP_LTZ';
      return `"${printTimestamp(column.millis[row]!, column.nanos?.[row] ?? 0, options.timestampStandard, zoned)}"`;
    }
    case 'bytes':
      return bytesText(column.data, column.offsets[row]!, column.lengths[row]!, type);
    case 'list':
      return `[${childRows(column, row)
        .map(i => jsonText(column.child, elementOf(type), i, options))
        .join(',')}]`;
    case 'map':
      return mapText(column, type, row, options);
    case 'struct':
      return structText(column.children, type, row, options);
  }
}

function intText(type: DataType, value: number): string {
  if (type.kind === 'DATE') return `"${printDate(value)}"`;
  if (type.kind === 'TIME') return `"${printTime(Math.floor(value / 1000), (value % 1000) * 1e6)}"`;
  return String(value);
}

/** Numbers that JSON has no word for are strings, as Jackson writes them. */
function doubleText(type: DataType, value: number): string {
  const text = type.kind === 'FLOAT' ? printFloat(value) : printDouble(value);
  return Number.isFinite(value) ? text : `"${text}"`;
}

function bytesText(data: Uint8Array, from: number, length: number, type: DataType): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset + from, length);
  if (type.kind === 'BINARY' || type.kind === 'VARBINARY') return `"${bytes.toString('base64')}"`;
  return quoted(bytes.toString('utf8'));
}

/** As Jackson: only quotes, backslashes and control characters are escaped, in upper-case hexadecimal. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, (_, hex: string) => `\\u00${hex.toUpperCase()}`);
}

function childRows(
  { offsets, lengths }: Extract<Column, { physical: 'list' | 'map' }>,
  row: number,
): number[] {
  const from = offsets[row]!;
  return Array.from({ length: lengths[row]! }, (_, i) => from + i);
}

function elementOf(type: DataType): DataType {
  if (type.kind !== 'ARRAY') throw new MillraceError('INTERNAL', `${type.kind} is laid out as a list`);
  return type.element;
}

function scaleOf(type: DataType): number {
  return type.kind === 'DECIMAL' ? type.scale : 0;
}

function mapText(
  column: Extract<Column, { physical: 'map' }>,
  type: DataType,
  row: number,
  options: JsonOptions,
): string {
  const [keyType, valueType] = childTypes(type);
  if (keyType === undefined || valueType === undefined) {
    throw new MillraceError('INTERNAL', `${type.kind} is laid out as a map`);
  }
  const entries: string[] = [];
  for (const i of childRows(column, row)) {
    let key = jsonText(column.keys, keyType, i, options);
    if (key === 'null') {
      if (options.mapNullKeyMode === 'DROP') continue;
      if (options.mapNullKeyMode === 'FAIL') throw new MillraceError('FORMAT_INVALID', NULL_KEY);
      key = options.mapNullKeyLiteral;
    }
    entries.push(
      `${key.startsWith('"') ? key : quoted(key)}:${jsonText(column.values, valueType, i, options)}`,
    );
  }
  return `{${entries.join(',')}}`;
}

const NULL_KEY =
  "JSON format doesn't support to serialize map data with null keys. You can drop null key entries or encode null in " +
  'literals by specifying map-null-key.mode option.';

function structText(children: readonly Column[], type: DataType, row: number, options: JsonOptions): string {
  if (type.kind !== 'ROW') throw new MillraceError('INTERNAL', `${type.kind} is laid out as a row`);
  const parts: string[] = [];
  children.forEach((child, i) => {
    const field = type.fields[i]!;
    const text = jsonText(child, field.type, row, options);
    if (text !== 'null' || !options.ignoreNullFields) parts.push(`${quoted(field.name)}:${text}`);
  });
  return `{${parts.join(',')}}`;
}
