import { type SqlExpression, TIME_UNITS, type TimeUnit } from './ast/expression.ts';
import type { Position } from './ast/position.ts';
import type { Cursor } from './cursor.ts';
import { sqlUnsupported } from './errors.ts';
import { parseExpr } from './parse-expression.ts';
import { callOf, isFunctionStart, parseFunction } from './parse-function.ts';
import { isQueryStart, parseQuery } from './parse-query.ts';
import { parseType } from './parse-type.ts';
import { RESERVED } from './reserved.ts';

/**
 * Parses what an operator stands between: a literal, a name, a call, a constructor, something in
 * parentheses.
 */
export function parsePrimary(cursor: Cursor): SqlExpression {
  const token = cursor.peek();
  switch (token.kind) {
    case 'number':
      cursor.next();
      return { kind: 'number', text: token.text, at: token.at };
    case 'string':
      cursor.next();
      return { kind: 'string', value: token.text, at: token.at };
    case 'hex':
      cursor.next();
      return { kind: 'binaryString', hex: token.text, at: token.at };
    case 'operator':
      return parseSymbol(cursor);
    default:
      return parseWord(cursor);
  }
}

function parseSymbol(cursor: Cursor): SqlExpression {
  const { at } = cursor;
  if (cursor.acceptOperator('*')) return { kind: 'star', qualifier: [], at };
  if (!cursor.isOperator('(')) throw cursor.unexpected('an expression');
  if (isQueryStart(cursor, 1)) return { kind: 'subquery', query: parenthesizedQuery(cursor), at };
  const items = cursor.parenthesized(() => parseExpr(cursor));
  if (items.length === 2 && cursor.isWord('OVERLAPS')) return parseOverlaps(cursor, items);
  if (items.length > 1) return { kind: 'row', items, explicit: false, at };
  return parseDifference(cursor, items[0]!);
}

/** `(start, end) OVERLAPS (start, end)`, as a call of four arguments. */
function parseOverlaps(cursor: Cursor, first: readonly SqlExpression[]): SqlExpression {
  const { at } = cursor.next();
  const second = cursor.parenthesized(() => parseExpr(cursor));
  if (second.length !== 2) throw cursor.unexpected('a period of two times');
  return callOf({ parts: ['OVERLAPS'], at }, [...first, ...second]);
}

/** What stood in parentheses, or the difference of times that a unit makes of it. */
function parseDifference(cursor: Cursor, inner: SqlExpression): SqlExpression {
  const { upper, at } = cursor.peek();
  if (inner.kind !== 'binary' || inner.operator !== '-' || !RESERVED.has(upper)) return inner;
  const unit = acceptTimeUnit(cursor);
  if (unit === null) return inner;
  const to = cursor.acceptWord('TO') ? expectUnit(cursor) : null;
  return { kind: 'difference', left: inner.left, right: inner.right, unit, to, at };
}

function parenthesizedQuery(cursor: Cursor) {
  cursor.expectOperator('(');
  const query = parseQuery(cursor);
  cursor.expectOperator(')');
  return query;
}

function parseWord(cursor: Cursor): SqlExpression {
  const token = cursor.peek();
  const { at } = token;
  switch (token.upper) {
    case 'NULL':
      cursor.next();
      return { kind: 'null', at };
    case 'TRUE':
    case 'FALSE':
      cursor.next();
      return { kind: 'boolean', value: token.upper === 'TRUE', at };
    case 'UNKNOWN':
      throw sqlUnsupported(at, 'the literal UNKNOWN');
    case 'CASE':
      return parseCase(cursor);
    case 'CAST':
    case 'TRY_CAST':
      if (cursor.isOperator('(', 1)) return parseCast(cursor);
      break;
    case 'EXISTS':
      cursor.next();
      return { kind: 'exists', query: parenthesizedQuery(cursor), at };
    case 'INTERVAL':
      return parseInterval(cursor);
  }
  return parseTemporal(cursor) ?? parseConstructor(cursor) ?? parseNameOrCall(cursor);
}

function parseTemporal(cursor: Cursor): SqlExpression | null {
  const { at } = cursor;
  if (!cursor.isOneOf('DATE', 'TIME', 'TIMESTAMP') || cursor.peek(1).kind !== 'string') return null;
  const type = cursor.next().upper as 'DATE';
  return { kind: 'temporal', type, value: cursor.expectString(), at };
}

