import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BatchBuilder,
  compareUtf8,
  copyBatch,
  type DataType,
  divideDecimal,
  encodeUtf8,
  parseDecimal,
  printDecimal,
  putValue,
  type RowValue,
  rescale,
  rowValues,
} from '../../../src/core/mod.ts';

const type = (kind: string, more: object = {}): DataType => ({ kind, nullable: true, ...more }) as DataType;

const TYPES: readonly DataType[] = [
  type('BOOLEAN'),
  type('INT'),
  type('BIGINT'),
  type('DOUBLE'),
  type('VARCHAR', { length: 100 }),
  type('VARBINARY', { length: 100 }),
  type('DECIMAL', { precision: 12, scale: 3 }),
  type('DECIMAL', { precision: 38, scale: 3 }),
  type('TIMESTAMP', { precision: 9 }),
  type('ARRAY', { element: type('VARCHAR', { length: 9 }) }),
  type('MAP', { key: type('INT'), value: type('DOUBLE') }),
  type('ROW', { fields: [{ name: 'a', type: type('BIGINT') }] }),
];
const schema = { fields: TYPES.map((t, i) => ({ name: `c${i}`, type: t })) };

const row = fc.tuple(
  ...[
    fc.boolean(),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.bigInt({ min: -(10n ** 12n) + 1n, max: 10n ** 12n - 1n }),
    fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
    fc.record({ millis: fc.integer(), nanos: fc.integer({ min: 0, max: 999999 }) }),
    fc.array(fc.option(fc.string())),
    fc.array(fc.tuple(fc.integer(), fc.option(fc.double({ noNaN: true })))),
    fc.tuple(fc.option(fc.bigInt({ min: -9n, max: 9n }))),
  ].map(arbitrary => fc.option(arbitrary as fc.Arbitrary<unknown>)),
);

test('rows written into a builder and copied through a selection read back the same', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), rows => {
      const builder = new BatchBuilder(schema, 1);
      for (const values of rows) {
        builder.reserve(builder.rowCount + 1);
        values.forEach((value, c) => {
          putValue(builder.columns[c]!, builder.rowCount, value as RowValue);
        });
        builder.endRow(builder.rowCount % 4);
      }
      const odd = Int32Array.from(rows.keys()).filter(i => i % 2 === 1);
      const copy = copyBatch({ ...builder.build(), selection: odd, selectionCount: odd.length });
      builder.reset();
      expect(Array.from({ length: copy.rowCount }, (_, i) => rowValues(copy, i))).toEqual(
        rows.filter((_, i) => i % 2 === 1),
      );
      if (odd.length > 1) expect([...copy.rowKinds!.subarray(0, 2)]).toEqual([1, 3]);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('UTF-8 bytes are ordered as UTF-16 strings are', () => {
  const text = fc.string({ unit: 'binary', maxLength: 4 }).filter(s => s === Buffer.from(s).toString());
  fc.assert(
    fc.property(text, text, (a, b) => {
      const [x, y] = [encodeUtf8(a), encodeUtf8(b)];
      const order = Math.sign(compareUtf8(x, 0, x.length, y, 0, y.length));
      expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
    { seed: 1, numRuns: 2000 },
  );
  const [high, low] = [encodeUtf8('\u{1F600}'), encodeUtf8('\uFFFD')];
  expect(compareUtf8(high, 0, high.length, low, 0, low.length)).toBeLessThan(0);
});

test('decimals parse, print, rescale and divide half up', () => {
  expect(parseDecimal(' -1.005e1 ', 10, 2)).toBe(-1005n);
  expect(parseDecimal('.5', 3, 0)).toBe(1n);
  expect(parseDecimal('1000', 3, 0)).toBeNull();
  expect(parseDecimal('1,5', 3, 0)).toBeNull();
  expect(printDecimal(-5n, 3)).toBe('-0.005');
  expect(rescale(-125n, 2, 1)).toBe(-13n);
  expect(divideDecimal(200n, 2, 3n, 0, 13)).toBe(6666666666667n);
});
