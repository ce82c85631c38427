import {
  type ColumnBuffer,
  type DataType,
  MillraceError,
  parseDecimal,
  putNull,
  putValue,
  type RowValue,
} from '../../core/mod.ts';
import { parseDate, parseTime, parseTimestamp } from '../../formats/mod.ts';

/** Timestamps beyond any date stand for ±infinity. */
const INFINITY_MS = 8.64e15 + 1;

/**
 * Puts a cell as PostgreSQL prints it (DateStyle ISO, TimeZone UTC, bytea_output hex) into a column. What the
 * declared type can't hold is refused with the column's name.
 */
export function readCell(buffer: ColumnBuffer, row: number, text: string | null, name: string): void {
  if (text === null) {
    putNull(buffer, row);
    return;
  }
  const value = parsed(text, buffer.type);
  if (value === undefined) {
    throw new MillraceError(
      'FORMAT_INVALID',
      `column '${name}': '${text.slice(0, 60)}' is no ${buffer.type.kind} value.`,
    );
  }
  putValue(buffer, row, value);
}

/** The value of a text, undefined when it is none of the type. */
function parsed(text: string, type: DataType): RowValue | undefined {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return text;
    case 'BOOLEAN':
      return text === 't' || text === 'true' ? true : text === 'f' || text === 'false' ? false : undefined;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return whole(text, INT_MAX[type.kind]);
    case 'BIGINT':
      return /^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
        ? BigInt(text)
        : undefined;
    case 'FLOAT':
      return double(text, Math.fround);
    case 'DOUBLE':
      return double(text, x => x);
    case 'DECIMAL':
      return /^-?\d/.test(text) ? (parseDecimal(text, type.precision, type.scale) ?? undefined) : undefined;
    case 'DATE':
      return parseDate(text);
    case 'TIME': {
      const nanos = parseTime(text, 'SQL');
      return nanos === undefined ? undefined : Math.floor(nanos / 1e6);
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestamp(text);
    case 'BINARY':
    case 'VARBINARY':
      return hex(text);
    default:
      return undefined;
  }
}

const INT_MAX = { TINYINT: 127, SMALLINT: 32767, INT: 2147483647 } as const;

function whole(text: string, max: number): number | undefined {
  const value = Number(text);
  return /^-?\d+$/.test(text) && value <= max && value >= -max - 1 ? value : undefined;
}

function double(text: string, round: (x: number) => number): number | undefined {
  const value = Number(text);
  return Number.isNaN(value) && text !== 'NaN' ? undefined : round(value);
}

/** Times with a zone come in UTC, with `+00`. */
function timestamp(text: string): RowValue | undefined {
  if (text === 'infinity') return { millis: INFINITY_MS, nanos: 0 };
  if (text === '-infinity') return { millis: -INFINITY_MS, nanos: 0 };
  return parseTimestamp(text.replace(/\+00$/, ''), 'SQL', false);
}

function hex(text: string): Uint8Array | undefined {
  if (!/^\\x([0-9a-f]{2})*$/.test(text)) return undefined;
  return Uint8Array.from({ length: (text.length - 2) / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 + i * 2, 4 + i * 2), 16),
  );
}
