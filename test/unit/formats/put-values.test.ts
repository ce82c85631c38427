import fc from 'fast-check';
import { expect, test } from 'vitest';
import { putString, putTimestamp, timestampWriter } from '../../../src/formats/encode/put.ts';
import {
  putDecimal,
  putDecimal128,
  putInteger,
  putLong,
  putShortDecimal,
} from '../../../src/formats/encode/put-number.ts';
import { printDecimalStripped } from '../../../src/formats/text/decimal.ts';
import { printTimestamp } from '../../../src/formats/text/timestamp.ts';

const u8 = new Uint8Array(4096);
const dv = new DataView(u8.buffer);
const written = (put: (at: number) => number): string => Buffer.from(u8.subarray(5, put(5))).toString();
const word = (value: bigint, k: number): number => Number(BigInt.asIntN(32, value >> BigInt(32 * k)));

/** Integers of `bits` bits, of every length as likely. */
const ofBits = (bits: number): fc.Arbitrary<bigint> =>
  fc
    .tuple(fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }), fc.nat(bits - 1))
    .map(([value, shift]) => value >> BigInt(shift));
const roundOnes = (bits: number): fc.Arbitrary<bigint> =>
  fc.tuple(ofBits(bits), fc.nat(20)).map(([value, zeros]) => {
    const factor = 10n ** BigInt(zeros);
    return (value / factor) * factor;
  });

test('integers of all lengths are written as they are printed', () => {
  fc.assert(
    fc.property(ofBits(64), value => {
      expect(written(p => putLong(u8, p, word(value, 0), word(value, 1)))).toBe(String(value));
      const small = Number(BigInt.asIntN(53, value));
      expect(written(p => putInteger(u8, p, small))).toBe(String(small));
    }),
    { numRuns: 20_000 },
  );
});

test('decimals of 64 and 128 bits are written as they are printed, at every scale', () => {
  fc.assert(
    fc.property(fc.oneof(ofBits(64), roundOnes(64)), fc.nat(18), (value, scale) => {
      const expected = printDecimalStripped(value, scale);
      expect(written(p => putDecimal(u8, p, word(value, 0), word(value, 1), scale))).toBe(expected);
    }),
    { numRuns: 20_000 },
  );
  fc.assert(
    fc.property(fc.oneof(ofBits(128), roundOnes(128), ofBits(64)), fc.nat(38), (value, scale) => {
      const [w0, w1, w2, w3] = [word(value, 0), word(value, 1), word(value, 2), word(value, 3)];
      expect(written(p => putDecimal128(u8, p, w0, w1, w2, w3, scale))).toBe(
        printDecimalStripped(value, scale),
      );
    }),
    { numRuns: 20_000 },
  );
});

test('short decimals are written as they are printed, up to the last that a double tells from the next', () => {
  const largest = Array.from({ length: 3000 }, (_, i) => 2n ** 53n - 1n - BigInt(i));
  const random = fc.sample(fc.oneof(ofBits(53), roundOnes(53)), { numRuns: 20_000, seed: 3 });
  for (const value of [...largest, ...random.filter(sample => sample >= 0n)]) {
    for (const scale of [0, 1, 2, 3]) {
      const expected = printDecimalStripped(value, scale);
      expect(written(p => putShortDecimal(u8, dv, p, Number(value), scale))).toBe(expected);
    }
  }
});

test('text is escaped wherever the escape lies', () => {
  const unit = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('a', 'z', ' ', '!', '#', '[', ']', '~', 'é', '😀', '中') },
    { weight: 1, arbitrary: fc.constantFrom('"', '\\', '\n', '\t', '\u0001', '\u001f', '\u007f') },
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), fc.nat(9), (units, before) => {
      const text = units.join('');
      const data = Buffer.concat([Buffer.alloc(before, 34), Buffer.from(text), Buffer.from('"\\tail')]);
      const length = Buffer.byteLength(text);
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      const expected = JSON.stringify(text).replace(/\\u00[0-9a-f]{2}/g, code =>
        code.replace(/[a-f]/g, letter => letter.toUpperCase()),
      );
      expect(written(p => putString(u8, dv, p, data, view, before, length))).toBe(expected);
    }),
    { numRuns: 20_000 },
  );
});

test('timestamps are written as they are printed, whatever came before', () => {
  const near = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_003_000 });
  const far = fc.oneof(
    fc.integer({ min: -70_000_000_000_000, max: 260_000_000_000_000 }),
    fc.constantFrom(8.64e15 + 1, -8.64e15 - 1, -1, 0, 999, 1000, -62_135_596_800_001, 253_402_300_800_000),
  );
  const nanos = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999 }));
  const writers = [timestampWriter('SQL', false), timestampWriter('ISO-8601', true)];
  fc.assert(
    fc.property(fc.oneof(near, near, far), nanos, (millis, fine) => {
      const column = {
        physical: 'timestamp',
        nulls: null,
        millis: Float64Array.of(0, millis),
        nanos: fine === 0 ? null : Int32Array.of(0, fine),
      } as const;
      for (const writer of writers) {
        expect(written(p => putTimestamp(u8, dv, p, column, 1, writer))).toBe(
          `"${printTimestamp(millis, fine, writer.standard, writer.zoned)}"`,
        );
      }
    }),
    { numRuns: 20_000 },
  );
});
