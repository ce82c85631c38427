const SMALL_COUNT = 4096;
const SMALL = Array.from({ length: SMALL_COUNT }, (_, i) => BigInt(i));

/** A whole number as a bigint. Counts and ranks are small: no new value is made of these. */
export function bigOf(value: number): bigint {
  return value >= 0 && value < SMALL_COUNT ? SMALL[value]! : BigInt(value);
}
