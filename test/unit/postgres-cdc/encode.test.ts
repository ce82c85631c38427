import { expect, test } from 'vitest';
import { ByteSink } from '../../../src/connectors/postgres-cdc/encode/byte-sink.ts';
import type { ColumnType, ValueModes } from '../../../src/connectors/postgres-cdc/encode/column-encoder.ts';
import { columnEncoder } from '../../../src/connectors/postgres-cdc/encode/columns.ts';
import { fillJson } from '../../../src/connectors/postgres-cdc/encode/default-value.ts';
import { bigIntegerBytes } from '../../../src/connectors/postgres-cdc/encode/numeric.ts';

const MODES: ValueModes = {
  decimals: 'string',
  times: 'adaptive',
  half: 'streamRead',
  unavailable: '__debezium_unavailable_value',
};

function json(
  type: Partial<ColumnType> & { name: string },
  text: string,
  modes: Partial<ValueModes> = {},
): string {
  const encoder = columnEncoder({ modifier: -1, ...type }, { ...MODES, ...modes })!;
  const sink = new ByteSink();
  const bytes = Buffer.from(`##${text}`);
  const from = sink.reserve(text.length * encoder.growth + 96);
  encoder.put(sink, bytes, 2, bytes.length);
  expect(sink.at - from, 'the promised upper bound holds').toBeLessThanOrEqual(
    bytes.length * encoder.growth + 96,
  );
  return Buffer.from(sink.taken(from)).toString('utf8');
}
const array = (name: string) => ({ name: 'array', element: { name, modifier: -1 } });

test.each([
  [{ name: 'text' }, 'a"b\\c\n\t\u0001é', '"a\\"b\\\\c\\n\\t\\u0001é"'],
  [{ name: 'bool' }, 't', 'true'],
  [{ name: 'float8' }, '1e+22', '1.0E22'],
  [{ name: 'float8' }, '-Infinity', '"-Infinity"'],
  [{ name: 'float4' }, '0.1', '0.1'],
  [{ name: 'numeric' }, '-0.50', '"-0.50"'],
  [{ name: 'numeric' }, '-Infinity', '"NEGATIVE_INFINITY"'],
  [{ name: 'money' }, '-$1,234.50', '"-1234.50"'],
  [{ name: 'bytea' }, '\\xff', '"/w=="'],
  [{ name: 'bit', modifier: 10 }, '1000000001', '"AQI="'],
  [{ name: 'date' }, '1969-12-31', '-1'],
  [{ name: 'date' }, '0001-01-01 BC', '-719528'],
  [{ name: 'timestamp' }, '1969-12-31 23:59:59.999999', '-1'],
  [{ name: 'timestamp', modifier: 3 }, '1969-12-31 23:59:59.999', '-1'],
  [{ name: 'timestamp' }, '9999-12-31 23:59:59.999999', '253402300799999999'],
  [{ name: 'timestamp' }, '-infinity', '-9223372036854775808'],
  [{ name: 'timestamptz' }, '2026-01-02 03:04:05+00', '"2026-01-02T03:04:05.000000Z"'],
  [{ name: 'timestamptz', modifier: 0 }, '2026-01-02 03:04:05+00', '"2026-01-02T03:04:05Z"'],
  [{ name: 'timestamptz', modifier: 3 }, '2026-01-02 03:04:05.1+00', '"2026-01-02T03:04:05.100Z"'],
  [{ name: 'timestamptz' }, 'infinity', '"infinity"'],
  [{ name: 'timestamptz' }, '12026-01-02 03:04:05+00', '"+12026-01-02T03:04:05.000000Z"'],
  [{ name: 'timetz' }, '00:30:00+02', '"22:30:00Z"'],
  [{ name: 'interval' }, '-1 days +02:00:00', '-79200000000'],
  [{ name: 'interval' }, '-00:00:00.5', '-500000'],
  [{ name: 'int8' }, '-9223372036854775808', '-9223372036854775808'],
  [array('text'), '{"a\\"b",NULL,"NULL",c}', '["a\\"b",null,"NULL","c"]'],
  [array('int4'), '{{1,2},{3,4}}', '[[1,2],[3,4]]'],
  [array('bool'), '{t,f}', '[true,false]'],
  [array('numeric'), '{1.5,NaN}', 'null'],
] as const)('%j %s is %s', (type, text, expected) => {
  expect(json(type, text)).toBe(expected);
});

test('modes shape decimals and times', () => {
  const numeric = { name: 'numeric', modifier: ((10 << 16) | 2) + 4 };
  expect(json(numeric, '-0.01', { decimals: 'precise' })).toBe('"/w=="');
  expect(json({ name: 'numeric' }, '12.5', { decimals: 'precise' })).toBe('{"scale":1,"value":"fQ=="}');
  expect(json(numeric, 'NaN', { decimals: 'precise' })).toBe('null');
  expect(json(numeric, '42.10', { decimals: 'double' })).toBe('42.1');
  expect(json({ name: 'time', modifier: 3 }, '00:00:01.5')).toBe('1500');
  expect(json({ name: 'time', modifier: 3 }, '00:00:01.5', { times: 'adaptive_time_microseconds' })).toBe(
    '1500000',
  );
  expect(json({ name: 'timestamp' }, '1970-01-01 00:00:01.5', { times: 'connect' })).toBe('1500');
});

test('types without JSON form are left out', () => {
  expect(columnEncoder({ name: 'composite', modifier: -1 }, MODES)).toBeUndefined();
  expect(columnEncoder({ modifier: -1, ...array('box') }, MODES)).toBeUndefined();
});

test.each([
  ['text', "'it''s'::text", '"it\'s"'],
  ['int4', '42', '42'],
  ['int4', "'-1'::integer", '-1'],
  ['bool', 'true', 'true'],
  ['timestamptz', 'clock_timestamp()', '"1970-01-01T00:00:00.000000Z"'],
  ['int8', "nextval('s'::regclass)", '0'],
])('an unknown %s with default %s is filled with %s', (name, expression, expected) => {
  expect(fillJson(columnEncoder({ name, modifier: -1 }, MODES)!, expression)).toBe(expected);
});

test('unscaled bytes are the shortest two’s complement', () => {
  const hex = (value: bigint): string => Buffer.from(bigIntegerBytes(value)).toString('hex');
  expect([0n, 127n, 128n, -128n, -129n, 255n].map(hex)).toEqual(['00', '7f', '0080', '80', 'ff7f', '00ff']);
});

test('whole numbers of every size are printed exactly', () => {
  const sink = new ByteSink();
  const values = [0, 7, 999_999_999, 1_000_000_000, -1_000_000_001, 2 ** 53 - 1, -(2 ** 53 - 1), 10 ** 15];
  for (const value of values) {
    const from = sink.reserve(32);
    sink.integer(value);
    expect(Buffer.from(sink.taken(from)).toString()).toBe(String(value));
  }
});
