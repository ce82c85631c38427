import { describe, expect, test } from 'vitest';
import { compareSink } from '../../../src/platform/validate/compare.ts';
import { parseValidateSql } from '../../../src/platform/validate/queries.ts';

const row = (key: string, text: string) => ({ key, text });

describe('validate.sql', () => {
  test('each query stands below its sink and key', () => {
    const text =
      '-- about\n-- sink: a\n-- key: x, y\nSELECT 1;\n\n-- sink: b\n-- key: z\nSELECT\n-- a remark\n2;\n';
    expect(parseValidateSql('v.sql', text)).toEqual([
      { sink: 'a', key: ['x', 'y'], sql: 'SELECT 1' },
      { sink: 'b', key: ['z'], sql: 'SELECT\n2' },
    ]);
  });

  test('what is missing is named with its place', () => {
    expect(() => parseValidateSql('v.sql', 'SELECT 1')).toThrow(/v.sql: expected queries/);
    expect(() => parseValidateSql('v.sql', '\n-- sink: a\nSELECT 1')).toThrow(
      /v.sql:2: sink a needs `-- key/,
    );
    expect(() => parseValidateSql('v.sql', '-- sink: a\n-- key: x\n')).toThrow(
      /v.sql:1: sink a needs a query/,
    );
  });
});

describe('comparing a sink', () => {
  test('equal rows in any order are equal', () => {
    const report = compareSink('s', [row('1', 'a'), row('2', 'b')], [row('2', 'b'), row('1', 'a')]);
    expect(report.differences).toEqual([]);
    expect(report.expected).toEqual(report.found);
  });

  test('an altered, a missing and an unexpected row are named', () => {
    const report = compareSink('s', [row('1', 'a'), row('2', 'b')], [row('1', 'x'), row('3', 'c')]);
    expect(report.differences).toEqual([
      { key: '1', expected: 'a', found: 'x' },
      { key: '2', expected: 'b', found: null },
      { key: '3', expected: null, found: 'c' },
    ]);
    expect(report.expected.hash).not.toBe(report.found.hash);
  });

  test('a doubled row is a difference', () => {
    expect(compareSink('s', [row('1', 'a')], [row('1', 'a'), row('1', 'a')]).differences).toHaveLength(1);
  });

  test('many differences are counted and not all shown', () => {
    const expected = Array.from({ length: 25 }, (_, i) => row(String(i), 'a'));
    expect(compareSink('s', expected, [])).toMatchObject({
      moreDifferences: 15,
      differences: { length: 10 },
    });
  });
});
