import type { Position } from './ast/position.ts';
import type { Alter, AlterAction, CreateNamespace, Statement } from './ast/statement.ts';
import type { Cursor } from './cursor.ts';
import { sqlUnsupported } from './errors.ts';
import { parseQuery } from './parse-query.ts';
import { parseCreateTable, parseOptions } from './parse-table.ts';

/** Parses CREATE TABLE, VIEW, FUNCTION, DATABASE, CATALOG. */
export function parseCreate(cursor: Cursor): Statement {
  const at = cursor.expectWord('CREATE');
  if (cursor.isWord('OR')) throw sqlUnsupported(cursor.at, 'CREATE OR REPLACE');
  const temporary = cursor.acceptWord('TEMPORARY');
  const system = temporary && cursor.acceptWord('SYSTEM');
  if (system || cursor.isWord('FUNCTION')) return parseFunctionDefinition(cursor, at, temporary, system);
  const what = cursor.expectOneOf('TABLE', 'VIEW', 'DATABASE', 'CATALOG', 'FUNCTION');
  if (what === 'TABLE') return parseCreateTable(cursor, at, temporary);
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
  if (cursor.isWord('USING')) throw sqlUnsupported(cursor.at, 'CREATE FUNCTION … USING JAR');
  return { kind: 'createFunction', temporary, system, ifNotExists, name, className, language, at };
}

function parseNamespace(cursor: Cursor, at: Position, what: CreateNamespace['what']): Statement {
  const ifNotExists = cursor.acceptWord('IF', 'NOT', 'EXISTS');
  const name = cursor.qualifiedName();
  const comment = cursor.acceptWord('COMMENT') ? cursor.expectString('a comment') : null;
  const options = cursor.acceptWord('WITH') ? parseOptions(cursor) : {};
  return { kind: 'createNamespace', what, ifNotExists, name, comment, options, at };
}

/** Parses ALTER TABLE and ALTER VIEW: RENAME TO, SET and RESET. */
export function parseAlter(cursor: Cursor): Statement {
  const at = cursor.expectWord('ALTER');
  if (cursor.isOneOf('DATABASE', 'FUNCTION', 'CATALOG')) {
    throw sqlUnsupported(cursor.at, `ALTER ${cursor.peek().upper}`);
  }
  const what = cursor.expectOneOf('TABLE', 'VIEW') as Alter['what'];
  const ifExists = cursor.acceptWord('IF', 'EXISTS');
  const name = cursor.qualifiedName();
  return { kind: 'alter', what, ifExists, name, action: parseAlterAction(cursor), at };
}

function parseAlterAction(cursor: Cursor): AlterAction {
  if (cursor.acceptWord('RENAME', 'TO')) return { kind: 'rename', to: cursor.qualifiedName() };
  if (cursor.acceptWord('SET')) return { kind: 'setOptions', options: parseOptions(cursor) };
  if (cursor.acceptWord('RESET')) {
    return { kind: 'resetOptions', keys: cursor.parenthesized(() => cursor.expectString("an option's key")) };
  }
  if (cursor.isOneOf('ADD', 'MODIFY', 'DROP', 'RENAME', 'AS')) {
    throw sqlUnsupported(cursor.at, `ALTER … ${cursor.peek().upper}`);
  }
  throw cursor.unexpected('RENAME TO, SET or RESET');
}
