import { printDecimalStripped } from '../text/decimal.ts';
import { printDouble } from '../text/double.ts';
import { printTimestamp, type TimestampStandard } from '../text/timestamp.ts';

/**
 * Writers of single values as JSON text: into `u8` at `p`, returning the position behind. Room is the
 * caller's care.
 */

/** ASCII text. */
export function putAscii(u8: Uint8Array, p: number, text: string): number {
  for (let i = 0; i < text.length; i++) u8[p + i] = text.charCodeAt(i);
  return p + text.length;
}

/** An integer up to 2^53 in magnitude. */
export function putInteger(u8: Uint8Array, at: number, value: number): number {
  let p = at;
  let x = value;
  if (x < 0) {
    u8[p++] = 45;
    x = -x;
  }
  if (x >= 1e9) {
    const high = Math.floor(x / 1e9);
    return putDigits(u8, putInteger(u8, p, high), x - high * 1e9, 9);
  }
  let digits = 1;
  for (let limit = 10; limit <= x; limit *= 10) digits++;
  return putDigits(u8, p, x, digits);
}

/** The last `count` (at most 9) decimal digits of an integer below 10^9. */
export function putDigits(u8: Uint8Array, at: number, value: number, count: number): number {
  let x = value | 0;
  for (let p = at + count - 1; p >= at; p--) {
    const next = (x / 10) | 0;
    u8[p] = 48 + x - next * 10;
    x = next;
  }
  return at + count;
}

/** The 64-bit integer in the words `low`, `high`. */
export function putLong(u8: Uint8Array, p: number, low: number, high: number): number {
  if (high >= -0x200000 && high < 0x200000) return putInteger(u8, p, high * 4294967296 + (low >>> 0));
  return putAscii(u8, p, String((BigInt(high) << 32n) | BigInt(low >>> 0)));
}

/** The 64-bit unscaled decimal in the words `low`, `high`: plain, trailing zeros of the fraction cut. */
export function putDecimal(u8: Uint8Array, at: number, low: number, high: number, scale: number): number {
  if (high < -0x200000 || high >= 0x200000 || scale > 9) {
    return putAscii(u8, at, printDecimalStripped((BigInt(high) << 32n) | BigInt(low >>> 0), scale));
  }
  let p = at;
  let x = high * 4294967296 + (low >>> 0);
  if (x < 0) {
    u8[p++] = 45;
    x = -x;
  }
  const unit = UNITS[scale]!;
  const whole = Math.floor(x / unit);
  p = putInteger(u8, p, whole);
  const fraction = x - whole * unit;
  if (fraction === 0) return p;
  u8[p++] = 46;
  p = putDigits(u8, p, fraction, scale);
  while (u8[p - 1] === 48) p--;
  return p;
}

/**
 * A DOUBLE as Java prints it. Numbers of at most six decimals are written without making a string: a decimal
 * of 15 digits or fewer that is the same double is the shortest one.
 */
export function putDouble(u8: Uint8Array, at: number, value: number): number {
  let p = at;
  const size = Math.abs(value);
  const millionths = Math.round(size * 1e6);
  if (!(size >= 1e-3 && size < 1e7) || millionths / 1e6 !== size) return putAscii(u8, p, printDouble(value));
  if (value < 0) u8[p++] = 45;
  const whole = Math.floor(millionths / 1e6);
  p = putInteger(u8, p, whole);
  u8[p++] = 46;
  const fraction = millionths - whole * 1e6;
  if (fraction === 0) {
    u8[p++] = 48;
    return p;
  }
  p = putDigits(u8, p, fraction, 6);
  while (u8[p - 1] === 48) p--;
  return p;
}

const UNITS = Float64Array.from({ length: 10 }, (_, i) => 10 ** i);

const HEX = '0123456789ABCDEF';
/** The letter behind the backslash of a short escape, 0 where there is none. */
const SHORT = new Uint8Array(128);
for (const [code, letter] of [
  [8, 98],
  [9, 116],
  [10, 110],
  [12, 102],
  [13, 114],
  [34, 34],
  [92, 92],
] as const) {
  SHORT[code] = letter;
}

