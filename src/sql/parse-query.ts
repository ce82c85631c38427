import type { SqlExpression } from './ast/expression.ts';
import type {
  CommonTable,
  GroupItem,
  NamedWindow,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  Values,
} from './ast/query.ts';
import type { Cursor } from './cursor.ts';
import { sqlInvalid } from './errors.ts';
import { parseExpr } from './parse-expression.ts';
import { parseFrom, parseHints } from './parse-from.ts';
import { parseOrderItems, parseWindowSpec } from './parse-window.ts';

/** True when a query starts `ahead` tokens on, through any opening parentheses. */
export function isQueryStart(cursor: Cursor, ahead = 0): boolean {
  let i = ahead;
  while (cursor.isOperator('(', i)) i++;
  const { upper } = cursor.peek(i);
  if (upper === 'TABLE' && i === ahead) return false;
  return upper === 'SELECT' || upper === 'WITH' || upper === 'VALUES';
}

/** Parses `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …] [FETCH …]`. */
export function parseQuery(cursor: Cursor): Query {
  return cursor.nested(() => parseWholeQuery(cursor));
}

function parseWholeQuery(cursor: Cursor): Query {
  const { at } = cursor;
  const commonTables = parseWith(cursor);
  const body = parseSetOperations(cursor, 0);
  const orderBy = cursor.isWord('ORDER') ? parseOrderItems(cursor) : [];
  const { limit, offset } = parseLimit(cursor);
  return { kind: 'query', with: commonTables, body, orderBy, limit, offset, at };
}

function parseWith(cursor: Cursor): CommonTable[] {
  if (!cursor.acceptWord('WITH')) return [];
  return cursor.list(() => {
    const name = cursor.identifier('the name of a common table');
    const columns = cursor.isOperator('(') ? cursor.parenthesized(() => cursor.identifier()) : [];
    cursor.expectWord('AS');
    cursor.expectOperator('(');
    const query = parseQuery(cursor);
    cursor.expectOperator(')');
    return { name, columns, query };
  });
}

function parseLimit(cursor: Cursor): Pick<Query, 'limit' | 'offset'> {
  let limit: SqlExpression | null = null;
  let offset: SqlExpression | null = null;
  if (cursor.acceptWord('LIMIT') && !cursor.acceptWord('ALL')) {
    limit = parseExpr(cursor);
    if (cursor.acceptOperator(',')) {
      offset = limit;
      limit = parseExpr(cursor);
    }
  }
  if (cursor.acceptWord('OFFSET')) {
    offset = parseExpr(cursor);
    if (!cursor.acceptWord('ROW')) cursor.acceptWord('ROWS');
  }
  if (cursor.acceptWord('FETCH')) {
    cursor.expectOneOf('FIRST', 'NEXT');
    limit = parseExpr(cursor);
    cursor.expectOneOf('ROW', 'ROWS');
    cursor.expectWord('ONLY');
  }
  return { limit, offset };
}

const SET_RANK: Readonly<Record<string, number>> = { UNION: 1, EXCEPT: 1, MINUS: 1, INTERSECT: 2 };

function parseSetOperations(cursor: Cursor, floor: number): QueryBody {
  let left = parseTerm(cursor);
  for (;;) {
    const { upper, at } = cursor.peek();
    const rank = Object.hasOwn(SET_RANK, upper) ? SET_RANK[upper]! : 0;
    if (rank <= floor) return left;
    cursor.next();
    const operator = (upper === 'MINUS' ? 'EXCEPT' : upper) as SetOperation['operator'];
    const all = cursor.acceptWord('ALL');
    if (!all) cursor.acceptWord('DISTINCT');
    left = { kind: 'setOperation', operator, all, left, right: parseSetOperations(cursor, rank), at };
  }
}

function parseTerm(cursor: Cursor): QueryBody {
  if (cursor.isWord('SELECT')) return parseSelect(cursor);
  if (cursor.isWord('VALUES')) return parseValues(cursor);
  if (cursor.isWord('TABLE') && cursor.isIdentifier(1)) return parseTableQuery(cursor);
  if (!cursor.acceptOperator('(')) throw cursor.unexpected('SELECT, VALUES, WITH or a query in parentheses');
  const query = parseQuery(cursor);
  cursor.expectOperator(')');
  return query;
}