function parseConstructor(cursor: Cursor): SqlExpression | null {
  const { at } = cursor;
  const list = () => {
    cursor.expectOperator('[');
    const items = cursor.isOperator(']') ? [] : cursor.list(() => parseExpr(cursor));
    cursor.expectOperator(']');
    return items;
  };
  if (cursor.isOneOf('ARRAY', 'MAP') && cursor.isOperator('[', 1)) {
    return cursor.next().upper === 'ARRAY'
      ? { kind: 'array', items: list(), at }
      : { kind: 'map', items: list(), at };
  }
  if (!cursor.isWord('ROW') || !cursor.isOperator('(', 1)) return null;
  cursor.next();
  return { kind: 'row', items: cursor.parenthesized(() => parseExpr(cursor)), explicit: true, at };
}

function parseNameOrCall(cursor: Cursor): SqlExpression {
  if (isFunctionStart(cursor)) return parseFunction(cursor);
  const first = cursor.identifier('an expression');
  const parts = [first.name];
  while (cursor.isOperator('.')) {
    if (cursor.isOperator('*', 1)) {
      cursor.next();
      cursor.next();
      return { kind: 'star', qualifier: parts, at: first.at };
    }
    cursor.next();
    parts.push(cursor.identifier('a column name').name);
  }
  return { kind: 'column', parts, at: first.at };
}

function parseCase(cursor: Cursor): SqlExpression {
  const at = cursor.expectWord('CASE');
  const operand = cursor.isWord('WHEN') ? null : parseExpr(cursor);
  const branches: { when: SqlExpression; result: SqlExpression }[] = [];
  do {
    cursor.expectWord('WHEN');
    const when = parseExpr(cursor);
    cursor.expectWord('THEN');
    branches.push({ when, result: parseExpr(cursor) });
  } while (cursor.isWord('WHEN'));
  const otherwise = cursor.acceptWord('ELSE') ? parseExpr(cursor) : null;
  cursor.expectWord('END');
  return { kind: 'case', operand, branches, otherwise, at };
}

function parseCast(cursor: Cursor): SqlExpression {
  const { upper, at } = cursor.next();
  cursor.expectOperator('(');
  const operand = parseExpr(cursor);
  cursor.expectWord('AS');
  const unit = cursor.isWord('INTERVAL') ? TIME_UNITS.find(name => name === cursor.peek(1).upper) : undefined;
  const isPlain = unit !== undefined && cursor.isOperator(')', 2);
  const type = parseType(cursor);
  cursor.expectOperator(')');
  const cast: SqlExpression = { kind: 'cast', operand, type, safe: upper === 'TRY_CAST', at };
  return isPlain ? { ...cast, unit } : cast;
}

/** A time unit, also in the plural as Flink allows; null when none comes next. */
export function acceptTimeUnit(cursor: Cursor): TimeUnit | null {
  const word = cursor.peek().upper;
  const unit = TIME_UNITS.find(name => name === word || `${name}S` === word);
  if (unit === undefined) return null;
  cursor.next();
  return unit;
}

function parseInterval(cursor: Cursor): SqlExpression {
  const at: Position = cursor.expectWord('INTERVAL');
  const negative = cursor.acceptOperator('-');
  if (!negative) cursor.acceptOperator('+');
  const value = cursor.expectString("the interval's value as a string");
  const from = expectUnit(cursor);
  let precision: number | null = null;
  if (cursor.acceptOperator('(')) {
    precision = cursor.expectInteger('the precision');
    if (cursor.acceptOperator(',')) cursor.expectInteger('the fractional precision');
    cursor.expectOperator(')');
  }
  let to: TimeUnit | null = null;
  if (cursor.acceptWord('TO')) {
    to = expectUnit(cursor);
    if (cursor.acceptOperator('(')) {
      cursor.expectInteger('the fractional precision');
      cursor.expectOperator(')');
    }
  }
  return { kind: 'interval', negative, value, from, precision, to, at };
}

function expectUnit(cursor: Cursor): TimeUnit {
  const unit = acceptTimeUnit(cursor);
  if (unit === null) throw cursor.unexpected('a time unit (YEAR, MONTH, DAY, HOUR, MINUTE, SECOND)');
  return unit;
}
