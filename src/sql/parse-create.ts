import type { Position } from './ast/position.ts';
import type { CreateNamespace, Statement } from './ast/statement.ts';
import type { Cursor } from './cursor.ts';
import { sqlUnsupported } from './errors.ts';
import { parseQuery } from './parse-query.ts';
import { parseCreateTable, parseOptions } from './parse-table.ts';

/** Parses CREATE TABLE, VIEW, FUNCTION, DATABASE, CATALOG. */
export function parseCreate(cursor: Cursor): Statement {
  const at = cursor.expectWord('CREATE');
  const orReplace = cursor.acceptWord('OR', 'REPLACE');
  if (orReplace && !cursor.isWord('TABLE')) {
    throw sqlUnsupported(at, `CREATE OR REPLACE ${cursor.peek().upper}`);
  }
  const temporary = cursor.acceptWord('TEMPORARY');
  const system = temporary && cursor.acceptWord('SYSTEM');
  if (system || cursor.isWord('FUNCTION')) return parseFunctionDefinition(cursor, at, temporary, system);
  const what = cursor.expectOneOf('TABLE', 'VIEW', 'DATABASE', 'CATALOG', 'FUNCTION');
  if (what === 'TABLE') return parseCreateTable(cursor, at, temporary, orReplace);
  if (what === 'VIEW') return parseCreateView(cursor, at, temporary);
  return parseNamespace(cursor, at, what as CreateNamespace['what']);
}

function parseCreateView(cursor: Cursor, at: Position, temporary: boolean): Statement {
  const ifNotExists = cursor.acceptWord('IF', 'NOT', 'EXISTS');
  const name = cursor.qualifiedName('a view name');
  const columns = cursor.isOperator('(')
    ? cursor.parenthesized(() => cursor.identifier('a column name'))
    : [];
  const comment = cursor.acceptWord('COMMENT') ? cursor.expectString('a comment') : null;
  cursor.expectWord('AS');
  return {
    kind: 'createView',
    temporary,
    ifNotExists,
    name,
    columns,
    comment,
    query: parseQuery(cursor),
    at,
  };
}

function parseFunctionDefinition(
  cursor: Cursor,
  at: Position,
  temporary: boolean,
  system: boolean,
): Statement {
  cursor.expectWord('FUNCTION');
  const ifNotExists = cursor.acceptWord('IF', 'NOT', 'EXISTS');
  const name = cursor.qualifiedName('a function name');
  cursor.expectWord('AS');
  const className = cursor.expectString('the class or module of the function as a string');
  const language = cursor.acceptWord('LANGUAGE') ? cursor.next().text.toUpperCase() : null;
  const isUsing = cursor.acceptWord('USING');
  if (isUsing && cursor.isWord('JAR')) throw sqlUnsupported(cursor.at, 'CREATE FUNCTION … USING JAR');
  const file = isUsing ? cursor.expectString("the function's file as a string") : null;
  return { kind: 'createFunction', temporary, system, ifNotExists, name, className, language, file, at };
}

function parseNamespace(cursor: Cursor, at: Position, what: CreateNamespace['what']): Statement {
  const ifNotExists = cursor.acceptWord('IF', 'NOT', 'EXISTS');
  const name = cursor.qualifiedName();
  const comment = cursor.acceptWord('COMMENT') ? cursor.expectString('a comment') : null;
  const options = cursor.acceptWord('WITH') ? parseOptions(cursor) : {};
  return { kind: 'createNamespace', what, ifNotExists, name, comment, options, at };
}
