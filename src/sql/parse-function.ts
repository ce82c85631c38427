import type { FunctionCall, SqlExpression } from './ast/expression.ts';
import type { QualifiedName } from './ast/position.ts';
import type { WindowSpec } from './ast/query.ts';
import type { Cursor } from './cursor.ts';
import { sqlInvalid } from './errors.ts';
import { PRECEDENCE, parseExpr } from './parse-expression.ts';
import { JSON_ARGUMENTS } from './parse-json.ts';
import { acceptTimeUnit } from './parse-primary.ts';
import { isQueryStart, parseQuery } from './parse-query.ts';
import { parseOrderItems, parseWindowSpec } from './parse-window.ts';
import { RESERVED } from './reserved.ts';

/** Functions written without parentheses. */
const NILADIC = new Set([
  'CURRENT_DATE',
  'CURRENT_TIME',
  'CURRENT_TIMESTAMP',
  'CURRENT_ROW_TIMESTAMP',
  'LOCALTIME',
  'LOCALTIMESTAMP',
  'CURRENT_USER',
  'CURRENT_CATALOG',
  'PI',
]);
/** Reserved words that nevertheless cannot name a function. */
const NOT_FUNCTIONS = new Set([
  ...'SELECT FROM WHERE GROUP HAVING ORDER BY ON AND OR NOT IN AS USING WHEN THEN ELSE END'.split(' '),
  ...'UNION EXCEPT INTERSECT JOIN LIKE BETWEEN IS VALUES WITH TABLE LATERAL LIMIT OFFSET OVER'.split(' '),
  ...'FILTER INTERVAL CASE NULL TRUE FALSE INTO SET OVERLAPS'.split(' '),
]);
/** True when a function call comes next: `name(`, `a.b.name(` or a word like CURRENT_TIMESTAMP. */
export function isFunctionStart(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind !== 'word' && token.kind !== 'quoted') return false;
  if (NILADIC.has(token.upper) && RESERVED.has(token.upper)) return true;
  if (NOT_FUNCTIONS.has(token.upper)) return false;
  let ahead = 1;
  while (cursor.isOperator('.', ahead) && cursor.isIdentifier(ahead + 1)) ahead += 2;
  return cursor.isOperator('(', ahead);
}

/** Parses a call with what may follow it: WITHIN GROUP, FILTER, null treatment, OVER. */
export function parseFunction(cursor: Cursor): FunctionCall | SqlExpression {
  const name = functionName(cursor);
  const bare = callOf(name, []);
  if (!cursor.isOperator('(')) return { ...bare, parentheses: false };
  const word = name.parts.length === 1 ? name.parts[0]!.toUpperCase() : '';
  if (word === 'DESCRIPTOR') return parseDescriptor(cursor, name);
  const special = SPECIAL[word];
  cursor.expectOperator('(');
  const called = special === undefined ? plainArguments(cursor, bare) : callOf(name, special(cursor));
  cursor.expectOperator(')');
  return parseSuffix(cursor, called);
}

function functionName(cursor: Cursor): QualifiedName {
  const first = cursor.next();
  const parts = [first.text];
  while (cursor.acceptOperator('.')) parts.push(cursor.next().text);
  return { parts, at: first.at };
}

/** A plain call. */
export function callOf(name: QualifiedName, args: readonly SqlExpression[]): FunctionCall {
  return {
    kind: 'call',
    name,
    args,
    distinct: false,
    filter: null,
    withinGroup: null,
    nullTreatment: null,
    over: null,
    parentheses: true,
    at: name.at,
  };
}

function plainArguments(cursor: Cursor, bare: FunctionCall): FunctionCall {
  if (cursor.isOperator(')')) return bare;
  const distinct = cursor.acceptWord('DISTINCT');
  if (!distinct) cursor.acceptWord('ALL');
  return parseNullTreatment(cursor, { ...bare, distinct, args: cursor.list(() => argument(cursor)) });
}

/** RESPECT NULLS or IGNORE NULLS, before or behind the closing parenthesis. */
function parseNullTreatment(cursor: Cursor, called: FunctionCall): FunctionCall {
  if (!cursor.isOneOf('RESPECT', 'IGNORE') || cursor.peek(1).upper !== 'NULLS') return called;
  const nullTreatment = cursor.next().upper as 'RESPECT';
  cursor.next();
  return { ...called, nullTreatment };
}

/** An argument: `name => value`, TABLE t, a query, an expression. */
function argument(cursor: Cursor): SqlExpression {
  const { at } = cursor;
  if (cursor.isOperator('=>', 1)) {
    const name = cursor.next().text;
    cursor.next();
    return { kind: 'named', name, value: argument(cursor), at };
  }
  const isTable = cursor.isWord('TABLE') && cursor.isIdentifier(1);
  if (isTable || isQueryStart(cursor)) return tableArgument(cursor);
  return parseExpr(cursor);
}

