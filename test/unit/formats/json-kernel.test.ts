import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RunKernel } from '../../../src/formats/json/kernel/run-kernel.ts';
import { learnLayout } from '../../../src/formats/json/learn.ts';
import { RowReader } from '../../../src/formats/json/row-reader.ts';
import { createDecoder } from '../../../src/formats/mod.ts';
import type { JsonOptions } from '../../../src/formats/options.ts';
import { decimal, decodeAll, notNull, schemaOf, T, timestamp, timestampLtz } from './support.ts';

const FIELDS = {
  yes: T.bool,
  tiny: T.tiny,
  small: T.small,
  whole: T.int,
  long: T.long,
  single: T.float,
  real: T.double,
  money: decimal(18, 4),
  small_money: decimal(5, 2),
  name: T.text,
  at: timestamp(3),
  exactly: timestamp(9),
  zoned: timestampLtz(6),
} as const;
const SCHEMA = schemaOf(FIELDS);
/** Keys of the records: two that nobody asked for among them. */
const KEYS = ['other', ...Object.keys(FIELDS), 'tail'];

const GOOD: Readonly<Record<string, string>> = {
  other: '"x"',
  yes: 'true',
  tiny: '1',
  small: '-20',
  whole: '300',
  long: '123456789012345678',
  single: '1.5',
  real: '-0.25',
  money: '12.34',
  small_money: '1',
  name: '"plain"',
  at: '"2015-07-15 00:00:01.5"',
  exactly: '"2015-07-15 00:00:01.123456789"',
  zoned: '"2015-07-15 00:00:01Z"',
  tail: '7',
};
const recordOf = (values: Readonly<Record<string, string>>): string =>
  `{${KEYS.map(key => `"${key}":${values[key] ?? GOOD[key]}`).join(',')}}`;

const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(String),
  fc.tuple(digits(20), digits(20)).map(([a, b]) => `${a}.${b}`),
  fc.tuple(digits(3), digits(3)).map(([a, b]) => `-${a}.${b}`),
  fc.tuple(digits(3), fc.integer({ min: -20, max: 20 })).map(([a, e]) => `${a}e${e}`),
  fc.constantFrom(
    '-0',
    '0',
    '00',
    '-',
    '1.',
    '.5',
    '127',
    '128',
    '-129',
    '32768',
    '2147483648',
    '"12"',
    '"1.5"',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const text = fc.oneof(
  fc.string().map(s => JSON.stringify(s)),
  fc.string({ unit: 'grapheme' }).map(s => JSON.stringify(s)),
  fc.string({ minLength: 20, maxLength: 170 }).map(s => `"${s.replace(/["\\]/g, ' ')}"`),
);
const two = (max: number) => fc.integer({ min: 0, max }).map(n => String(n).padStart(2, '0'));
const moment = fc
  .tuple(
    fc.constantFrom('2015-07-15', '2024-02-29', '2023-02-29', '1969-12-31', '0001-01-01', 'yesterday0'),
    fc.constantFrom(' ', 'T'),
    two(25),
    two(61),
    two(61),
    fc.oneof(
      fc.constant(''),
      digits(10).map(d => `.${d}`),
      fc.constant('.'),
    ),
    fc.constantFrom('', 'Z'),
  )
  .map(([day, gap, h, m, s, f, z]) => `"${day}${gap}${h}:${m}:${s}${f}${z}"`);
const any = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 3, arbitrary: text },
  { weight: 4, arbitrary: moment },
  fc.constantFrom('null', 'true', 'false', 'nul', 'tru', '[1]', '{"a":1}', '""', '"'),
);
const record = fc
  .dictionary(fc.constantFrom(...KEYS), any, { maxKeys: 2, noNullPrototype: true })
  .map(recordOf);

function reader(options: JsonOptions) {
  const made = new RowReader(SCHEMA, options, 'with kernels');
  const bytes = new TextEncoder().encode(recordOf({}));
  made.begin();
  made.load(bytes, false);
  return { made, layout: learnLayout(made, made.arena.base, made.arena.base + bytes.length, true)! };
}
const OPTIONS: JsonOptions = {
  failOnMissingField: false,
  ignoreParseErrors: false,
  timestampStandard: 'SQL',
  mapNullKeyMode: 'FAIL',
  mapNullKeyLiteral: 'null',
  ignoreNullFields: false,
};

