import { expect, test } from 'vitest';
import { evaluate } from '../../support/evaluate.ts';

/** The expression over a row of columns, as text. */
function ask(expression: string): unknown {
  const from = `(VALUES (1, 0, 2147483647, CAST(NULL AS INT), 'Ärger', CAST(NULL AS STRING), TRUE, 1.25,
    TIMESTAMP '2024-02-29 12:34:56.789')) AS t(uno, zero, most, nil, txt, notext, yes, d, ts)`;
  return evaluate(`SELECT CAST(${expression} AS STRING) AS v FROM ${from}`).rows[0]![0];
}

test.each([
  ['most + uno', '-2147483648'],
  ['5 / 2', '2'],
  ['MOD(-7, 3)', '-1'],
  ['nil + uno', null],
  ['nil IS NULL AND yes', 'TRUE'],
  ['nil = 1 OR yes', 'TRUE'],
  ['nil = 1 AND NOT yes', 'FALSE'],
  ['nil = 1 AND yes', null],
  ['uno IN (2, nil)', null],
  ['uno NOT IN (2, 3)', 'TRUE'],
  ['CASE WHEN zero = 0 THEN -1 ELSE 1 / zero END', '-1'],
  ['COALESCE(nil, uno)', '1'],
  ['d * d', '1.5625'],
  ['CAST(d AS DECIMAL(2, 1))', '1.3'],
  ['ROUND(d, 1)', '1.3'],
  ["txt = 'Ärger'", 'TRUE'],
  ['UPPER(txt)', 'ÄRGER'],
  ['CHAR_LENGTH(txt)', '5'],
  ['SUBSTRING(txt FROM 2 FOR 2)', 'rg'],
  ["txt LIKE '_r%'", 'TRUE'],
  ["txt || '!'", 'Ärger!'],
  ["CONCAT_WS('-', txt, notext, 'b')", 'Ärger-b'],
  ["ts + INTERVAL '1' MONTH", '2024-03-29 12:34:56.789'],
  ['FLOOR(ts TO HOUR)', '2024-02-29 12:00:00.000'],
  ['EXTRACT(DOW FROM ts)', '5'],
  ["TIMESTAMPDIFF(MINUTE, TIMESTAMP '2024-02-29 12:00:00', ts)", '34'],
  ["DATE_FORMAT(ts, 'dd.MM.yy HH:mm')", '29.02.24 12:34'],
  ["TRY_CAST('x' AS INT)", null],
  ['GREATEST(uno, zero, most)', '2147483647'],
])('%s is %s', (expression, expected) => {
  expect(ask(expression)).toBe(expected);
});

test('division by zero and a text that is no number name their place', () => {
  expect(() => ask('uno / zero')).toThrow('/ by zero');
  expect(() => ask("CAST(txt || 'x' AS INT)")).toThrow('Invalid character found.');
});

test.each([
  ["DATE_FORMAT(ts, txt || 'b')", 'line 1, column 13: Unknown pattern letter: r'],
  ["DATE_FORMAT(ts, '' || 'yyyyyyyyyyyyyyyyyyyyy')", 'line 1, column 13: Too many pattern letters: y'],
  ["DATE_FORMAT(ts, '''' || 'x')", "line 1, column 13: Pattern ends with an incomplete string literal: 'x"],
  ["DATE_FORMAT(ts, '' || 'VV')", 'the letter V in a pattern of DATE_FORMAT is not supported'],
  ["DATE_FORMAT('2024-01-01 00:00:00', 'bbbb')", "line 1, column 13: Illegal pattern character 'b'"],
  ["FROM_UNIXTIME(1, 'bbbb')", "line 1, column 13: Illegal pattern character 'b'"],
  ["UNIX_TIMESTAMP('2024', 'bbbb')", "line 1, column 13: Illegal pattern character 'b'"],
  ["TO_DATE('2024', 'yyyy''')", 'line 1, column 13: Unterminated quote'],
  ["uno = 1 AND 'a' SIMILAR TO '('", "line 1, column 29: Invalid regular expression or escape sequence '('"],
  ["JSON_VALUE('{}', 'strict $.a' ERROR ON ERROR)", "line 1, column 13: No results for path: $['a']"],
  ["JSON_VALUE('{}', 'lax $.a' ERROR ON EMPTY)", 'line 1, column 13: Empty result of JSON_VALUE function'],
  ["JSON_QUERY('1', 'strict $' ERROR ON ERROR)", 'line 1, column 13: Strict jsonpath mode requires array'],
  ["JSON_EXISTS('{}', 'strict $.a' ERROR ON ERROR)", 'line 1, column 13: No results for path'],
  ['(SELECT x FROM (VALUES (1), (2)) AS v(x))', 'SingleValueAggFunction received more than one element.'],
])('%s fails with its place', (expression, sentence) => {
  expect(() => ask(expression)).toThrow(sentence);
  expect(() => ask(expression)).toThrow(/^line 1, column \d+: /);
});

test('a pattern that Flink takes for no time at all gives NULL', () => {
  expect(ask("TO_TIMESTAMP('2024', 'bbbb')")).toBeNull();
  expect(ask("DATE_FORMAT(ts, '' || 'yyyy')")).toBe('2024');
});

test('what a user writes never enters the generated code', () => {
  const hostile = "'); throw new Error(`x`); ('";
  expect(ask(`'${hostile.replaceAll("'", "''")}'`)).toBe(hostile);
  expect(() => evaluate('SELECT 1 AS `"]; throw 1; //`')).not.toThrow();
});
