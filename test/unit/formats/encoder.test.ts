import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch, DataType, Schema } from '../../../src/core/mod.ts';
import {
  createDecoder,
  createEncoder,
  type Encoder,
  printDouble,
  printFloat,
} from '../../../src/formats/mod.ts';
import { rowsOf } from '../../support/batch-rows.ts';
import { decimal, schemaOf, T, timestamp, timestampLtz } from './support.ts';

function batchOf(
  schema: Schema,
  records: readonly string[],
  format: 'json' | 'debezium-json' = 'json',
): Batch {
  const decoder = createDecoder(format, schema, null);
  const chunks = records.map(r => new TextEncoder().encode(r));
  const ends = new Int32Array(records.length);
  chunks.reduce((at, c, i) => (ends[i] = at + c.length), 0);
  const starts = ends.map((end, i) => end - chunks[i]!.length);
  decoder.load(Buffer.concat(chunks));
  decoder.decode(starts, ends, 0, records.length);
  expect(decoder.takeRejections()).toEqual([]);
  return decoder.takeBatch();
}

function encoded(encoder: Encoder, batch: Batch): string[] {
  const { bytes, count, starts, ends } = encoder.encode(batch);
  return Array.from({ length: count }, (_, i) => Buffer.from(bytes.slice(starts[i], ends[i])).toString());
}

const printed = (type: DataType, json: string, options: Record<string, string> = {}): string => {
  const schema = schemaOf({ v: type });
  return encoded(createEncoder('json', schema, null, options), batchOf(schema, [`{"v":${json}}`]))[0]!.slice(
    5,
    -1,
  );
};

describe('JSON out, as Flink prints it', () => {
  it.each<[DataType, string, string]>([
    [T.int, '-2147483648', '-2147483648'],
    [T.int, '0', '0'],
    [T.tiny, '-7', '-7'],
    [T.long, '9007199254740993', '9007199254740993'],
    [T.long, '-9223372036854775808', '-9223372036854775808'],
    [T.long, '-1234567890123', '-1234567890123'],
    [T.long, '1000000000', '1000000000'],
    [T.double, '1', '1.0'],
    [T.double, '1e10', '1.0E10'],
    [T.double, '"NaN"', '"NaN"'],
    [T.float, '0.1', '0.1'],
    [T.bool, 'true', 'true'],
    [T.text, '"q\\"b\\\\n\\n\\u0001\\u001f /é😀"', '"q\\"b\\\\n\\n\\u0001\\u001F /é😀"'],
    [T.bytes, '"AAH/"', '"AAH/"'],
    [decimal(10, 2), '7.50', '7.5'],
    [decimal(10, 2), '100', '100'],
    [decimal(18, 6), '-123456789012.000010', '-123456789012.00001'],
    [decimal(18, 12), '0.000000000001', '0.000000000001'],
    [decimal(18, 0), '999999999999999999', '999999999999999999'],
    [decimal(10, 2), '-0.01', '-0.01'],
    [decimal(38, 10), '12345678901234567890.5', '12345678901234567890.5'],
    [T.date, '"2024-02-29"', '"2024-02-29"'],
    [T.time, '"10:20:30"', '"10:20:30"'],
    [timestamp(3), '"2026-11-21 10:00:00.120"', '"2026-11-21 10:00:00.12"'],
    [timestamp(3), '"1969-12-31 23:59:59"', '"1969-12-31 23:59:59"'],
    [timestamp(9), '"2026-11-21 10:00:00.000000001"', '"2026-11-21 10:00:00.000000001"'],
    [timestampLtz(3), '"2026-11-21 10:00:00Z"', '"2026-11-21 10:00:00Z"'],
    [T.int, 'null', 'null'],
    [{ kind: 'ARRAY', element: T.long, nullable: true }, '[1,null]', '[1,null]'],
    [{ kind: 'MAP', key: T.text, value: T.int, nullable: true }, '{"é\\"":1}', '{"é\\"":1}'],
    [{ kind: 'ROW', fields: [{ name: 'a', type: T.text }], nullable: true }, '{"a":"é"}', '{"a":"é"}'],
  ])('%j %s → %s', (type, json, expected) => {
    expect(printed(type, json)).toBe(expected);
  });

  it('ISO-8601 timestamps, and null fields left out when asked', () => {
    const iso = { 'timestamp-format.standard': 'ISO-8601' };
    const schema = schemaOf({ a: T.int, b: T.int });
    expect(printed(timestampLtz(3), 'null', iso)).toBe('null');
    const lean = createEncoder('json', schema, null, { 'encode.ignore-null-fields': 'true' });
    expect(encoded(lean, batchOf(schema, ['{"b":1}', '{}', '{"a":1}']))).toEqual([
      '{"b":1}',
      '{}',
      '{"a":1}',
    ]);
  });

  it('debezium-json envelopes by row kind', () => {
    const schema = schemaOf({ a: T.int });
    const batch = batchOf(
      schema,
      ['{"before":null,"after":{"a":1},"op":"c"}', '{"before":{"a":1},"after":{"a":2},"op":"u"}'],
      'debezium-json',
    );
    expect(encoded(createEncoder('debezium-json', schema, null), batch)).toEqual([
      '{"before":null,"after":{"a":1},"op":"c"}',
      '{"before":{"a":1},"after":null,"op":"d"}',
      '{"before":null,"after":{"a":2},"op":"c"}',
    ]);
  });

  it('writes only selected rows and projected columns', () => {
    const schema = schemaOf({ a: T.int, b: T.text });
    const batch = batchOf(schema, ['{"a":1,"b":"x"}', '{"a":2,"b":"y"}', '{"a":3,"b":"z"}']);
    const selected: Batch = { ...batch, selection: Int32Array.of(0, 2), selectionCount: 2 };
    expect(encoded(createEncoder('json', schema, [1]), selected)).toEqual(['{"b":"x"}', '{"b":"z"}']);
  });

  it('doubles and floats as Java writes them', () => {
    expect([1e7, 1e-3, 9.99e-4, 123456.789, -0].map(printDouble)).toEqual([
      '1.0E7',
      '0.001',
      '9.99E-4',
      '123456.789',
      '-0.0',
    ]);
    expect([0.1, 16777216, 3.4028234663852886e38, 1 / 3].map(v => printFloat(Math.fround(v)))).toEqual([
      '0.1',
      '1.6777216E7',
      '3.4028235E38',
      '0.33333334',
    ]);
  });

  it('what was written reads back the same', () => {
    const schema = schemaOf({ s: T.text, n: T.double, l: T.long, t: timestamp(3), d: decimal(20, 5) });
    const row = fc.record({
      s: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'ü', 'a') }),
      ),
      n: fc.double({ noNaN: true, noDefaultInfinity: true }),
      l: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      t: fc.date({
        min: new Date('0001-01-01T00:00:00Z'),
        max: new Date('9999-12-31T23:59:59Z'),
        noInvalidDate: true,
      }),
      d: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 50 }), rows => {
        const records = rows.map(r => {
          const t = r.t.toISOString().replace('T', ' ').slice(0, -1);
          return `{"s":${JSON.stringify(r.s)},"n":${r.n},"l":${r.l},"t":"${t}","d":${r.d}}`;
        });
        const batch = batchOf(schema, records);
        const before = rowsOf(batch);
        const again = batchOf(schema, encoded(createEncoder('json', schema, null), batch));
        expect(rowsOf(again)).toEqual(before);
        expect(before.map(r => r[3])).toEqual(rows.map(r => r.l));
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});
