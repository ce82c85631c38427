import {
  type DataType,
  isNestedType,
  parseDecimal,
  printDecimal,
  type RowValue,
} from '../../src/core/mod.ts';
import { parseTimestamp, printTimestamp } from '../../src/engine/codegen/runtime/time-text.ts';
import { parseNested, printNested } from './slt-nested.ts';

/** A cell as it is written in a file. */
export function parseCell(text: string, type: DataType): RowValue {
  if (text === 'NULL') return null;
  if (isNestedType(type)) return parseNested(text, type, parseCell);
  switch (type.kind) {
    case 'BOOLEAN':
      return text === 'TRUE';
    case 'BIGINT':
      return BigInt(text);
    case 'DECIMAL':
      return parseDecimal(text, type.precision, type.scale);
    case 'CHAR':
    case 'VARCHAR':
      return text;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return parseTimestamp(text);
    default:
      return Number(text);
  }
}

/** A cell as a file expects it. */
export function printCell(value: RowValue, type: DataType): string {
  if (value === null) return 'NULL';
  if (isNestedType(type)) return printNested(value, type, printCell);
  if (type.kind === 'DECIMAL') return printDecimal(value as bigint, type.scale);
  if (type.kind === 'BOOLEAN') return value === true ? 'TRUE' : 'FALSE';
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') return String(value);
  const { millis, nanos } = value as { millis: number; nanos: number };
  return printTimestamp(millis, nanos, type.precision);
}
