import type { OrderItem } from './ast/expression.ts';
import type { FrameBound, WindowFrame, WindowSpec } from './ast/query.ts';
import type { Cursor } from './cursor.ts';
import { parseExpr } from './parse-expression.ts';

/** `ORDER BY item {, item}`, the words included. */
export function parseOrderItems(cursor: Cursor): OrderItem[] {
  cursor.expectWord('ORDER', 'BY');
  return cursor.list(() => {
    const expression = parseExpr(cursor);
    const descending = cursor.acceptWord('DESC');
    if (!descending) cursor.acceptWord('ASC');
    const nulls = cursor.acceptWord('NULLS') ? (cursor.expectOneOf('FIRST', 'LAST') as 'FIRST') : null;
    return { expression, descending, nulls };
  });
}

/** What stands in the parentheses of OVER and WINDOW, parentheses included. */
export function parseWindowSpec(cursor: Cursor): WindowSpec {
  const at = cursor.expectOperator('(');
  const startsHere = cursor.isOneOf('PARTITION', 'ORDER', 'ROWS', 'RANGE');
  const base = !startsHere && cursor.isIdentifier() ? cursor.identifier().name : null;
  const partitionBy = cursor.acceptWord('PARTITION', 'BY') ? cursor.list(() => parseExpr(cursor)) : [];
  const orderBy = cursor.isWord('ORDER') ? parseOrderItems(cursor) : [];
  const frame = cursor.isOneOf('ROWS', 'RANGE') ? parseFrame(cursor) : null;
  cursor.expectOperator(')');
  return { kind: 'window', base, partitionBy, orderBy, frame, at };
}

function parseFrame(cursor: Cursor): WindowFrame {
  const unit = cursor.expectOneOf('ROWS', 'RANGE') as 'ROWS';
  if (!cursor.acceptWord('BETWEEN')) return { unit, start: parseBound(cursor), end: null };
  const start = parseBound(cursor);
  cursor.expectWord('AND');
  return { unit, start, end: parseBound(cursor) };
}

function parseBound(cursor: Cursor): FrameBound {
  if (cursor.acceptWord('CURRENT', 'ROW')) return { kind: 'current' };
  if (cursor.acceptWord('UNBOUNDED')) {
    return { kind: 'unbounded', direction: direction(cursor), value: null };
  }
  const value = parseExpr(cursor);
  return { kind: 'bounded', direction: direction(cursor), value };
}

function direction(cursor: Cursor): 'PRECEDING' | 'FOLLOWING' {
  return cursor.expectOneOf('PRECEDING', 'FOLLOWING') as 'PRECEDING';
}
