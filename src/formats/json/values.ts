import { type DataType, printType } from '../../core/types.ts';
import {
  type Builder,
  ensureRow,
  type NestedBuilder,
  NULL,
  PRESENT,
  type ScalarBuilder,
  setNull,
} from '../builders.ts';
import type { JsonOptions } from '../options.ts';
import { parseDecimal } from '../text/decimal.ts';
import { parseDate, parseTime, parseTimestamp } from '../text/timestamp.ts';
import { skipKey, skipSpace, skipString, skipValue, textOf, Unparsable, unescapeTo } from './scan.ts';

/** The bytes being read: the records, then room for strings without their escapes from `side` on. */
export interface Arena {
  u8: Uint8Array;
  side: number;
}

const INT_RANGE: Readonly<Record<string, readonly [bigint, bigint]>> = {
  TINYINT: [-128n, 127n],
  SMALLINT: [-32768n, 32767n],
  INT: [-2147483648n, 2147483647n],
  BIGINT: [-9223372036854775808n, 9223372036854775807n],
};

/**
 * Read any JSON value into row `row` of a column: the complete, unhurried way. Generated code handles what
 * is common itself and calls this for the rest: numbers in quotes, exponents, escapes, wide decimals,
 * nested types. Conversions are those of Flink's JSON format. Returns the position behind the value.
 */
export function readValue(
  arena: Arena,
  builder: Builder,
  row: number,
  at: number,
  end: number,
  options: JsonOptions,
): number {
  if (at < end && arena.u8[at] === 110) {
    const p = skipValue(arena.u8, at, end);
    setNull(builder, row);
    return p;
  }
  if (!options.ignoreParseErrors) return readPresent(arena, builder, row, at, end, options);
  const behind = skipValue(arena.u8, at, end);
  try {
    return readPresent(arena, builder, row, at, end, options);
  } catch (error) {
    if (!(error instanceof Unparsable)) throw error;
    setNull(builder, row);
    return behind;
  }
}

function readPresent(
  arena: Arena,
  builder: Builder,
  row: number,
  at: number,
  end: number,
  options: JsonOptions,
): number {
  if ('children' in builder) return readNested(arena, builder, row, at, end, options);
  const p = skipValue(arena.u8, at, end);
  builder.nulls[row] = PRESENT;
  const kind = builder.type.kind;
  if (kind === 'VARCHAR' || kind === 'CHAR') {
    const [from, to] = stringAt(arena, at, p);
    builder.offsets[row] = from;
    builder.lengths[row] = to - from;
    return p;
  }
  const c = arena.u8[at]!;
  if (c === 123 || c === 91) throw new Unparsable(at, printType(builder.type));
  const isNumber = c === 45 || (c >= 48 && c <= 57);
  const [from, to] = stringAt(arena, at, p);
  if (!storeText(arena, builder, row, textOf(arena.u8, from, to), isNumber, options)) {
    throw new Unparsable(at, printType(builder.type));
  }
  return p;
}

/**
 * Where the text of the value at [at, to) lies: a string's contents without escapes, a container compacted,
 * else as it is.
 */
function stringAt(arena: Arena, at: number, to: number): readonly [number, number] {
  const { u8 } = arena;
  const c = u8[at]!;
  if (c === 123 || c === 91) return compact(arena, at, to);
  if (c !== 34) return [at, to];
  if (u8.subarray(at + 1, to - 1).indexOf(92) < 0) return [at + 1, to - 1];
  const from = arena.side;
  arena.side = unescapeTo(u8, at + 1, to - 1, from);
  return [from, arena.side];
}

/** A container as text without the space between its tokens. */
function compact(arena: Arena, at: number, to: number): readonly [number, number] {
  const { u8 } = arena;
  const from = arena.side;
  let w = from;
  for (let p = at; p < to; ) {
    const next = u8[p] === 34 ? skipString(u8, p, to) : p + 1;
    if (u8[p]! > 32) {
      u8.copyWithin(w, p, next);
      w += next - p;
    }
    p = next;
  }
  arena.side = w;
  return [from, w];
}

