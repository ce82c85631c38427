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

test('what a user writes never enters the generated code', () => {
  const hostile = "'); throw new Error(`x`); ('";
  expect(ask(`'${hostile.replaceAll("'", "''")}'`)).toBe(hostile);
  expect(() => evaluate('SELECT 1 AS `"]; throw 1; //`')).not.toThrow();
});
