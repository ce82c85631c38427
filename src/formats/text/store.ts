import type { ByteArena } from '../arena.ts';
import { NULL, type ScalarBuilder, setNull } from '../builders.ts';
import { parseDecimal } from './decimal.ts';
import type { TimestampValue } from './timestamp.ts';

/** Text into cells, as Flink's formats convert it. All answer false when the text does not fit the column. */
const INT_RANGE: Readonly<Record<string, readonly [bigint, bigint]>> = {
  TINYINT: [-128n, 127n],
  SMALLINT: [-32768n, 32767n],
  INT: [-2147483648n, 2147483647n],
  BIGINT: [-9223372036854775808n, 9223372036854775807n],
};

export function storeInt(b: ScalarBuilder, row: number, value: number | undefined): boolean {
  if (value === undefined) return false;
  b.ints[row] = value;
  return true;
}

/** Numbers with a fraction lose it, as in Flink; text must be a plain integer, as for Java's parseInt. */
export function storeInteger(b: ScalarBuilder, row: number, text: string, isNumber: boolean): boolean {
  const isPlain = /^[+-]?\d{1,40}$/.test(text);
  if (!isPlain && !isNumber) return false;
  const value = isPlain ? BigInt(text.replace(/^\+/, '')) : truncated(text);
  const [min, max] = INT_RANGE[b.type.kind]!;
  if (value === undefined || value < min || value > max) return false;
  if (b.physical === 'i64') b.longs[row] = value;
  else b.ints[row] = Number(value);
  return true;
}

function truncated(text: string): bigint | undefined {
  const scaled = parseDecimal(text, 60, 20);
  return typeof scaled === 'bigint' ? scaled / 10n ** 20n : undefined;
}

export function storeDouble(b: ScalarBuilder, row: number, text: string): boolean {
  const isNumeral = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  if (!isNumeral && !/^(NaN|[+-]?Infinity)$/.test(text)) return false;
  const value = Number(text);
  b.floats[row] = b.type.kind === 'FLOAT' ? Math.fround(value) : value;
  return true;
}

export function storeDecimal(
  b: ScalarBuilder,
  row: number,
  text: string,
  precision: number,
  scale: number,
): boolean {
  const value = parseDecimal(text, precision, scale);
  if (value === undefined) return false;
  if (value === null) {
    setNull(b, row, NULL);
  } else if (b.physical === 'decimal64') {
    b.longs[row] = value;
  } else {
    b.longs[row] = value >> 64n;
    b.lows[row] = BigInt.asUintN(64, value);
  }
  return true;
}

export function storeTimestamp(b: ScalarBuilder, row: number, value: TimestampValue | undefined): boolean {
  if (value === undefined) return false;
  b.floats[row] = value.millis;
  if (b.nanos !== null) b.nanos[row] = value.nanos;
  return true;
}

export function storeBase64(arena: ByteArena, b: ScalarBuilder, row: number, text: string): boolean {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text, 'base64');
  arena.u8.set(bytes, arena.side);
  b.offsets[row] = arena.side;
  b.lengths[row] = bytes.length;
  arena.side += bytes.length;
  return true;
}
