import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/mod.ts';
import { parseExpression, parseScript, printExpression } from '../../../src/sql/mod.ts';

function refusal(parse: () => unknown): MillraceError {
  try {
    parse();
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test.each([
  ['a + b * c', '(a + (b * c))'],
  ['a - b - c', '((a - b) - c)'],
  ['NOT a = b', '(NOT (a = b))'],
  ['a = b IS NULL', '((a = b) IS NULL)'],
  ['a OR b AND c', '(a OR (b AND c))'],
  ['a BETWEEN b + 1 AND c AND d', '((a BETWEEN (b + 1) AND c) AND d)'],
  ['- a * b', '((- a) * b)'],
  ["a || b = 'x'", "((a || b) = 'x')"],
  ['a NOT IN (1, 2) OR b', '((a NOT IN (1, 2)) OR b)'],
])('%s binds as %s', (text, grouped) => {
  expect(printExpression(parseExpression(text))).toBe(printExpression(parseExpression(grouped)));
});

test('every node knows its place, and the tree is frozen', () => {
  const [statement] = parseScript('-- comment\nSELECT a,\n  b + /* two\nlines */ c FROM t');
  expect(statement).toMatchObject({
    kind: 'select',
    query: {
      body: {
        items: [
          { expression: { kind: 'column', at: { line: 2, column: 8 } } },
          {
            expression: {
              kind: 'binary',
              at: { line: 3, column: 5 },
              right: { at: { line: 4, column: 10 } },
            },
          },
        ],
      },
    },
  });
  expect(Object.isFrozen(statement)).toBe(true);
  expect(() => Object.assign((statement as { query: object }).query, { limit: 1 })).toThrow(TypeError);
});

test.each([
  ['SELECT', 'line 1, column 7: found the end of the text, expected an expression'],
  ['SELECT a FROM', 'line 1, column 14: found the end of the text, expected a table'],
  ['SELECT a FRM t', "line 1, column 14: found 't', expected ';' or the end of the text"],
  ['CREATE TABLE t (a INTT)', "line 1, column 19: found 'INTT', expected a data type"],
  ['CREATE TABLE t (a DECIMAL(40, 2))', 'line 1, column 26: found DECIMAL precision 40, expected 1 to 38'],
  [
    "CREATE TABLE t (a INT) WITH ('a' = 1)",
    "line 1, column 36: found '1', expected the option's value as a string",
  ],
  ["CREATE TABLE t (a INT) WITH ('a'='1', 'a'='2')", "line 1, column 39: the option 'a' is given twice"],
  [
    'SELECT "a"',
    `line 1, column 8: found the character ", which starts nothing; names are quoted by backticks, strings by '…'`,
  ],
  ['SELECT 12abc', "line 1, column 8: found '12a', expected a number"],
  ['SELECT /* never', "line 1, column 8: a comment '/*' is not closed, expected '*/'"],
  ['SELEC 1', "line 1, column 1: found 'SELEC', expected a statement (CREATE, INSERT, SELECT, SET, …)"],
  [
    'EXECUTE STATEMENT SET BEGIN END',
    'line 1, column 1: found an empty statement set, expected at least one INSERT',
  ],
  [
    'SELECT EXTRACT(FOO FROM a)',
    "line 1, column 16: found 'FOO', expected a time unit (YEAR, MONTH, DAY, HOUR, MINUTE, SECOND)",
  ],
])('%s is refused with the place, what was found and what was expected', (sql, message) => {
  const error = refusal(() => parseScript(sql));
  expect(error.message).toBe(message);
  expect(error.code).toBe('SQL_INVALID');
  expect(message).toContain(`line ${error.position?.line}, column ${error.position?.column}`);
});

test.each([
  ['UPDATE t SET a = 1', 'the statement UPDATE'],
  ['SELECT * FROM t MATCH_RECOGNIZE (x)', 'MATCH_RECOGNIZE'],
  ['CREATE TABLE t (a RAW)', 'the type RAW'],
  ['ALTER TABLE t ADD PARTITION (a = 1)', 'ALTER TABLE … ADD PARTITION'],
  ['SELECT a = ANY (SELECT 1)', 'the comparison = ANY (…)'],
])('%s is known and not supported', (sql, what) => {
  const error = refusal(() => parseScript(sql));
  expect(error.code).toBe('SQL_UNSUPPORTED');
  expect(error.message).toContain(`${what} is not supported yet`);
});

test('a text cut anywhere is refused, never half understood in silence', () => {
  const sql = "SELECT a, COUNT(*) FROM t WHERE b = 'x' GROUP BY a";
  for (let end = 1; end < sql.length; end++) {
    try {
      parseScript(sql.slice(0, end));
    } catch (error) {
      expect(error).toBeInstanceOf(MillraceError);
      expect((error as MillraceError).code).toMatch(/^SQL_/);
    }
  }
});

test('a script may end with or without its semicolon, and hold none', () => {
  expect(parseScript('SELECT 1; SELECT 2').length).toBe(2);
  expect(parseScript(';; -- nothing\n')).toEqual([]);
});
