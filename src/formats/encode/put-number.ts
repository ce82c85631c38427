import { printDouble } from '../text/double.ts';

/**
 * Writers of single numbers as text: into `u8` at `p`, returning the position behind. Room is the caller's
 * care.
 */

/** ASCII text. */
export function putAscii(u8: Uint8Array, p: number, text: string): number {
  for (let i = 0; i < text.length; i++) u8[p + i] = text.charCodeAt(i);
  return p + text.length;
}

/** What `putSmall` writes is below. */
export const SMALL_END = 1_000_000_000;

/** An integer below 10^9 that is not negative. */
export function putSmall(u8: Uint8Array, at: number, value: number): number {
  let x = value | 0;
  const end = at + digitsOf(x);
  let p = end;
  while (x >= 10) {
    // Two digits a turn; the tenth of a number below 100 without a division.
    const next = (x / 100) | 0;
    const pair = x - next * 100;
    const tens = (pair * 103) >> 10;
    u8[--p] = 48 + pair - tens * 10;
    u8[--p] = 48 + tens;
    x = next;
  }
  if (p > at) u8[at] = 48 + x;
  return end;
}

function digitsOf(x: number): number {
  if (x < 10_000) return x < 100 ? (x < 10 ? 1 : 2) : x < 1000 ? 3 : 4;
  if (x < 1_000_000) return x < 100_000 ? 5 : 6;
  return x < 100_000_000 ? (x < 10_000_000 ? 7 : 8) : 9;
}

/** An integer up to 2^53 in magnitude. */
export function putInteger(u8: Uint8Array, at: number, value: number): number {
  let p = at;
  let x = value;
  if (x < 0) {
    u8[p++] = 45;
    x = -x;
  }
  if (x < 1e9) return putSmall(u8, p, x);
  const high = Math.floor(x / 1e9);
  return putDigits(u8, putInteger(u8, p, high), x - high * 1e9, 9);
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
  if (high === 0 && low >= 0 && low < SMALL_END) return putSmall(u8, p, low);
  if (isSafe(high)) return putInteger(u8, p, high * TWO_32 + (low >>> 0));
  return putDecimal(u8, p, low, high, 0);
}

const TWO_32 = 4294967296;
/** True where the 64-bit integer with this upper word is exact as a double. */
const isSafe = (high: number): boolean => high >= -0x200000 && high < 0x200000;

/** The 64-bit unscaled decimal in the words `low`, `high`: plain, trailing zeros of the fraction cut. */
export function putDecimal(u8: Uint8Array, at: number, low: number, high: number, scale: number): number {
  if (!isSafe(high) || scale > 9) {
    const sign = high >> 31;
    return putDecimal128(u8, at, low, high, sign, sign, scale);
  }
  let p = at;
  let x = high * TWO_32 + (low >>> 0);
  if (x < 0) {
    u8[p++] = 45;
    x = -x;
  }
  const unit = UNITS[scale]!;
  const whole = Math.floor(x / unit);
  p = whole < 1e9 ? putSmall(u8, p, whole) : putInteger(u8, p, whole);
  return putFraction(u8, p, x - whole * unit, scale);
}

/** Thousandths as `.ddd` without trailing zeros: four bytes as a word, and how many of them count. */
export const THOUSANDTHS_WORDS = new Int32Array(1000);
export const THOUSANDTHS_BYTES = new Uint8Array(1000);
for (let part = 1; part < 1000; part++) {
  THOUSANDTHS_BYTES[part] = part % 100 === 0 ? 2 : part % 10 === 0 ? 3 : 4;
  const [tenths, hundredths] = [Math.floor(part / 100), Math.floor(part / 10) % 10];
  THOUSANDTHS_WORDS[part] =
    46 | ((48 + tenths) << 8) | ((48 + hundredths) << 16) | ((48 + (part % 10)) << 24);
}

