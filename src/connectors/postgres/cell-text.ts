import { type Column, type DataType, decodeUtf8 } from '../../core/mod.ts';
import {
  JSON_DEFAULTS,
  jsonText,
  printDate,
  printDecimal,
  printTime,
  printTimestamp,
} from '../../formats/mod.ts';

/** Timestamps beyond any date stand for ±infinity. */
const MILLIS_MAX = 8.64e15;

/** A cell as text that PostgreSQL reads for the column's type. Timestamps are UTC; nested types are JSON. */
export function cellText(column: Column, type: DataType, row: number): string | null {
  if (column.nulls !== null && column.nulls[row] === 1) return null;
  switch (column.physical) {
    case 'bool':
      return column.values[row] === 1 ? 't' : 'f';
    case 'i32':
      return intText(type, column.values[row]!);
    case 'i64':
    case 'f64':
      return String(column.values[row]!);
    case 'decimal64':
      return printDecimal(column.values[row]!, type.kind === 'DECIMAL' ? type.scale : 0);
    case 'decimal128': {
      const unscaled = (column.high[row]! << 64n) + column.low[row]!;
      return printDecimal(unscaled, type.kind === 'DECIMAL' ? type.scale : 0);
    }
    case 'timestamp':
      return timestampText(column.millis[row]!, column.nanos?.[row] ?? 0);
    case 'bytes': {
      const { data, offsets, lengths } = column;
      if (type.kind === 'CHAR' || type.kind === 'VARCHAR')
        return decodeUtf8(data, offsets[row]!, lengths[row]!);
      const bytes = data.subarray(offsets[row]!, offsets[row]! + lengths[row]!);
      return `\\x${Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')}`;
    }
    default:
      return jsonText(column, type, row, JSON_DEFAULTS);
  }
}

function intText(type: DataType, value: number): string {
  if (type.kind === 'DATE') return printDate(value);
  return type.kind === 'TIME' ? printTime(Math.floor(value / 1000), (value % 1000) * 1e6) : String(value);
}

function timestampText(millis: number, nanos: number): string {
  if (Math.abs(millis) > MILLIS_MAX) return millis > 0 ? 'infinity' : '-infinity';
  const text = printTimestamp(millis, nanos, 'SQL', true);
  // PostgreSQL writes years before 1 with BC; year 0 is 1 BC.
  if (!text.startsWith('-') && !text.startsWith('0000')) return text.replace(/^\+/, '');
  const year = Number(/^-?\d+/.exec(text)![0]);
  return `${String(1 - year).padStart(4, '0')}${text.replace(/^-?\d+/, '')} BC`;
}
