import { type DataType, printType } from '../../core/types.ts';
import type { ByteArena } from '../arena.ts';
import {
  type Builder,
  ensureRow,
  type NestedBuilder,
  PRESENT,
  type ScalarBuilder,
  setNull,
} from '../builders.ts';
import type { JsonOptions } from '../options.ts';
import {
  storeBase64,
  storeDecimal,
  storeDouble,
  storeInt,
  storeInteger,
  storeTimestamp,
} from '../text/store.ts';
import { parseDate, parseTime, parseTimestamp } from '../text/timestamp.ts';
import { skipKey, skipSpace, skipString, skipValue, textOf, Unparsable, unescapeTo } from './scan.ts';

/**
 * Read any JSON value into row `row` of a column: the complete, unhurried way. Generated code handles what
 * is common itself and calls this for the rest: numbers in quotes, exponents, escapes, wide decimals,
 * nested types. Conversions are those of Flink's JSON format. Returns the position behind the value.
 */
export function readValue(
  arena: ByteArena,
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

/** A plain integer of at most nine digits; false for all else. */
function storeDigits(u8: Uint8Array, builder: ScalarBuilder, row: number, at: number, to: number): boolean {
  const { kind } = builder.type;
  if ((kind !== 'INT' && kind !== 'BIGINT') || to - at > 9) return false;
  let value = 0;
  for (let p = at; p < to; p++) {
    const digit = u8[p]! - 48;
    if (digit < 0 || digit > 9) return false;
    value = value * 10 + digit;
  }
  if (kind === 'INT') builder.ints[row] = value;
  else {
    builder.words[row * 2] = value;
    builder.words[row * 2 + 1] = 0;
  }
  return true;
}

function readPresent(
  arena: ByteArena,
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
  if (storeDigits(arena.u8, builder, row, at, p)) return p;
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
function stringAt(arena: ByteArena, at: number, to: number): readonly [number, number] {
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
function compact(arena: ByteArena, at: number, to: number): readonly [number, number] {
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
  arena: ByteArena,
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
      return storeTimestamp(
        b,
        row,
        parseTimestamp(raw, options.timestampStandard, type.kind === 'TIMESTAMP_LTZ'),
      );
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

function readNested(
  arena: ByteArena,
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
  arena: ByteArena,
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
  arena: ByteArena,
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
  arena: ByteArena,
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