/** Up to this scale a decimal's fraction is one look into a table. */
export const SHORT_SCALE_MAX = 3;

/**
 * The unscaled decimal `value`, from 0 to 2^53, with a scale of up to three: plain, trailing zeros cut. May
 * write three bytes more than it takes.
 */
export function putShortDecimal(
  u8: Uint8Array,
  dv: DataView,
  at: number,
  value: number,
  scale: number,
): number {
  const unit = UNITS[scale]!;
  const whole = Math.floor(value / unit);
  const p = whole < SMALL_END ? putSmall(u8, at, whole) : putInteger(u8, at, whole);
  const part = (value - whole * unit) * UNITS[SHORT_SCALE_MAX - scale]!;
  dv.setInt32(p, THOUSANDTHS_WORDS[part]!, true);
  return p + THOUSANDTHS_BYTES[part]!;
}

/** `.` and the last `count` (at most 9) digits without trailing zeros; nothing for zero. */
export function putFraction(u8: Uint8Array, at: number, fraction: number, count: number): number {
  if (fraction === 0) return at;
  u8[at] = 46;
  let p = putDigits(u8, at + 1, fraction, count);
  while (u8[p - 1] === 48) p--;
  return p;
}

/** Of an unscaled decimal: its magnitude by sixteen bits, lowest first, and its digits, last at the end. */
const limbs = new Float64Array(8);
const digits = new Uint8Array(45);

/** The 128-bit unscaled decimal in the words `w0` (lowest) to `w3`: plain, trailing zeros cut. */
export function putDecimal128(
  u8: Uint8Array,
  at: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  scale: number,
): number {
  const sign = w1 >> 31;
  if (w2 === sign && w3 === sign && scale <= 9 && isSafe(w1)) return putDecimal(u8, at, w0, w1, scale);
  let p = at;
  if (w3 < 0) u8[p++] = 45;
  setLimbs(w0, w1, w2, w3);
  let first = collectDigits();
  let end = digits.length;
  let places = scale;
  // A whole part of zero is written, and so are the zeros behind the point.
  while (end - first < places + 1) digits[--first] = 48;
  while (places > 0 && digits[end - 1] === 48) {
    places--;
    end--;
  }
  for (let i = first; i < end; i++) {
    if (i === end - places) u8[p++] = 46;
    u8[p++] = digits[i]!;
  }
  return p;
}

function setLimbs(w0: number, w1: number, w2: number, w3: number): void {
  const flip = w3 >> 31;
  // The magnitude of a negative number: all bits turned, plus one.
  let carry = -flip;
  for (let k = 0; k < 8; k++) {
    const word = k < 2 ? w0 : k < 4 ? w1 : k < 6 ? w2 : w3;
    const limb = (((word ^ flip) >>> ((k & 1) * 16)) & 0xffff) + carry;
    limbs[k] = limb & 0xffff;
    carry = limb >> 16;
  }
}

/** Divides the limbs down to zero, nine digits a turn; where the first digit that is not zero lies. */
function collectDigits(): number {
  let first = digits.length;
  for (let top = 7; top >= 0; ) {
    let rest = 0;
    for (let k = top; k >= 0; k--) {
      const x = rest * 65536 + limbs[k]!;
      const quotient = Math.floor(x / 1e9);
      limbs[k] = quotient;
      rest = x - quotient * 1e9;
    }
    while (top >= 0 && limbs[top] === 0) top--;
    first -= 9;
    putDigits(digits, first, rest, 9);
  }
  while (first < digits.length - 1 && digits[first] === 48) first++;
  return first;
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
  p = putSmall(u8, p, whole);
  const fraction = millionths - whole * 1e6;
  if (fraction > 0) return putFraction(u8, p, fraction, 6);
  u8[p++] = 46;
  u8[p++] = 48;
  return p;
}

const UNITS = Float64Array.from({ length: 10 }, (_, i) => 10 ** i);
