import type { BinaryOperator, SqlExpression } from './ast/expression.ts';
import type { Position } from './ast/position.ts';
import type { Cursor } from './cursor.ts';
import { sqlInvalid, sqlUnsupported } from './errors.ts';
import { parsePrimary } from './parse-primary.ts';
import { isQueryStart, parseQuery } from './parse-query.ts';

/** Binding powers, as Calcite ranks its operators; higher binds tighter. */
export const PRECEDENCE = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  range: 6,
  additive: 7,
  multiplicative: 8,
  unary: 9,
  postfix: 10,
} as const;

/** The rank of each binary operator. */
export const BINARY: Readonly<Record<BinaryOperator, number>> = {
  OR: PRECEDENCE.or,
  AND: PRECEDENCE.and,
  '=': PRECEDENCE.comparison,
  '<>': PRECEDENCE.comparison,
  '!=': PRECEDENCE.comparison,
  '<': PRECEDENCE.comparison,
  '<=': PRECEDENCE.comparison,
  '>': PRECEDENCE.comparison,
  '>=': PRECEDENCE.comparison,
  '+': PRECEDENCE.additive,
  '-': PRECEDENCE.additive,
  '*': PRECEDENCE.multiplicative,
  '/': PRECEDENCE.multiplicative,
  '%': PRECEDENCE.multiplicative,
  '||': PRECEDENCE.multiplicative,
};

/** A longer chain makes a tree too deep to walk. */
const OPERATORS_MAX = 1000;

/** Parses an expression whose operators all bind tighter than `floor`. */
export function parseExpr(cursor: Cursor, floor = 0): SqlExpression {
  return cursor.nested(() => {
    let left = parsePrefix(cursor);
    for (let operators = 0; ; operators++) {
      if (operators > OPERATORS_MAX) {
        throw sqlInvalid(
          cursor.at,
          `the expression is too long: at most ${OPERATORS_MAX} operators in a row`,
        );
      }
      const longer = parseInfix(cursor, left, floor);
      if (longer === null) return left;
      left = longer;
    }
  });
}

function parsePrefix(cursor: Cursor): SqlExpression {
  const { at } = cursor;
  if (cursor.acceptWord('NOT')) {
    return { kind: 'unary', operator: 'NOT', operand: parseExpr(cursor, PRECEDENCE.not - 1), at };
  }
  for (const operator of ['-', '+'] as const) {
    if (!cursor.acceptOperator(operator)) continue;
    return { kind: 'unary', operator, operand: parseExpr(cursor, PRECEDENCE.unary - 1), at };
  }
  return parsePrimary(cursor);
}

function parseInfix(cursor: Cursor, left: SqlExpression, floor: number): SqlExpression | null {
  const token = cursor.peek();
  const symbol = token.kind === 'operator' ? token.text : token.upper;
  if (Object.hasOwn(BINARY, symbol)) {
    const operator = symbol as BinaryOperator;
    const rank = BINARY[operator];
    if (rank <= floor) return null;
    cursor.next();
    refuseQuantified(cursor, operator);
    return { kind: 'binary', operator, left, right: parseExpr(cursor, rank), at: token.at };
  }
  if (symbol === 'IS' && PRECEDENCE.is > floor) return parseIs(cursor, left);
  return parseRange(cursor, left, floor) ?? parsePostfix(cursor, left, floor);
}

function refuseQuantified(cursor: Cursor, operator: string): void {
  if (!cursor.isOneOf('ANY', 'ALL', 'SOME')) return;
  throw sqlUnsupported(cursor.at, `the comparison ${operator} ${cursor.peek().upper} (…)`);
}

function parseIs(cursor: Cursor, operand: SqlExpression): SqlExpression {
  const at = cursor.expectWord('IS');
  const negated = cursor.acceptWord('NOT');
  if (cursor.acceptWord('DISTINCT', 'FROM')) {
    return { kind: 'distinctFrom', left: operand, right: parseExpr(cursor, PRECEDENCE.is), negated, at };
  }
  if (cursor.acceptWord('JSON')) {
    const kind = cursor.isOneOf('VALUE', 'OBJECT', 'ARRAY', 'SCALAR') ? cursor.next().upper : 'VALUE';
    return { kind: 'is', operand, test: `JSON ${kind as 'VALUE'}`, negated, at };
  }
  const test = cursor.expectOneOf('NULL', 'TRUE', 'FALSE', 'UNKNOWN', 'DISTINCT', 'JSON');
  return { kind: 'is', operand, test: test as 'NULL', negated, at };
}

/** [NOT] BETWEEN, IN, LIKE, SIMILAR TO. */
function parseRange(cursor: Cursor, operand: SqlExpression, floor: number): SqlExpression | null {
  const { at } = cursor;
  const word = cursor.isWord('NOT') ? cursor.peek(1).upper : cursor.peek().upper;
  const rank = word === 'IN' ? PRECEDENCE.comparison : PRECEDENCE.range;
  if (!['BETWEEN', 'IN', 'LIKE', 'SIMILAR'].includes(word) || rank <= floor) return null;
  const negated = cursor.acceptWord('NOT');
  cursor.next();
  switch (word) {
    case 'BETWEEN':
      return parseBetween(cursor, operand, negated, at);
    case 'IN':
      return { kind: 'in', operand, items: parseInItems(cursor), negated, at };
    case 'LIKE':
      return parseLike(cursor, operand, 'LIKE', negated, at);
    default:
      cursor.expectWord('TO');
      return parseLike(cursor, operand, 'SIMILAR TO', negated, at);
  }
}

function parseBetween(cursor: Cursor, operand: SqlExpression, negated: boolean, at: Position): SqlExpression {
  const symmetric = cursor.acceptWord('SYMMETRIC');
  cursor.acceptWord('ASYMMETRIC');
  const low = parseExpr(cursor, PRECEDENCE.range);
  cursor.expectWord('AND');
  const high = parseExpr(cursor, PRECEDENCE.range);
  return { kind: 'between', operand, low, high, negated, symmetric, at };
}

function parseInItems(cursor: Cursor) {
  if (cursor.isOperator('(') && isQueryStart(cursor, 1)) {
    cursor.expectOperator('(');
    const query = parseQuery(cursor);
    cursor.expectOperator(')');
    return query;
  }
  return cursor.parenthesized(() => parseExpr(cursor));
}

function parseLike(
  cursor: Cursor,
  operand: SqlExpression,
  operator: 'LIKE' | 'SIMILAR TO',
  negated: boolean,
  at: Position,
): SqlExpression {
  const pattern = parseExpr(cursor, PRECEDENCE.range);
  const escapeCharacter = cursor.acceptWord('ESCAPE') ? parseExpr(cursor, PRECEDENCE.range) : null;
  return { kind: 'like', operator, operand, pattern, escape: escapeCharacter, negated, at };
}

/** `[index]` and `.field` of something that is not a plain column. */
function parsePostfix(cursor: Cursor, operand: SqlExpression, floor: number): SqlExpression | null {
  const { at } = cursor;
  if (PRECEDENCE.postfix <= floor) return null;
  if (cursor.acceptOperator('[')) {
    const index = parseExpr(cursor);
    cursor.expectOperator(']');
    return { kind: 'item', operand, index, at };
  }
  if (cursor.acceptOperator('.')) {
    return { kind: 'field', operand, name: cursor.identifier('a field name').name, at };
  }
  return null;
}
