import { expect, test } from 'vitest';
import { type RecordLine, recordFormat } from '../../../src/platform/cli/topics/format.ts';
import {
  numberFlag,
  parsePartitions,
  parseTime,
  parseTopicPlace,
} from '../../../src/platform/cli/topics/parse.ts';
import { type LineOptions, lineToRecord } from '../../../src/platform/cli/topics/record-of-line.ts';
import { printTable, size } from '../../../src/platform/cli/topics/table.ts';

const record: RecordLine = {
  ...{ partition: 2, offset: 41, timestamp: 1_700_000_000_123 },
  ...{ key: 'k1', value: '{"a":"é"}', headers: { trace: 'x', none: null } },
};
const printed = (format: string, of: RecordLine = record): string =>
  Buffer.from(recordFormat(format)(of, 'orders')).toString('latin1');

test('a format prints what kcat prints for its tokens', () => {
  expect(printed('%t/%p@%o %T %k=%s|%K %S%%\\n\\t\\x41')).toBe(
    `orders/2@41 1700000000123 k1=${Buffer.from('{"a":"é"}').toString('latin1')}|2 10%\n\tA`,
  );
  expect(printed('%h')).toBe('trace=x,none=NULL');
  const listed: RecordLine = {
    ...record,
    headers: [
      { key: 'a', value: '1' },
      { key: 'a', value_base64: '/w==' },
      { key: 'b', value: null },
    ],
  };
  expect(printed('%h', listed)).toBe('a=1,a=\xff,b=NULL');
  expect(printed('%h', { ...record, headers: undefined } as unknown as RecordLine)).toBe('');
  const bare: RecordLine = { partition: 0, offset: 0, timestamp: 0, value_base64: '/wA=' };
  expect(printed('%k %K %s %S', bare)).toBe('NULL -1 \xff\0 2');
  expect(printed('%s', { ...bare, value_base64: undefined, value: null } as unknown as RecordLine)).toBe(
    'NULL',
  );
});

test.each(['%q', 'a %', '\\z', 'end\\'])('a format that says nothing is refused: %s', format => {
  expect(() => recordFormat(format)).toThrow(/is nothing\. There are %t/);
});

const line = (text: string, options: Partial<LineOptions>): unknown =>
  JSON.parse(
    lineToRecord({
      ...{ keySeparator: undefined, headersSeparator: undefined, key: undefined, headers: [] },
      ...{ partition: undefined, emptyIsNull: false, nullMarker: undefined, ...options },
    })(text),
  );

test('a line becomes headers, key and value by their separators', () => {
  expect(line('plain|text', {})).toEqual({ value: 'plain|text' });
  expect(line('k|v|w', { keySeparator: '|' })).toEqual({ key: 'k', value: 'v|w' });
  expect(line('no key', { keySeparator: '|' })).toEqual({ value: 'no key' });
  expect(line('a:1,b:x:y,c\tk|v', { headersSeparator: '\t', keySeparator: '|' })).toEqual({
    ...{ key: 'k', value: 'v', headers: { a: '1', b: 'x:y', c: '' } },
  });
  expect(line('v', { key: 'all', headers: [['h', '1']], partition: 3 })).toEqual({
    ...{ key: 'all', value: 'v', headers: { h: '1' }, partition: 3 },
  });
  expect(
    line('v', {
      headers: [
        ['h', '1'],
        ['h', '2'],
      ],
    }),
  ).toEqual({
    ...{
      value: 'v',
      headers: [
        { key: 'h', value: '1' },
        { key: 'h', value: '2' },
      ],
    },
  });
  expect(line('k|', { keySeparator: '|', emptyIsNull: true })).toEqual({ key: 'k', value: null });
  expect(line('k|', { keySeparator: '|' })).toEqual({ key: 'k', value: '' });
  expect(line('NULL|x', { keySeparator: '|', nullMarker: 'NULL' })).toEqual({ key: null, value: 'x' });
});

test('times are instants or so long ago, in UTC where no zone is said', () => {
  const nowMs = Date.parse('2026-11-21T17:00:00Z');
  const at = (text: string): string => new Date(parseTime(text, nowMs, '--time')).toISOString();
  expect(at('1700000000123')).toBe('2023-11-14T22:13:20.123Z');
  expect(at('15m')).toBe('2026-11-21T16:45:00.000Z');
  expect(at('7d')).toBe('2026-11-14T17:00:00.000Z');
  expect(at('2026-11-21T10:00:00+01:00')).toBe('2026-11-21T09:00:00.000Z');
  expect(at('2026-11-21T10:00:00.500')).toBe('2026-11-21T10:00:00.500Z');
  expect(at('2026-11-21')).toBe('2026-11-21T00:00:00.000Z');
  for (const wrong of ['yesterday', '2026-13-01', '5x', ''])
    expect(() => parseTime(wrong, nowMs, '--time')).toThrow(/--time .*: expected epoch milliseconds/);
});

test('numbers, partitions and topics with partitions are read or refused by the name of their flag', () => {
  const flags = (value: string) => ({ flags: new Map([['max', [value]]]) });
  expect(numberFlag(flags('12'), 'max')).toBe(12);
  expect(numberFlag({ flags: new Map() }, 'max')).toBeUndefined();
  for (const wrong of ['-1', 'x', '1.5', '']) expect(() => numberFlag(flags(wrong), 'max')).toThrow(/--max/);
  expect(parsePartitions('0,2', 'partition')).toEqual([0, 2]);
  expect(() => parsePartitions('0;2', 'partition')).toThrow(/--partition 0;2/);
  expect(parseTopicPlace('a.b:0,3')).toEqual({ topic: 'a.b', partitions: [0, 3] });
  expect(parseTopicPlace('a.b')).toEqual({ topic: 'a.b', partitions: undefined });
});

test('tables are as wide as they must be', () => {
  const text = printTable(
    [{ name: 'topic' }, { name: 'n', right: true }],
    [
      ['a-long-name', '1'],
      ['b', '1,000'],
    ],
  );
  const plain = text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
  expect(plain).toBe('topic            n\na-long-name      1\nb            1,000\n');
  expect([size(null), size(999), size(1500), size(123_456_789)]).toEqual(['-', '999 B', '1.5 kB', '123 MB']);
});
