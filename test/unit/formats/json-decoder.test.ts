import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataType } from '../../../src/core/mod.ts';
import { createDecoder } from '../../../src/formats/mod.ts';
import { decimal, decodeAll, notNull, schemaOf, T, timestamp, timestampLtz } from './support.ts';

/**
 * Decodes one value of a column `v`, twice: alone by the general code, and after enough records by learned
 * code.
 */
function decoded(type: DataType, json: string, options: Record<string, string> = {}): unknown {
  const record = `{"v":${json},"w":1}`;
  const records = Array.from({ length: 80 }, () => record);
  const { rows, rejected } = decodeAll(createDecoder('json', schemaOf({ v: type }), null, options), records);
  if (rows.length === 0) return `rejected: ${rejected[79]}`;
  expect(rows).toHaveLength(80);
  expect(rows[79]).toEqual(rows[0]);
  return rows[0]![1];
}

describe('scalars, as Flink converts them', () => {
  it.each<[DataType, string, unknown]>([
    [T.int, '12', 12],
    [T.int, '-2147483648', -2147483648],
    [T.int, '" 12 "', 12],
    [T.int, '"+12"', 12],
    [T.int, '1.9', 1],
    [T.int, '-0', 0],
    [T.int, '1e2', 100],
    [T.int, 'null', null],
    [T.tiny, '-128', -128],
    [T.small, '"32767"', 32767],
    [T.long, '9007199254740993', 9007199254740993n],
    [T.long, '-9223372036854775808', -9223372036854775808n],
    [T.long, '-5', -5n],
    [T.long, '1795255200000000', 1795255200000000n],
    [T.long, '-4294967297', -4294967297n],
    [T.double, '1.5', 1.5],
    [T.double, '-0.1', -0.1],
    [T.double, '1e300', 1e300],
    [T.double, '"2.5"', 2.5],
    [T.double, '123456789012345678901', Number('123456789012345678901')],
    [T.double, '0.1234567890123456789', Number('0.1234567890123456789')],
    [T.float, '0.1', Math.fround(0.1)],
    [T.bool, 'true', true],
    [T.bool, 'false', false],
    [T.bool, '"TRUE"', true],
    [T.bool, '"yes"', false],
    [T.text, '"a\\u00e9\\n\\ud83d\\ude00\\"\\/"', 'aé\n😀"/'],
    [T.text, '"Zürich 😀"', 'Zürich 😀'],
    [T.text, '""', ''],
    [T.text, '12.50', '12.50'],
    [T.text, 'true', 'true'],
    [T.text, '{ "a" : [ 1, "x y" ] }', '{"a":[1,"x y"]}'],
    [T.bytes, '"AAH/"', '0001ff'],
    [decimal(10, 2), '7.5', 750n],
    [decimal(10, 2), '"7.50"', 750n],
    [decimal(10, 2), '-0.005', -1n],
    [decimal(10, 2), '1e3', 100000n],
    [decimal(10, 3), '2.951', 2951n],
    [decimal(18, 0), '123456789012345678', 123456789012345678n],
    [decimal(3, 0), '1000', null],
    [decimal(38, 10), '-1234567890123456789012345678.0123456789', -12345678901234567890123456780123456789n],
    [T.date, '"2024-02-29"', 19782],
    [T.time, '"10:20:30.123"', 37230000],
    [timestamp(3), '"2026-11-21 10:00:00.123"', [Date.UTC(2026, 10, 21, 10, 0, 0, 123), 0]],
    [timestamp(6), '"2026-11-21 10:00:00.123456"', [Date.UTC(2026, 10, 21, 10, 0, 0, 123), 456000]],
    [timestamp(3), '"1969-12-31 23:59:59"', [-1000, 0]],
    [timestampLtz(3), '"2026-11-21 10:00:00Z"', [Date.UTC(2026, 10, 21, 10), 0]],
  ])('%j %s', (type, json, expected) => {
    expect(decoded(type, json)).toEqual(expected);
  });

  it.each<[DataType, string, string]>([
    [T.int, '"12x"', 'INT'],
    [T.int, '2147483648', 'INT'],
    [T.tiny, '128', 'TINYINT'],
    [T.long, '9223372036854775808', 'BIGINT'],
    [T.int, '01', 'leading zeros'],
    [T.int, '1.', 'a digit'],
    [T.double, '"1,5"', 'DOUBLE'],
    [decimal(10, 2), '"x"', 'DECIMAL(10, 2)'],
    [T.date, '"2023-02-29"', 'DATE'],
    [timestamp(3), '"2026-11-21T10:00:00"', 'TIMESTAMP(3)'],
    [timestamp(3), '"2026-11-21 24:00:00"', 'TIMESTAMP(3)'],
    [timestamp(3), '"2026-13-21 10:00:00"', 'TIMESTAMP(3)'],
    [timestamp(3), '"2026-11-21 10:0::00"', 'TIMESTAMP(3)'],
    [timestampLtz(3), '"2026-11-21 10:00:00"', 'TIMESTAMP_LTZ(3)'],
    [T.text, '"\\x"', 'an escape'],
    [T.text, '"a\tb"', '`"`'],
    [notNull(T.int), 'null', 'INT NOT NULL'],
    [T.bytes, '"***"', 'BYTES'],
  ])('refuses %j %s', (type, json, expected) => {
    expect(decoded(type, json)).toContain(expected);
    expect(decoded(type, json)).toMatch(/^rejected/);
  });

  it('reads ISO-8601 timestamps when asked', () => {
    const iso = { 'timestamp-format.standard': 'ISO-8601' };
    const at = Date.UTC(2026, 10, 21, 10, 0, 0);
    expect(decoded(timestampLtz(6), '"2026-11-21T10:00:00.000001Z"', iso)).toEqual([at, 1000]);
    expect(decoded(timestamp(3), '"2026-11-21T10:00"', iso)).toEqual([at, 0]);
    expect(decoded(timestamp(3), '"2026-11-21 10:00:00"', iso)).toContain('rejected');
  });

  it('reads nested rows, arrays and maps', () => {
    const type: DataType = {
      kind: 'ROW',
      nullable: true,
      fields: [
        { name: 'a', type: { kind: 'ARRAY', element: T.long, nullable: true } },
        { name: 'm', type: { kind: 'MAP', key: T.text, value: decimal(5, 1), nullable: true } },
        { name: 'x', type: T.int },
      ],
    };
    const json = '{ "m" : {"k\\n":1.5, "l":null} , "a":[1, 9007199254740993 ,null], "unknown":{"a":[]} }';
    expect(decoded(type, json)).toEqual([
      [1n, 9007199254740993n, null],
      [
        ['k\n', 15n],
        ['l', null],
      ],
      null,
    ]);
    expect(decoded(type, '{"a":null,"m":{},"x":3}')).toEqual([null, [], 3]);
    expect(decoded(type, '[1]')).toContain('rejected');
  });
});

