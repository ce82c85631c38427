import type { SqlExpression } from './ast/expression.ts';
import type { Cursor } from './cursor.ts';
import { parseExpr } from './parse-expression.ts';
import { parseType } from './parse-type.ts';

/**
 * The arguments of the SQL/JSON functions. Clauses are keywords among the arguments: `TRUE ON ERROR`,
 * `DEFAULT` x `ON EMPTY`, `VALUE` between key and value; `RETURNING` is followed by a CAST of NULL to the type.
 */
export const JSON_ARGUMENTS: Readonly<Record<string, (cursor: Cursor) => SqlExpression[]>> = {
  JSON_EXISTS: cursor => {
    const args = documentAndPath(cursor);
    const { at } = cursor;
    if (!cursor.isOneOf('TRUE', 'FALSE', 'UNKNOWN', 'ERROR')) return args;
    const word = cursor.next().upper;
    cursor.expectWord('ON', 'ERROR');
    return [...args, { kind: 'keyword', word: `${word} ON ERROR`, at }];
  },
  JSON_VALUE: cursor => [
    ...documentAndPath(cursor),
    ...returning(cursor),
    ...behaviours(cursor, ['NULL', 'ERROR', 'DEFAULT']),
  ],
  JSON_QUERY: cursor => [
    ...documentAndPath(cursor),
    ...returning(cursor),
    ...wrapper(cursor),
    ...behaviours(cursor, ['NULL', 'ERROR', 'EMPTY']),
  ],
  JSON_OBJECT: cursor => {
    const args: SqlExpression[] = [];
    while (!cursor.isOperator(')') && !isOnNull(cursor)) {
      if (args.length > 0) cursor.expectOperator(',');
      args.push(...entry(cursor));
    }
    return [...args, ...onNull(cursor)];
  },
  JSON_ARRAY: cursor => {
    const args: SqlExpression[] = [];
    while (!cursor.isOperator(')') && !isOnNull(cursor)) {
      if (args.length > 0) cursor.expectOperator(',');
      args.push(parseExpr(cursor));
    }
    return [...args, ...onNull(cursor)];
  },
  JSON_OBJECTAGG: cursor => [...entry(cursor), ...onNull(cursor)],
  JSON_ARRAYAGG: cursor => [parseExpr(cursor), ...onNull(cursor)],
};

function documentAndPath(cursor: Cursor): SqlExpression[] {
  const document = parseExpr(cursor);
  cursor.expectOperator(',');
  return [document, parseExpr(cursor)];
}

function returning(cursor: Cursor): SqlExpression[] {
  const { at } = cursor;
  if (!cursor.acceptWord('RETURNING')) return [];
  const type = parseType(cursor);
  const typed: SqlExpression = { kind: 'cast', operand: { kind: 'null', at }, type, safe: false, at };
  return [{ kind: 'keyword', word: 'RETURNING', at }, typed];
}

/** `… ON EMPTY` and `… ON ERROR`, each once, in this order. */
function behaviours(cursor: Cursor, words: readonly string[]): SqlExpression[] {
  const found: SqlExpression[] = [];
  for (const event of ['EMPTY', 'ERROR']) {
    const { at } = cursor;
    if (!cursor.isOneOf(...words)) return found;
    const word = cursor.next().upper;
    if (word === 'DEFAULT') {
      found.push({ kind: 'keyword', word, at }, parseExpr(cursor));
      cursor.expectWord('ON');
      const on = cursor.expectOneOf(...(event === 'EMPTY' ? ['EMPTY', 'ERROR'] : ['ERROR']));
      found.push({ kind: 'keyword', word: `ON ${on}`, at });
      if (on === 'ERROR') return found;
      continue;
    }
    const what = word === 'EMPTY' ? `EMPTY ${cursor.expectOneOf('ARRAY', 'OBJECT')}` : word;
    cursor.expectWord('ON');
    const on = cursor.expectOneOf(...(event === 'EMPTY' ? ['EMPTY', 'ERROR'] : ['ERROR']));
    found.push({ kind: 'keyword', word: `${what} ON ${on}`, at });
    if (on === 'ERROR') return found;
  }
  return found;
}

/** WITHOUT, WITH CONDITIONAL or WITH UNCONDITIONAL [ARRAY] WRAPPER. */
function wrapper(cursor: Cursor): SqlExpression[] {
  const { at } = cursor;
  if (!cursor.isOneOf('WITH', 'WITHOUT')) return [];
  const without = cursor.next().upper === 'WITHOUT';
  const conditional = !without && cursor.acceptWord('CONDITIONAL');
  if (!without && !conditional) cursor.acceptWord('UNCONDITIONAL');
  cursor.acceptWord('ARRAY');
  cursor.expectWord('WRAPPER');
  const kind = without ? 'WITHOUT' : conditional ? 'WITH CONDITIONAL' : 'WITH UNCONDITIONAL';
  return [{ kind: 'keyword', word: `${kind} ARRAY WRAPPER`, at }];
}

/** `[KEY] key VALUE value` or `key : value`. */
function entry(cursor: Cursor): SqlExpression[] {
  const { at } = cursor;
  if (cursor.isWord('KEY') && !cursor.isOperator(',', 1) && !cursor.isOperator(':', 1)) cursor.next();
  const key = parseExpr(cursor);
  if (!cursor.acceptOperator(':')) cursor.expectWord('VALUE');
  return [key, { kind: 'keyword', word: 'VALUE', at }, parseExpr(cursor)];
}

const isOnNull = (cursor: Cursor): boolean =>
  cursor.isWord('NULL', 'ON', 'NULL') || cursor.isWord('ABSENT', 'ON', 'NULL');

function onNull(cursor: Cursor): SqlExpression[] {
  const { at } = cursor;
  if (!isOnNull(cursor)) return [];
  const word = `${cursor.next().upper} ON NULL`;
  cursor.expectWord('ON', 'NULL');
  return [{ kind: 'keyword', word, at }];
}

/** What stands before an argument of a JSON function in SQL text. */
export function jsonSeparator(args: readonly SqlExpression[], index: number): string {
  if (index === 0) return '';
  const [before, here] = [args[index - 1]!, args[index]!];
  return before.kind === 'keyword' || here.kind === 'keyword' ? ' ' : ', ';
}
