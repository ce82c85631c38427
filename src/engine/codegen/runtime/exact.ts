/*
 * 64-bit integers as JavaScript numbers, where they are exact as such. Their columns are seen as words of 32
 * bits, the lower one first.
 */

const TWO_32 = 4294967296;
/** Upper words of numbers within ±2^53. */
const HIGH_MAX = 0x200000;

/** The words of 64-bit values. */
export const words = ({ buffer, byteOffset, length }: BigInt64Array | BigUint64Array): Int32Array =>
  new Int32Array(buffer, byteOffset, length * 2);

/** The value of a row, NaN where it is beyond ±2^53. */
export function exactLong(values: Int32Array, row: number): number {
  const high = values[2 * row + 1]!;
  return high >= -HIGH_MAX && high < HIGH_MAX ? high * TWO_32 + (values[2 * row]! >>> 0) : Number.NaN;
}

/** Stores a whole number within ±2^53 as 128 bits. */
export function putExact(highs: Int32Array, lows: Int32Array, row: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  lows[2 * row] = value - high * TWO_32;
  lows[2 * row + 1] = high;
  const sign = high < 0 ? -1 : 0;
  highs[2 * row] = sign;
  highs[2 * row + 1] = sign;
}