describe('records', () => {
  const schema = schemaOf({ a: T.int, b: T.text, c: T.int });

  it('takes keys in any order, with white space, unknown, missing and repeated ones', () => {
    const records = [
      '{"c":3,"b":"x","a":1}',
      ' {\n"zz" : [{}, "}"], "a"\t:1 } ',
      '{}',
      '{"a":1,"a":2}',
      '{"\\u0061":7}',
    ];
    expect(decodeAll(createDecoder('json', schema, null), records).rows).toEqual([
      ['+I', 1, 'x', 3],
      ['+I', 1, null, null],
      ['+I', null, null, null],
      ['+I', 2, null, null],
      ['+I', 7, null, null],
    ]);
  });

  it('yields the projection in its order', () => {
    const decoder = createDecoder('json', schema, [2, 0]);
    expect(decodeAll(decoder, ['{"a":1,"b":"x","c":3}']).rows).toEqual([['+I', 3, 1]]);
  });

  it('counts rows where no column is wanted, checking the records all the same', () => {
    const records = [...Array(50).fill('{"a":1,"b":"x"}'), '{"a":1', '{}'];
    const { rows, rejected } = decodeAll(createDecoder('json', schema, []), records);
    expect(rows).toEqual(Array(51).fill(['+I']));
    expect(Object.keys(rejected)).toEqual(['50']);
  });

  it('rejects a bad record with field, offset and expectation, and goes on', () => {
    const { rows, rejected } = decodeAll(createDecoder('json', schema, null), [
      '{"a":1}',
      '{"a":"x"}',
      'nonsense',
      '{"a":1',
      '{"a":1}}',
      '',
      '{"a":2}',
    ]);
    expect(rows).toEqual([
      ['+I', 1, null, null],
      ['+I', 2, null, null],
    ]);
    expect(rejected).toEqual({
      1: `field 'a': expected INT at byte 5, found '"x"}'`,
      2: `expected an object at byte 0, found 'nonsense'`,
      3: 'expected `,` or `}` at byte 6, found the end of the record',
      4: `expected the end of the record at byte 7, found '}'`,
      5: 'expected an object at byte 0, found the end of the record',
    });
  });

  it('skips null values', () => {
    const decoder = createDecoder('json', schema, null);
    expect(decodeAll(decoder, [null, '{"a":1}', null]).rows).toEqual([['+I', 1, null, null]]);
    expect(decoder.skipped).toBe(2);
  });

  it('json.fail-on-missing-field and json.ignore-parse-errors as in Flink', () => {
    const strict = createDecoder('json', schema, null, { 'fail-on-missing-field': 'true' });
    expect(decodeAll(strict, ['{"a":1,"b":null,"c":2}', '{"a":1}'])).toEqual({
      rows: [['+I', 1, null, 2]],
      rejected: { 1: "Could not find field with name 'b'." },
    });
    const lenient = createDecoder('json', schema, null, { 'ignore-parse-errors': 'true' });
    expect(decodeAll(lenient, ['{"a":"x","c":2}', '{"a'])).toEqual({
      rows: [['+I', null, null, 2]],
      rejected: {},
    });
    expect(lenient.skipped).toBe(1);
  });

  it('refuses unknown and contradictory options', () => {
    expect(() => createDecoder('json', schema, null, { nonsense: '1' })).toThrow(
      "unknown option 'json.nonsense'",
    );
    expect(() => createDecoder('json', schema, null, { 'ignore-parse-errors': 'maybe' })).toThrow(
      'true or false',
    );
    expect(() =>
      createDecoder('json', schema, null, { 'ignore-parse-errors': 'true', 'fail-on-missing-field': 'true' }),
    ).toThrow("shouldn't both be true");
  });

  it('field names never become code', () => {
    const name = '`$' + '{process.exit(1)}"]);//\\u2028';
    const decoder = createDecoder('json', schemaOf({ [name]: T.int }), null);
    const record = JSON.stringify({ [name]: 5 });
    expect(decodeAll(decoder, Array(100).fill(record)).rows[99]).toEqual(['+I', 5]);
  });

  it('splits what exceeds a batch, keeping strings of earlier loads', () => {
    const decoder = createDecoder('json', schema, null);
    const records = Array.from({ length: 20_000 }, (_, i) => `{"a":${i},"b":"n\\t${i}"}`);
    const { rows } = decodeAll(decoder, records);
    expect(rows).toHaveLength(20_000);
    expect(rows[19_999]).toEqual(['+I', 19_999, 'n\t19999', null]);
    for (const text of ['{"b":"one\\n"}', '{"b":"two"}']) {
      decoder.load(new TextEncoder().encode(text));
      decoder.decode(Int32Array.of(0), Int32Array.of(text.length), 0, 1);
    }
    const column = decoder.takeBatch().columns[1]!;
    expect(column.physical === 'bytes' && Buffer.from(column.data).includes('one\n')).toBe(true);
  });
});

