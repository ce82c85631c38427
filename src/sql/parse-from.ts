import type { FunctionCall, SqlExpression } from './ast/expression.ts';
import type { Identifier, Position } from './ast/position.ts';
import type { Hint, Join, TableAlias, TableReference } from './ast/query.ts';
import type { Cursor } from './cursor.ts';
import { sqlUnsupported } from './errors.ts';
import { parseExpr } from './parse-expression.ts';
import { parseFunction } from './parse-function.ts';
import { isQueryStart, parseQuery } from './parse-query.ts';

/** Parses what follows FROM: tables, joins, commas. */
export function parseFrom(cursor: Cursor): TableReference {
  let left = parseJoins(cursor);
  for (;;) {
    const { at } = cursor;
    if (!cursor.acceptOperator(',')) return left;
    const right = parseJoins(cursor);
    left = { kind: 'join', type: 'CROSS', natural: false, comma: true, left, right, on: null, using: [], at };
  }
}

function parseJoins(cursor: Cursor): TableReference {
  let left = parseTable(cursor);
  for (;;) {
    const join = parseJoin(cursor, left);
    if (join === null) return left;
    left = join;
  }
}

function parseJoin(cursor: Cursor, left: TableReference): Join | null {
  const { at } = cursor;
  const natural = cursor.acceptWord('NATURAL');
  const type = joinType(cursor);
  if (type === null) {
    if (natural) throw cursor.unexpected('JOIN');
    return null;
  }
  const right = parseTable(cursor);
  const open = type !== 'CROSS' && !natural;
  let on: SqlExpression | null = null;
  let using: readonly Identifier[] = [];
  if (open && cursor.acceptWord('ON')) on = parseExpr(cursor);
  else if (open && cursor.acceptWord('USING'))
    using = cursor.parenthesized(() => cursor.identifier('a column name'));
  return { kind: 'join', type, natural, comma: false, left, right, on, using, at };
}

function joinType(cursor: Cursor): Join['type'] | null {
  if (cursor.acceptWord('JOIN')) return 'INNER';
  if (cursor.isOneOf('INNER', 'CROSS')) {
    const type = cursor.next().upper as 'INNER' | 'CROSS';
    cursor.expectWord('JOIN');
    return type;
  }
  if (!cursor.isOneOf('LEFT', 'RIGHT', 'FULL')) return null;
  const type = cursor.next().upper as 'LEFT' | 'RIGHT' | 'FULL';
  cursor.acceptWord('OUTER');
  cursor.expectWord('JOIN');
  return type;
}

function parseTable(cursor: Cursor): TableReference {
  return cursor.nested(() => parseOneTable(cursor));
}

function parseOneTable(cursor: Cursor): TableReference {
  const { at } = cursor;
  const lateral = cursor.acceptWord('LATERAL');
  if (cursor.isWord('TABLE') && cursor.isOperator('(', 1)) return parseTableFunction(cursor, lateral, at);
  if (cursor.isWord('UNNEST')) return parseUnnest(cursor, at);
  if (cursor.acceptOperator('(')) return parseParenthesized(cursor, lateral, at);
  const name = cursor.qualifiedName('a table');
  if (cursor.isOperator('(')) throw cursor.unexpected('TABLE(…) around a table function');
  const hints = parseHints(cursor);
  const asOf = cursor.acceptWord('FOR', 'SYSTEM_TIME', 'AS', 'OF') ? parseExpr(cursor) : null;
  if (cursor.isWord('MATCH_RECOGNIZE')) throw sqlUnsupported(cursor.at, 'MATCH_RECOGNIZE');
  if (cursor.isWord('TABLESAMPLE')) throw sqlUnsupported(cursor.at, 'TABLESAMPLE');
  return { kind: 'table', name, hints, asOf, alias: parseAlias(cursor), at: name.at };
}

function parseParenthesized(cursor: Cursor, lateral: boolean, at: Position): TableReference {
  if (isQueryStart(cursor)) {
    const query = parseQuery(cursor);
    cursor.expectOperator(')');
    return { kind: 'derived', lateral, query, alias: parseAlias(cursor), at };
  }
  const inner = parseFrom(cursor);
  cursor.expectOperator(')');
  return inner;
}

function parseTableFunction(cursor: Cursor, lateral: boolean, at: Position): TableReference {
  cursor.expectWord('TABLE');
  cursor.expectOperator('(');
  const call = parseFunction(cursor);
  if (call.kind !== 'call') throw cursor.unexpected('a table function');
  cursor.expectOperator(')');
  return { kind: 'tableFunction', lateral, call: call as FunctionCall, alias: parseAlias(cursor), at };
}

function parseUnnest(cursor: Cursor, at: Position): TableReference {
  cursor.expectWord('UNNEST');
  const args = cursor.parenthesized(() => parseExpr(cursor));
  const ordinality = cursor.acceptWord('WITH', 'ORDINALITY');
  return { kind: 'unnest', args, ordinality, alias: parseAlias(cursor), at };
}

function parseAlias(cursor: Cursor): TableAlias | null {
  const named = cursor.acceptWord('AS');
  if (!named && !cursor.isIdentifier()) return null;
  const name = cursor.identifier('a table alias');
  const columns = cursor.isOperator('(')
    ? cursor.parenthesized(() => cursor.identifier('a column name'))
    : [];
  return { name, columns };
}

/** `/*+ OPTIONS('k'='v'), BROADCAST(a) * /`, if one comes next. */
export function parseHints(cursor: Cursor): Hint[] {
  if (!cursor.acceptOperator('/*+')) return [];
  const hints = cursor.list(() => parseHint(cursor));
  cursor.expectOperator('*/');
  return hints;
}

function parseHint(cursor: Cursor): Hint {
  const { name, at } = cursor.identifier('a hint');
  const options: Record<string, string> = {};
  const args: string[] = [];
  if (!cursor.isOperator('(')) return { name, options, args, at };
  cursor.parenthesized(() => {
    const key = cursor.peek().kind === 'string' ? cursor.expectString() : cursor.identifier().name;
    if (cursor.acceptOperator('=')) options[key] = cursor.expectString();
    else args.push(key);
  });
  return { name, options, args, at };
}