/**
 * The UTF-8 bytes [from, from + length) as a JSON string with quotes, escaped as Jackson does. At most 6 ×
 * length + 2 bytes.
 */
export function putString(
  u8: Uint8Array,
  dv: DataView,
  at: number,
  data: Uint8Array,
  view: DataView,
  from: number,
  length: number,
): number {
  let p = at;
  u8[p++] = 34;
  const end = from + length;
  const whole = end - 4;
  let q = from;
  while (q < end) {
    while (q <= whole) {
      const x = view.getInt32(q, true);
      const a = x ^ 0x02020202;
      const b = x ^ 0x5c5c5c5c;
      const special = ((a - 0x21212121) & ~a) | ((b - 0x01010101) & ~b);
      if ((special & 0x80808080) !== 0) break;
      dv.setInt32(p, x, true);
      p += 4;
      q += 4;
    }
    if (q >= end) break;
    const c = data[q++]!;
    if (c > 31 && c !== 34 && c !== 92) u8[p++] = c;
    else p = putEscape(u8, p, c);
  }
  u8[p++] = 34;
  return p;
}

function putEscape(u8: Uint8Array, at: number, c: number): number {
  let p = at;
  u8[p++] = 92;
  if (SHORT[c] !== 0) {
    u8[p++] = SHORT[c]!;
    return p;
  }
  return putAscii(u8, p, `u00${HEX[c >> 4]}${HEX[c & 15]}`);
}

/** The last second printed, quote and all, as five words: neighbouring rows mostly share it. */
export interface SecondCache {
  second: number;
  readonly words: Int32Array;
}

/** `"0001-01-01 00:00:00` to `"9999-12-31 23:59:59`, in seconds of the epoch: what has twenty bytes. */
const SECOND_MIN = -62_135_596_800;
const SECOND_MAX = 253_402_300_799;

/** A timestamp in quotes. */
export function putTimestamp(
  u8: Uint8Array,
  dv: DataView,
  at: number,
  millis: number,
  nanos: number,
  standard: TimestampStandard,
  zoned: boolean,
  cache: SecondCache,
): number {
  const second = Math.floor(millis / 1000);
  if (second !== cache.second) {
    if (!(second >= SECOND_MIN && second <= SECOND_MAX)) {
      return putAscii(u8, at, `"${printTimestamp(millis, nanos, standard, zoned)}"`);
    }
    const bytes = new Uint8Array(cache.words.buffer);
    putAscii(bytes, 0, `"${printTimestamp(second * 1000, 0, standard, false)}`);
    cache.second = second;
  }
  const { words } = cache;
  for (let k = 0; k < 5; k++) dv.setInt32(at + 4 * k, words[k]!, true);
  const milli = millis - second * 1000;
  let p = nanos === 0 ? putMillis(u8, at + 20, milli) : putFraction(u8, at + 20, milli * 1_000_000 + nanos);
  if (zoned) u8[p++] = 90;
  u8[p++] = 34;
  return p;
}

/** `.` and three digits without trailing zeros; nothing for zero. */
function putMillis(u8: Uint8Array, at: number, millis: number): number {
  if (millis === 0) return at;
  const tenths = (millis / 100) | 0;
  const rest = millis - tenths * 100;
  u8[at] = 46;
  u8[at + 1] = 48 + tenths;
  if (rest === 0) return at + 2;
  const hundredths = (rest / 10) | 0;
  u8[at + 2] = 48 + hundredths;
  if (rest === hundredths * 10) return at + 3;
  u8[at + 3] = 48 + rest - hundredths * 10;
  return at + 4;
}

/** `.` and nine digits without trailing zeros; nothing for zero. */
function putFraction(u8: Uint8Array, at: number, nanos: number): number {
  if (nanos === 0) return at;
  u8[at] = 46;
  let p = putDigits(u8, at + 1, nanos, 9);
  while (u8[p - 1] === 48) p--;
  return p;
}
