import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../support/evaluate.ts';

/** Integers of `bits` bits, of every length as likely. */
const ofBits = (bits: number): fc.Arbitrary<bigint> =>
  fc
    .tuple(fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }), fc.nat(bits - 1))
    .map(([value, shift]) => value >> BigInt(shift));
const long = fc.option(fc.oneof(ofBits(64), fc.constantFrom(0n, 2n ** 53n, -(2n ** 53n), 2n ** 53n - 1n)));
const factors = [1n, -1n, 908n, 9_999_999_999n, -(10n ** 17n)];

const unscaledText = (value: bigint, scale: number): string => {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

/** Invariant: products and what is compared with them are exact, whether numbers or bigints carry them. */
test('decimal products are exact on both sides of 2^53, and null where their type has no room', () => {
  fc.assert(
    fc.property(
      fc.array(long, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...factors),
      fc.oneof(ofBits(53), ofBits(64)),
      (some, factor, limit) => {
        // With a null among them, so that what overflows may be null.
        const values = [...some, null];
        // Grouped, so that the products are of columns, not folded into the values.
        const rows = values.map((v, i) => `(${i}, CAST(${v === null ? 'NULL' : `'${v}'`} AS BIGINT))`);
        const k = unscaledText(factor, 3);
        const { rows: answers } = evaluate(
          `SELECT i, p, p > ${unscaledText(limit, 3)}, p = p * 1.0, p * p
           FROM (SELECT i, v * ${k} AS p FROM (VALUES ${rows.join(', ')}) AS t(i, v) GROUP BY i, v)`,
        );
        const fits = (value: bigint): bigint | null =>
          value < 10n ** 38n && value > -(10n ** 38n) ? value : null;
        const expected = values.map((value, i) => {
          if (value === null) return [i, null, null, null, null];
          const product = value * factor;
          return [i, product, product > limit, true, fits(product * product)];
        });
        expect(answers).toEqual(expected);
      },
    ),
    { numRuns: 150 },
  );
});