/** TABLE t is SELECT * FROM t. */
function parseTableQuery(cursor: Cursor): Select {
  const at = cursor.expectWord('TABLE');
  const name = cursor.qualifiedName('a table name');
  return {
    ...emptySelect(at),
    items: [{ expression: { kind: 'star', qualifier: [], at }, alias: null }],
    from: { kind: 'table', name, hints: [], asOf: null, alias: null, at: name.at },
  };
}

function emptySelect(at: Select['at']): Select {
  return {
    kind: 'select',
    hints: [],
    distinct: false,
    items: [],
    from: null,
    where: null,
    groupBy: null,
    having: null,
    windows: [],
    qualify: null,
    at,
  };
}

function parseValues(cursor: Cursor): Values {
  const at = cursor.expectWord('VALUES');
  const rows = cursor.list(() => {
    const row = parseExpr(cursor);
    return row.kind === 'row' ? row.items : [row];
  });
  if (rows.some(row => row.length !== rows[0]!.length)) {
    throw sqlInvalid(at, 'Values passed to VALUES operator must have compatible types');
  }
  return { kind: 'values', rows, at };
}

function parseSelect(cursor: Cursor): Select {
  const at = cursor.expectWord('SELECT');
  const hints = parseHints(cursor);
  const distinct = cursor.acceptWord('DISTINCT');
  if (!distinct) cursor.acceptWord('ALL');
  const items = cursor.list(() => parseSelectItem(cursor));
  return {
    ...emptySelect(at),
    hints,
    distinct,
    items,
    from: cursor.acceptWord('FROM') ? parseFrom(cursor) : null,
    where: cursor.acceptWord('WHERE') ? parseExpr(cursor) : null,
    groupBy: cursor.acceptWord('GROUP', 'BY') ? cursor.list(() => parseGroupItem(cursor)) : null,
    having: cursor.acceptWord('HAVING') ? parseExpr(cursor) : null,
    windows: cursor.acceptWord('WINDOW') ? cursor.list(() => parseNamedWindow(cursor)) : [],
    qualify: cursor.acceptWord('QUALIFY') ? parseExpr(cursor) : null,
  };
}

function parseSelectItem(cursor: Cursor): SelectItem {
  const expression = parseExpr(cursor);
  if (cursor.acceptWord('AS')) return { expression, alias: cursor.identifier('a column name') };
  return { expression, alias: cursor.isIdentifier() ? cursor.identifier() : null };
}

function parseNamedWindow(cursor: Cursor): NamedWindow {
  const name = cursor.identifier('a window name');
  cursor.expectWord('AS');
  return { name, spec: parseWindowSpec(cursor) };
}

function parseGroupItem(cursor: Cursor): GroupItem {
  const { at } = cursor;
  const operator = cursor.isWord('GROUPING', 'SETS')
    ? 'GROUPING SETS'
    : cursor.isOneOf('ROLLUP', 'CUBE') && cursor.isOperator('(', 1)
      ? (cursor.peek().upper as 'ROLLUP')
      : null;
  if (operator === null) {
    if (cursor.isOperator('(') && cursor.isOperator(')', 1)) {
      cursor.next();
      cursor.next();
      return { kind: 'sets', operator: 'GROUPING SETS', sets: [[]], at };
    }
    return { kind: 'expression', expression: parseExpr(cursor) };
  }
  for (const _ of operator.split(' ')) cursor.next();
  return { kind: 'sets', operator, sets: cursor.parenthesized(() => groupingSet(cursor)), at };
}

function groupingSet(cursor: Cursor): readonly SqlExpression[] {
  if (cursor.isOperator('(') && cursor.isOperator(')', 1)) {
    cursor.next();
    cursor.next();
    return [];
  }
  const expression = parseExpr(cursor);
  return expression.kind === 'row' && !expression.explicit ? expression.items : [expression];
}
