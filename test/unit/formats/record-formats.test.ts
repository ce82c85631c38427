import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchBuilder, type DataType, putValue, type RowValue, type Schema } from '../../../src/core/mod.ts';
import {
  createDecoder,
  createEncoder,
  type FormatName,
  JSON_DEFAULTS,
  jsonText,
} from '../../../src/formats/mod.ts';
import { rowsOf } from '../../support/batch-rows.ts';
import { decimal, decodeAll, notNull, schemaOf, T, timestamp } from './support.ts';

const list = (element: DataType): DataType => ({ kind: 'ARRAY', element, nullable: true });
const row = (fields: Record<string, DataType>): DataType => ({
  kind: 'ROW',
  fields: schemaOf(fields).fields,
  nullable: true,
});

/** A type and values of it. */
type Kind = readonly [DataType, fc.Arbitrary<RowValue>];
const scalars: readonly Kind[] = [
  [T.bool, fc.boolean()],
  [T.tiny, fc.integer({ min: -128, max: 127 })],
  [T.int, fc.integer()],
  [T.long, fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })],
  [T.double, fc.double({ noNaN: true })],
  [T.float, fc.float({ noNaN: true })],
  [T.text, fc.string({ unit: 'grapheme' })],
  [T.bytes, fc.uint8Array()],
  [decimal(10, 3), fc.bigInt({ min: -9999999999n, max: 9999999999n })],
  [decimal(38, 10), fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })],
  [T.date, fc.integer({ min: -100_000, max: 100_000 })],
  [timestamp(3), fc.record({ millis: fc.integer({ min: -1e12, max: 4e12 }), nanos: fc.constant(0) })],
];
const nested: readonly Kind[] = [
  [list(T.int), fc.array(fc.option(fc.integer()))],
  [
    list(row({ a: T.text, b: list(T.long) })),
    fc.array(
      fc.option(fc.tuple(fc.string(), fc.array(fc.bigInt({ min: -9n, max: 9n })))) as fc.Arbitrary<RowValue>,
    ),
  ],
  [
    row({ x: T.int, y: row({ z: T.text }) }),
    fc.tuple(fc.option(fc.integer()), fc.option(fc.tuple(fc.string()))) as fc.Arbitrary<RowValue>,
  ],
  [
    { kind: 'MAP', key: notNull(T.text), value: T.long, nullable: true },
    fc.uniqueArray(fc.tuple(fc.string(), fc.bigInt({ min: 0n, max: 1n << 40n })), {
      selector: e => e[0],
    }) as never,
  ],
];

/** A table and rows of it; each column may be NOT NULL. */
function tableOf(kinds: readonly Kind[]) {
  return fc
    .array(fc.tuple(fc.constantFrom(...kinds), fc.boolean()), { minLength: 1, maxLength: 6 })
    .chain(columns => {
      const fields = columns.map(([[type], nullable], i) => ({
        name: `c${i}`,
        type: nullable ? type : notNull(type),
      }));
      const cells = columns.map(([[, value], nullable]) => (nullable ? fc.option(value) : value));
      return fc.record({
        schema: fc.constant({ fields }),
        rows: fc.array(fc.tuple(...cells), { maxLength: 20 }),
      });
    });
}

function batchOf(schema: Schema, rows: readonly (readonly RowValue[])[]) {
  const builder = new BatchBuilder(schema, 1);
  for (const values of rows) {
    builder.reserve(builder.rowCount + 1);
    values.forEach((value, c) => {
      putValue(builder.columns[c]!, builder.rowCount, value);
    });
    builder.endRow();
  }
  return builder.build();
}

function recordsOf(format: FormatName, schema: Schema, batch: ReturnType<typeof batchOf>, options = {}) {
  const { bytes, starts, ends, count } = createEncoder(format, schema, null, options).encode(batch);
  return Array.from({ length: count }, (_, i) => bytes.slice(starts[i], ends[i]));
}

/** What was written reads back the same, and any projection of it. */
function roundTrip(format: FormatName, kinds: readonly Kind[], options: Record<string, string>): void {
  fc.assert(
    fc.property(tableOf(kinds), fc.nat(), ({ schema, rows }, n) => {
      const batch = batchOf(schema, rows);
      const records = recordsOf(format, schema, batch, options);
      // An empty line is no record.
      fc.pre(records.every(record => record.length > 0));
      const expected = rowsOf(batch);
      expect(decodeAll(createDecoder(format, schema, null, options), records).rows).toEqual(expected);
      const one = n % schema.fields.length;
      const projected = decodeAll(createDecoder(format, schema, [one], options), records);
      expect(projected).toEqual({ rows: expected.map(r => [r[0], r[one + 1]]), rejected: {} });
    }),
    { numRuns: 300 },
  );
}

test('avro reads what it wrote', () => roundTrip('avro', [...scalars, ...nested], {}));

test('csv reads what it wrote, with a word for null', () =>
  roundTrip('csv', scalars, { 'null-literal': '\u0000null', 'escape-character': '\\' }));

test('damaged records never throw, and leave their neighbours as they are', () => {
  fc.assert(
    fc.property(
      tableOf([...scalars, ...nested]),
      fc.constantFrom<FormatName>('avro', 'csv'),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      ({ schema, rows }, format, flips, cut) => {
        const fields =
          format === 'avro'
            ? schema.fields
            : schema.fields.filter(
                f => f.type.kind !== 'MAP' && f.type.kind !== 'ARRAY' && f.type.kind !== 'ROW',
              );
        if (rows.length === 0 || fields.length === 0) return;
        const used = { fields };
        const cells = rows.map(values => values.filter((_, i) => fields.includes(schema.fields[i]!)));
        const [good, ...others] = recordsOf(format, used, batchOf(used, cells));
        const bad = good!.slice(0, good!.length - (cut % (good!.length + 1)));
        for (const [at, value] of flips) if (bad.length > 0) bad[at % bad.length] = value;
        const decoder = createDecoder(format, used, null);
        const alone = decodeAll(createDecoder(format, used, null), others);
        const { rows: read, rejected } = decodeAll(decoder, [bad, ...others]);
        expect(
          Object.keys(rejected).every(i => i === '0' || alone.rejected[Number(i) - 1] !== undefined),
        ).toBe(true);
        expect(read.slice(read.length - alone.rows.length)).toEqual(alone.rows);
      },
    ),
    { numRuns: 500 },
  );
});

test('nested values are written as their text is made, nulls left out or not', () => {
  const map: Kind = [
    { kind: 'MAP', key: T.text, value: T.double, nullable: true },
    fc.array(fc.tuple(fc.option(fc.string()), fc.option(fc.double()))) as fc.Arbitrary<RowValue>,
  ];
  fc.assert(
    fc.property(tableOf([...nested, map, ...scalars]), fc.boolean(), ({ schema, rows }, ignoreNullFields) => {
      const batch = batchOf(schema, rows);
      const given = {
        'map-null-key.mode': 'LITERAL',
        'encode.ignore-null-fields': String(ignoreNullFields),
      };
      const options = { ...JSON_DEFAULTS, mapNullKeyMode: 'LITERAL', ignoreNullFields } as const;
      const texts = recordsOf('json', schema, batch, given).map(record => Buffer.from(record).toString());
      const expected = rows.map((_, row) => {
        const cells = schema.fields.map(({ name, type }, c) => [
          name,
          jsonText(batch.columns[c]!, type, row, options),
        ]);
        const kept = cells.filter(([, text]) => !ignoreNullFields || text !== 'null');
        return `{${kept.map(([name, text]) => `"${name}":${text}`).join(',')}}`;
      });
      expect(texts).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
