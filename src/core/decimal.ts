/**
 * Exact decimals: an unscaled bigint beside a scale known from the type. At most 38 digits, as in Flink;
 * what does not fit a precision is null.
 */

const POWERS: readonly bigint[] = Array.from({ length: 78 }, (_, i) => 10n ** BigInt(i));

/** 10^exponent. */
export function powerOfTen(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}

/** high * 2^64 + low. */
export function decimalFromLimbs(high: bigint, low: bigint): bigint {
  return high === 0n ? low : (high << 64n) + low;
}

/** The low 64 bits; the high limb is `value >> 64n`. */
export function lowLimb(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** a / b rounded half away from zero, as Java's HALF_UP. `b` is not zero. */
export function divideHalfUp(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const rest = a - quotient * b;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < (b < 0n ? -b : b)) return quotient;
  return a < 0n === b < 0n ? quotient + 1n : quotient - 1n;
}

/** The same number with another scale, rounded HALF_UP where digits go. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to === from) return unscaled;
  return to > from ? unscaled * powerOfTen(to - from) : divideHalfUp(unscaled, powerOfTen(from - to));
}

/** The number itself, or null when it needs more than `precision` digits. */
export function fitDecimal(unscaled: bigint, precision: number): bigint | null {
  const limit = powerOfTen(precision);
  return unscaled < limit && unscaled > -limit ? unscaled : null;
}

/** a / b at `scale` for operands of the given scales, HALF_UP. `b` is not zero. */
export function divideDecimal(a: bigint, aScale: number, b: bigint, bScale: number, scale: number): bigint {
  const shift = scale + bScale - aScale;
  return shift >= 0 ? divideHalfUp(a * powerOfTen(shift), b) : divideHalfUp(a, b * powerOfTen(-shift));
}

/** Plain notation with all digits of the scale: `-0.50`. */
export function printDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const at = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`;
}

const DECIMAL = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/;

/** The unscaled value of a text at a scale, HALF_UP; null when it is no number or exceeds the precision. */
export function parseDecimal(text: string, precision: number, scale: number): bigint | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const digits = BigInt(whole + fraction);
  const shift = scale - fraction.length + Number(exponent);
  // Beyond these shifts the number is zero or does not fit any precision.
  if (digits === 0n || shift < -400) return 0n;
  if (shift > 400) return null;
  const scaled = shift >= 0 ? digits * powerOfTen(shift) : divideHalfUp(digits, powerOfTen(-shift));
  return fitDecimal(sign === '-' ? -scaled : scaled, precision);
}

/** The nearest double, correctly rounded. */
export function decimalToNumber(unscaled: bigint, scale: number): number {
  if (scale === 0) return Number(unscaled);
  const exact = unscaled <= 9007199254740992n && unscaled >= -9007199254740992n && scale <= 22;
  return exact ? Number(unscaled) / 10 ** scale : Number(`${unscaled}e-${scale}`);
}