describe('the kernel for a learned layout', () => {
  test.each(['SQL', 'ISO-8601'] as const)('reads what the general code reads, %s', standard => {
    const options = { 'timestamp-format.standard': standard };
    const gap = standard === 'SQL' ? ' ' : 'T';
    const good = recordOf({}).replaceAll(/(\d\d\d\d-\d\d-\d\d) /g, `$1${gap}`);
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), records => {
        const warm = new Array<string>(100).fill(good);
        const mixed = records.flatMap(r => [r, good]);
        const learned = decodeAll(createDecoder('json', SCHEMA, null, options), [...warm, ...mixed]);
        const general = decodeAll(createDecoder('json', SCHEMA, null, options), mixed);
        expect(learned.rows.slice(100)).toEqual(general.rows);
        const moved = Object.entries(general.rejected).map(([i, reason]) => [Number(i) + 100, reason]);
        expect(learned.rejected).toEqual(Object.fromEntries(moved));
      }),
      { numRuns: 60 },
    );
  });

  test('reads every record of its layout, more than fit one call, and stops at another', () => {
    const { made, layout } = reader(OPTIONS);
    const kernel = RunKernel.for(made, layout)!;
    const records = Array.from({ length: 5000 }, (_, i) => recordOf({ whole: String(i), name: `"n${i}"` }));
    records[4900] = recordOf({ name: '"with \\n"' });
    const bytes = Buffer.from(records.join(''));
    let behind = 0;
    const ends = Int32Array.from(records, r => {
      behind += r.length;
      return behind;
    });
    const starts = Int32Array.from(ends, (end, i) => end - records[i]!.length);
    made.load(bytes, false);
    expect(kernel.read(starts, ends, 0, 5000, 0)).toBe(4900);
    const [whole, name] = [made.columns[3]!.builder, made.columns[9]!.builder];
    if ('children' in whole || 'children' in name) throw new Error('scalars');
    expect(Array.from(whole.ints.subarray(0, 4900))).toEqual(Array.from({ length: 4900 }, (_, i) => i));
    const [from, length] = [name.offsets[4899]!, name.lengths[4899]!];
    expect(new TextDecoder().decode(made.arena.u8.subarray(from, from + length))).toBe('n4899');
    expect(kernel.isWorthIt).toBe(true);
  });

  test('reads numbers and texts of any length, wherever a byte is special', () => {
    const numbers = [
      '7',
      '42',
      '123',
      '4567',
      '12345678',
      '123456789',
      '12345678901234567',
      '1.25',
      '-9',
      '0',
    ];
    const records: string[] = [];
    for (let length = 0; length < 170; length++) {
      for (const special of ['', 'é', '\u{1f600}', '\\n', '\\"']) {
        const other = numbers[records.length % numbers.length]!;
        const long = String(10n ** BigInt(records.length % 18));
        const name = JSON.stringify('x'.repeat(length) + special + 'y'.repeat(length % 37));
        records.push(recordOf({ other, long, name, tail: `-1${'2'.repeat(records.length % 40)}` }));
      }
    }
    const warm = new Array<string>(100).fill(recordOf({}));
    const { rows } = decodeAll(createDecoder('json', SCHEMA, null), [...warm, ...records]);
    expect(rows).toHaveLength(100 + records.length);
    const parsed = records.map(r => JSON.parse(r) as { name: string });
    const of = (k: number) => rows.slice(100).map(row => row[k]);
    expect(of(10)).toEqual(parsed.map(r => r.name));
    expect(of(5).map(String)).toEqual(records.map((_, i) => String(10n ** BigInt(i % 18))));
  });

  test('is given up where other layouts come too often', () => {
    const { made, layout } = reader(OPTIONS);
    const kernel = RunKernel.for(made, layout)!;
    const bytes = new TextEncoder().encode('{"another":1}');
    made.load(bytes, false);
    const [starts, ends] = [Int32Array.of(0), Int32Array.of(bytes.length)];
    for (let call = 0; call < 64; call++) expect(kernel.read(starts, ends, 0, 1, 0)).toBe(0);
    expect(kernel.isWorthIt).toBe(false);
  });

  test('is not made for types and demands that the general code settles', () => {
    const { layout } = reader(OPTIONS);
    for (const type of [T.date, decimal(38, 3)]) {
      const other = new RowReader(schemaOf({ ...FIELDS, name: type }), OPTIONS, 'with kernels');
      expect(RunKernel.for(other, layout)).toBeUndefined();
    }
    const strict = { ...OPTIONS, failOnMissingField: true };
    const more = new RowReader(schemaOf({ ...FIELDS, missing: notNull(T.int) }), strict, 'with kernels');
    expect(RunKernel.for(more, layout)).toBeUndefined();
  });
});