function tableArgument(cursor: Cursor): SqlExpression {
  const { at } = cursor;
  const table = cursor.acceptWord('TABLE') ? cursor.qualifiedName('a table name') : parseQuery(cursor);
  const partitioned = cursor.acceptWord('PARTITION', 'BY');
  const inParentheses = partitioned && cursor.isOperator('(');
  const partitionBy = inParentheses
    ? cursor.parenthesized(() => parseExpr(cursor))
    : partitioned
      ? [parseExpr(cursor)] // several keys need parentheses: a comma ends the argument
      : [];
  return { kind: 'tableArgument', table, partitionBy, at };
}

function parseDescriptor(cursor: Cursor, name: QualifiedName): SqlExpression {
  const columns = cursor.parenthesized(() => cursor.identifier('a column name').name);
  return { kind: 'descriptor', columns, at: name.at };
}

function unit(cursor: Cursor): SqlExpression {
  const { at } = cursor;
  const word = acceptTimeUnit(cursor);
  if (word === null) throw cursor.unexpected('a time unit (YEAR, MONTH, DAY, HOUR, MINUTE, SECOND)');
  return { kind: 'keyword', word, at };
}

const SPECIAL: Readonly<Record<string, (cursor: Cursor) => SqlExpression[]>> = {
  EXTRACT: cursor => {
    const field = unit(cursor);
    cursor.expectWord('FROM');
    return [field, parseExpr(cursor)];
  },
  TIMESTAMPADD: unitFirst,
  TIMESTAMPDIFF: unitFirst,
  FLOOR: roundTo,
  CEIL: roundTo,
  CEILING: roundTo,
  POSITION: cursor => {
    const needle = parseExpr(cursor, PRECEDENCE.comparison);
    cursor.expectWord('IN');
    const args = [needle, parseExpr(cursor)];
    if (cursor.acceptWord('FROM')) args.push(parseExpr(cursor));
    return args;
  },
  SUBSTRING: cursor => {
    const args = [parseExpr(cursor)];
    if (cursor.acceptWord('FROM')) {
      args.push(parseExpr(cursor));
      if (cursor.acceptWord('FOR')) args.push(parseExpr(cursor));
      return args;
    }
    while (cursor.acceptOperator(',')) args.push(parseExpr(cursor));
    return args;
  },
  OVERLAY: cursor => {
    const args = [parseExpr(cursor)];
    cursor.expectWord('PLACING');
    args.push(parseExpr(cursor));
    cursor.expectWord('FROM');
    args.push(parseExpr(cursor));
    if (cursor.acceptWord('FOR')) args.push(parseExpr(cursor));
    return args;
  },
  TRIM: parseTrim,
  ...JSON_ARGUMENTS,
};

function unitFirst(cursor: Cursor): SqlExpression[] {
  const args = [unit(cursor)];
  while (cursor.acceptOperator(',')) args.push(parseExpr(cursor));
  return args;
}

/** FLOOR(x) and FLOOR(x TO unit). */
function roundTo(cursor: Cursor): SqlExpression[] {
  const args = [parseExpr(cursor)];
  if (cursor.acceptWord('TO')) args.push(unit(cursor));
  return args;
}

/** TRIM([[side] [characters] FROM] text) as side, characters, text. */
function parseTrim(cursor: Cursor): SqlExpression[] {
  const { at } = cursor;
  const side = cursor.isOneOf('BOTH', 'LEADING', 'TRAILING') ? cursor.next().upper : null;
  const keyword: SqlExpression = { kind: 'keyword', word: side ?? 'BOTH', at };
  const blank: SqlExpression = { kind: 'string', value: ' ', at };
  if (cursor.acceptWord('FROM')) {
    if (side === null) throw sqlInvalid(at, "found 'FROM', expected the characters or the side to trim");
    return [keyword, blank, parseExpr(cursor)];
  }
  const first = parseExpr(cursor);
  if (cursor.acceptWord('FROM')) return [keyword, first, parseExpr(cursor)];
  if (side !== null) throw cursor.unexpected('FROM');
  return [keyword, blank, first];
}

function parseSuffix(cursor: Cursor, called: FunctionCall): FunctionCall {
  let result = called;
  if (cursor.acceptWord('WITHIN', 'GROUP')) {
    cursor.expectOperator('(');
    result = { ...result, withinGroup: parseOrderItems(cursor) };
    cursor.expectOperator(')');
  }
  result = parseNullTreatment(cursor, result);
  if (cursor.acceptWord('FILTER')) {
    cursor.expectOperator('(');
    cursor.expectWord('WHERE');
    result = { ...result, filter: parseExpr(cursor) };
    cursor.expectOperator(')');
  }
  if (cursor.acceptWord('OVER')) result = { ...result, over: parseOver(cursor) };
  return result;
}

function parseOver(cursor: Cursor): string | WindowSpec {
  if (!cursor.isOperator('(')) return cursor.identifier('a window name').name;
  return parseWindowSpec(cursor);
}
