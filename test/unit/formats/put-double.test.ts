import fc from 'fast-check';
import { expect, test } from 'vitest';
import { putDouble } from '../../../src/formats/encode/put-number.ts';
import { printDouble } from '../../../src/formats/text/double.ts';

const near = fc.tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.integer({ min: 0, max: 9 }));

test('doubles are written as they are printed, by either way', () => {
  const u8 = new Uint8Array(64);
  const values = fc.oneof(
    fc.double(),
    near.map(([digits, scale]) => digits / 10 ** scale),
    near.map(([digits, scale]) => digits / 10 ** scale + Number.EPSILON),
    fc.constantFrom(0, -0, 1e-3, 0.0009999, 9999999.999999, 1e7, 123456.1234567, Number.NaN, 1 / 3),
  );
  fc.assert(
    fc.property(values, value => {
      const end = putDouble(u8, 3, value);
      expect(Buffer.from(u8.subarray(3, end)).toString()).toBe(printDouble(value));
    }),
    { numRuns: 20_000 },
  );
});
