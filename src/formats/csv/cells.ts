import type { DataType } from '../../core/types.ts';
import type { ByteArena } from '../arena.ts';
import {
  type Builder,
  ensureRow,
  type NestedBuilder,
  PRESENT,
  type ScalarBuilder,
  setNull,
} from '../builders.ts';
import {
  storeBase64,
  storeDecimal,
  storeDouble,
  storeInt,
  storeInteger,
  storeTimestamp,
} from '../text/store.ts';
import { daysOf, parseTime, parseTimestamp } from '../text/timestamp.ts';
import type { CsvOptions } from './options.ts';

/** Why a field of a row is none: a whole sentence. */
export class BadRow extends Error {}

/**
 * Store the text of a field into row `row` of a column: the complete, unhurried way. False when the text does
 * not fit; with `ignore-parse-errors` such a field is null. Conversions are those of Flink's CSV format.
 */
export function storeField(
  arena: ByteArena,
  builder: Builder,
  row: number,
  text: string,
  options: CsvOptions,
): boolean {
  if ('children' in builder) return storeParts(arena, builder, row, text, options);
  if (text === options.nullLiteral) {
    setNull(builder, row);
    return true;
  }
  builder.nulls[row] = PRESENT;
  if (storeScalar(arena, builder, row, text)) return true;
  if (!options.ignoreParseErrors) return false;
  setNull(builder, row);
  return true;
}

function storeScalar(arena: ByteArena, b: ScalarBuilder, row: number, text: string): boolean {
  const { type } = b;
  switch (type.kind) {
    case 'BOOLEAN':
      b.bytes[row] = text.trim().toLowerCase() === 'true' ? 1 : 0;
      return true;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return storeInteger(b, row, text.trim(), false);
    case 'FLOAT':
    case 'DOUBLE':
      // Java takes a letter behind the digits that says which of the two it is.
      return storeDouble(b, row, text.trim().replace(/(?<=[\d.])[dDfF]$/, ''));
    case 'DECIMAL':
      return storeDecimal(b, row, text, type.precision, type.scale);
    case 'DATE':
      return storeInt(b, row, parseSqlDate(text));
    case 'TIME':
      return storeInt(b, row, timeOf(text, type.precision));
    case 'TIMESTAMP':
      return storeTimestamp(b, row, parseTimestamp(text.trim(), 'SQL', false));
    case 'TIMESTAMP_LTZ':
      return storeTimestamp(b, row, parseTimestamp(text.trim(), 'SQL', true));
    case 'BINARY':
    case 'VARBINARY':
      return storeBase64(arena, b, row, text);
    default:
      return storeString(arena, b, row, text);
  }
}

function storeString(arena: ByteArena, b: ScalarBuilder, row: number, text: string): boolean {
  const bytes = Buffer.from(text);
  arena.u8.set(bytes, arena.side);
  b.offsets[row] = arena.side;
  b.lengths[row] = bytes.length;
  arena.side += bytes.length;
  return true;
}

const SQL_DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;

/** As java.sql.Date.valueOf: a day beyond the month's last goes on into the next month. */
function parseSqlDate(text: string): number | undefined {
  const m = SQL_DATE.exec(text);
  if (m === null) return undefined;
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return daysOf(year, month, 1) + day - 1;
}

function timeOf(text: string, precision: number): number | undefined {
  const nanos = parseTime(text, 'ISO-8601');
  if (nanos === undefined) return undefined;
  const unit = 10 ** Math.max(0, 3 - precision);
  return Math.floor(nanos / 1e6 / unit) * unit;
}

/** An array or a row within a field, its parts between delimiters. */
function storeParts(
  arena: ByteArena,
  builder: NestedBuilder,
  row: number,
  text: string,
  options: CsvOptions,
): boolean {
  const parts = text === '' ? [] : text.split(options.elementDelimiter);
  if (builder.physical === 'struct') return storeRow(arena, builder, row, parts, options);
  const [child] = builder.children as [Builder];
  const from = builder.used;
  for (const [i, part] of parts.entries()) {
    ensureRow(child, from + i);
    if (!storeField(arena, child, from + i, part, options)) return false;
  }
  builder.nulls[row] = PRESENT;
  builder.offsets[row] = from;
  builder.lengths[row] = parts.length;
  builder.used = from + parts.length;
  return true;
}

function storeRow(
  arena: ByteArena,
  builder: NestedBuilder,
  row: number,
  parts: readonly string[],
  options: CsvOptions,
): boolean {
  if (parts.length === 0) {
    setNull(builder, row);
    return true;
  }
  const { children } = builder;
  if (parts.length < children.length && !options.ignoreParseErrors) {
    throw new BadRow(lengthMismatch(children.length, parts.length));
  }
  builder.nulls[row] = PRESENT;
  return children.every((child, i) => {
    ensureRow(child, row);
    const part = parts[i];
    if (part !== undefined) return storeField(arena, child, row, part, options);
    setNull(child, row);
    return true;
  });
}

export const lengthMismatch = (expected: number, found: number): string =>
  `Row length mismatch. ${expected} fields expected but was ${found}.`;

/** Types whose common values generated code reads itself. */
export function isFastType(type: DataType): boolean {
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'CHAR':
    case 'VARCHAR':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return true;
    case 'DECIMAL':
      return type.precision <= 15;
    default:
      return false;
  }
}