describe('beside JSON.parse', () => {
  const schema = schemaOf({ s: T.text, n: T.double, b: T.bool });
  const record = fc.record(
    {
      s: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(null)),
      n: fc.double({ noNaN: true, noDefaultInfinity: true }),
      b: fc.boolean(),
      other: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  it('equal values for any object, any layout', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 120 }), fc.constantFrom(0, 1), (objects, indent) => {
        const texts = objects.map(o => JSON.stringify(o, null, indent));
        const { rows, rejected } = decodeAll(createDecoder('json', schema, null), texts);
        expect(rejected).toEqual({});
        const plain = texts.map(t => JSON.parse(t)).map(o => ['+I', o.s ?? null, o.n ?? null, o.b ?? null]);
        expect(rows).toEqual(plain);
      }),
      { numRuns: 150, seed: 3 },
    );
  });

  it('damaged records never throw, and what is accepted JSON.parse accepts too', () => {
    const mutation = fc.tuple(
      fc.nat({ max: 200 }),
      fc.nat({ max: 255 }),
      fc.constantFrom('set', 'cut', 'drop'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(record, mutation), { minLength: 60, maxLength: 90 }), cases => {
        const damaged = cases.map(([object, [at, byte, how]], i) => {
          const bytes = Buffer.from(JSON.stringify(object));
          const place = at % bytes.length;
          if (i % 2 === 0) return bytes;
          if (how === 'cut') return bytes.subarray(0, place);
          if (how === 'drop') return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
          bytes[place] = byte;
          return bytes;
        });
        const { rows, rejected } = decodeAll(createDecoder('json', schema, null), damaged);
        expect(rows.length + Object.keys(rejected).length).toBe(damaged.length);
        damaged.forEach((bytes, i) => {
          if (!(i in rejected)) expect(() => JSON.parse(bytes.toString())).not.toThrow();
        });
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});
