import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DataType, Field } from '../../../src/core/mod.ts';
import { createDecoder } from '../../../src/formats/mod.ts';
import { decodeAll, notNull, T, timestamp } from './support.ts';

const row = (fields: Record<string, DataType>): DataType => ({
  kind: 'ROW',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
  nullable: true,
});
const PERSON = row({ id: T.long, name: T.text });
const BID = row({ auction: T.long, price: T.long, at: timestamp(3), more: row({ tags: T.text, n: T.int }) });
const at = (type: DataType, ...path: string[]): Field => ({ name: path.join('.'), type, path });

const FLAT: readonly Field[] = [
  { name: 'kind', type: T.int },
  at(T.long, 'bid', 'price'),
  at(T.int, 'bid', 'more', 'n'),
  at(T.text, 'person', 'name'),
];
const WHOLE: readonly Field[] = [
  { name: 'kind', type: T.int },
  { name: 'person', type: PERSON },
  { name: 'bid', type: BID },
];

interface Event {
  kind: number;
  person?: { id?: number; name: string | null } | null;
  bid?: { price: number | null; auction: number; more?: { n?: number; tags: string } | null } | null;
}

const event = fc.oneof(
  fc.record({
    kind: fc.integer({ min: 0, max: 9 }),
    person: fc.constant(null),
    bid: fc.record({
      auction: fc.integer(),
      price: fc.option(fc.integer()),
      more: fc.option(fc.record({ n: fc.integer(), tags: fc.string() }, { requiredKeys: ['tags'] })),
    }),
  }),
  fc.record({
    kind: fc.integer({ min: 0, max: 9 }),
    bid: fc.constant(null),
    person: fc.record({ name: fc.option(fc.string()), id: fc.integer() }),
  }),
  fc.record({ kind: fc.integer({ min: 0, max: 9 }) }),
);

const flat = (e: Event): unknown[] => [
  '+I',
  e.kind,
  typeof e.bid?.price === 'number' ? BigInt(e.bid.price) : null,
  e.bid?.more?.n ?? null,
  e.person?.name ?? null,
];
const whole = (e: Event): unknown[] => [
  '+I',
  e.kind,
  e.person ? [e.person.id === undefined ? null : BigInt(e.person.id), e.person.name] : null,
  e.bid
    ? [
        BigInt(e.bid.auction),
        e.bid.price === null ? null : BigInt(e.bid.price),
        null,
        e.bid.more ? [e.bid.more.tags, e.bid.more.n ?? null] : null,
      ]
    : null,
];

/** Enough of the same layouts for code to be generated, then whatever comes. */
test('values inside rows read the same by general and by learned code, flat and as rows', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), fc.boolean(), (some, spaced) => {
      const events = Array.from({ length: 120 }, (_, i) => some[i % some.length]!) as Event[];
      const records = events.map(e => JSON.stringify(e, null, spaced ? 1 : 0));
      const asFlat = decodeAll(createDecoder('json', { fields: FLAT }, null), records);
      expect(asFlat.rejected).toEqual({});
      expect(asFlat.rows).toEqual(events.map(flat));
      const asWhole = decodeAll(createDecoder('json', { fields: WHOLE }, null), records);
      expect(asWhole.rows).toEqual(events.map(whole));
    }),
    { numRuns: 150 },
  );
});

test('an object that nobody asked for may change its layout from record to record', () => {
  const records = Array.from({ length: 200 }, (_, i) =>
    JSON.stringify({
      kind: i,
      person: i % 3 === 0 ? null : i % 2 === 0 ? { a: i } : { b: [i], c: { d: 1 } },
    }),
  );
  const { rows, rejected } = decodeAll(createDecoder('json', { fields: [WHOLE[0]!] }, null), records);
  expect(rejected).toEqual({});
  expect(rows.map(r => r[1])).toEqual(records.map((_, i) => i));
});

test('a broken record is refused inside an object, too, and its neighbours are read', () => {
  const good = '{"kind":1,"bid":{"auction":1,"price":2,"more":{"tags":"x","n":5}}}';
  const records = Array.from({ length: 100 }, () => good);
  records[60] = '{"kind":1,"bid":{"auction":1,"price":"x","more":null}}';
  records[70] = '{"kind":1,"bid":[1]}';
  records[80] = '{"kind":1,"bid":{"auction":1,"price":2,"more":{"tags":"x","n":5}}';
  const { rows, rejected } = decodeAll(createDecoder('json', { fields: FLAT }, null), records);
  expect(rows).toHaveLength(97);
  expect(rejected[60]).toMatch(/field 'bid.price': expected BIGINT/);
  expect(rejected[70]).toMatch(/expected an object for 'bid'/);
  expect(Object.keys(rejected)).toEqual(['60', '70', '80']);
  const options = { 'ignore-parse-errors': 'true' };
  const lenient = decodeAll(createDecoder('json', { fields: FLAT }, null, options), records);
  expect(lenient.rows).toHaveLength(99);
  expect(lenient.rows[60]).toEqual(['+I', 1, null, null, null]);
  expect(lenient.rows[70]).toEqual(['+I', 1, null, null, null]);
});

test('a row that must not be null or missing refuses the record', () => {
  const fields = [{ name: 'bid', type: notNull(BID) }];
  const records = [
    ...Array.from({ length: 50 }, () => '{"bid":{"auction":1}}'),
    '{"bid":null}',
    '{}',
    '{"bid":{"auction":2}}',
  ];
  const { rows, rejected } = decodeAll(createDecoder('json', { fields }, null), records);
  expect(rows).toHaveLength(51);
  expect(Object.keys(rejected)).toEqual(['50', '51']);
  const strict = decodeAll(
    createDecoder('json', { fields: FLAT }, null, { 'fail-on-missing-field': 'true' }),
    ['{"kind":1,"bid":{"price":1,"more":{"n":1}}}'],
  );
  expect(strict.rejected[0]).toBe("Could not find field with name 'person'.");
});