/** Convert text to the column's type; false when it does not fit. */
function storeText(
  arena: Arena,
  b: ScalarBuilder,
  row: number,
  raw: string,
  isNumber: boolean,
  options: JsonOptions,
): boolean {
  const type = b.type;
  switch (type.kind) {
    case 'BOOLEAN':
      b.bytes[row] = raw.trim().toLowerCase() === 'true' ? 1 : 0;
      return true;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return storeInteger(b, row, raw.trim(), isNumber);
    case 'FLOAT':
    case 'DOUBLE':
      return storeDouble(b, row, raw.trim());
    case 'DECIMAL':
      return storeDecimal(b, row, raw.trim(), type.precision, type.scale);
    case 'DATE':
      return storeInt(b, row, parseDate(raw));
    case 'TIME': {
      // Flink keeps whole seconds of a TIME read from JSON.
      const nanos = parseTime(raw, options.timestampStandard);
      return storeInt(b, row, nanos === undefined ? undefined : Math.floor(nanos / 1e9) * 1000);
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return storeTimestamp(b, row, raw, options);
    case 'BINARY':
    case 'VARBINARY':
      return storeBase64(arena, b, row, raw);
    default:
      return storeOther(b, row, raw, type);
  }
}

function storeOther(b: ScalarBuilder, row: number, raw: string, type: DataType): boolean {
  if (type.kind === 'INTERVAL_YEAR_MONTH')
    return storeInt(b, row, /^-?\d{1,9}$/.test(raw) ? Number(raw) : undefined);
  if (type.kind !== 'INTERVAL_DAY_TIME' || !/^-?\d{1,18}$/.test(raw)) return false;
  b.longs[row] = BigInt(raw);
  return true;
}

function storeInt(b: ScalarBuilder, row: number, value: number | undefined): boolean {
  if (value === undefined) return false;
  b.ints[row] = value;
  return true;
}

/** Numbers with a fraction lose it, as in Flink; text must be a plain integer, as for Java's parseInt. */
function storeInteger(b: ScalarBuilder, row: number, text: string, isNumber: boolean): boolean {
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

function storeDouble(b: ScalarBuilder, row: number, text: string): boolean {
  const isNumeral = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  if (!isNumeral && !/^(NaN|[+-]?Infinity)$/.test(text)) return false;
  const value = Number(text);
  b.floats[row] = b.type.kind === 'FLOAT' ? Math.fround(value) : value;
  return true;
}

function storeDecimal(
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

function storeTimestamp(b: ScalarBuilder, row: number, text: string, options: JsonOptions): boolean {
  const value = parseTimestamp(text, options.timestampStandard, b.type.kind === 'TIMESTAMP_LTZ');
  if (value === undefined) return false;
  b.floats[row] = value.millis;
  if (b.nanos !== null) b.nanos[row] = value.nanos;
  return true;
}

function storeBase64(arena: Arena, b: ScalarBuilder, row: number, text: string): boolean {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text, 'base64');
  arena.u8.set(bytes, arena.side);
  b.offsets[row] = arena.side;
  b.lengths[row] = bytes.length;
  arena.side += bytes.length;
  return true;
}

function readNested(
  arena: Arena,
  builder: NestedBuilder,
  row: number,
  at: number,
  end: number,
  options: JsonOptions,
): number {
  builder.nulls[row] = PRESENT;
  if (builder.physical === 'list') return readList(arena, builder, row, at, end, options);
  return builder.physical === 'map'
    ? readMap(arena, builder, row, at, end, options)
    : readStruct(arena, builder, row, at, end, options);
}

function readList(
  arena: Arena,
  builder: NestedBuilder,
  row: number,
  at: number,
  end: number,
  options: JsonOptions,
): number {
  if (arena.u8[at] !== 91) throw new Unparsable(at, printType(builder.type));
  const behind = skipValue(arena.u8, at, end);
  const child = builder.children[0]!;
  const from = builder.used;
  let count = from;
  let p = skipSpace(arena.u8, at + 1, end);
  while (p < behind - 1) {
    ensureRow(child, count);
    p = skipSpace(arena.u8, readValue(arena, child, count++, p, end, options), end);
    if (arena.u8[p] === 44) p = skipSpace(arena.u8, p + 1, end);
  }
  closeList(builder, row, from, count);
  return behind;
}

/** Row `row` is the child rows [from, to). A list inside this one's elements is finished before it. */
function closeList(builder: NestedBuilder, row: number, from: number, to: number): void {
  builder.offsets[row] = from;
  builder.lengths[row] = to - from;
  builder.used = to;
}

function readMap(
  arena: Arena,
  builder: NestedBuilder,
  row: number,
  at: number,
  end: number,
  options: JsonOptions,
): number {
  if (arena.u8[at] !== 123) throw new Unparsable(at, printType(builder.type));
  const behind = skipValue(arena.u8, at, end);
  const [keys, values] = builder.children as [Builder, Builder];
  const from = builder.used;
  let count = from;
  let p = skipSpace(arena.u8, at + 1, end);
  while (p < behind - 1) {
    ensureRow(keys, count);
    ensureRow(values, count);
    readValue(arena, keys, count, p, end, options);
    p = readValue(arena, values, count++, skipKey(arena.u8, p, end), end, options);
    p = skipSpace(arena.u8, p, end);
    if (arena.u8[p] === 44) p = skipSpace(arena.u8, p + 1, end);
  }
  closeList(builder, row, from, count);
  return behind;
}

function readStruct(
  arena: Arena,
  builder: NestedBuilder,
  row: number,
  at: number,
  end: number,
  options: JsonOptions,
): number {
  if (arena.u8[at] !== 123 || builder.type.kind !== 'ROW') throw new Unparsable(at, printType(builder.type));
  const behind = skipValue(arena.u8, at, end);
  const { fields } = builder.type;
  for (const child of builder.children) {
    ensureRow(child, row);
    setNull(child, row);
  }
  let p = skipSpace(arena.u8, at + 1, end);
  while (p < behind - 1) {
    const [from, to] = stringAt(arena, p, skipString(arena.u8, p, end));
    const name = textOf(arena.u8, from, to);
    const valueAt = skipKey(arena.u8, p, end);
    const index = fields.findIndex(f => f.name === name);
    p =
      index < 0
        ? skipValue(arena.u8, valueAt, end)
        : readValue(arena, builder.children[index]!, row, valueAt, end, options);
    p = skipSpace(arena.u8, p, end);
    if (arena.u8[p] === 44) p = skipSpace(arena.u8, p + 1, end);
  }
  return behind;
}
