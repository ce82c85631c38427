import type { Position } from './ast/position.ts';
import type { Drop, Insert, Statement, StatementSet } from './ast/statement.ts';
import type { Cursor } from './cursor.ts';
import { sqlInvalid, sqlUnsupported } from './errors.ts';
import { parseAlter } from './parse-alter.ts';
import { parseCreate } from './parse-create.ts';
import { parseExpr } from './parse-expression.ts';
import { parseHints } from './parse-from.ts';
import { isQueryStart, parseQuery } from './parse-query.ts';

const UNSUPPORTED = [
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'ANALYZE',
  'CALL',
  'LOAD',
  'UNLOAD',
  'ADD',
  'REMOVE',
  'COMPILE',
  'STOP',
  'QUIT',
  'CLEAR',
  'HELP',
  'UPSERT',
  'MERGE',
];
const EXPECTED = 'a statement (CREATE, INSERT, SELECT, SET, …)';

/** Parses one statement, without the `;` behind it. */
export function parseStatement(cursor: Cursor): Statement {
  const { upper, at } = cursor.peek();
  const parse = PARSERS[upper];
  if (parse !== undefined) return parse(cursor);
  if (isQueryStart(cursor) || cursor.isWord('TABLE'))
    return { kind: 'select', query: parseQuery(cursor), at };
  if (UNSUPPORTED.includes(upper)) throw sqlUnsupported(at, `the statement ${upper}`);
  throw cursor.unexpected(EXPECTED);
}

const PARSERS: Readonly<Record<string, (cursor: Cursor) => Statement>> = {
  CREATE: parseCreate,
  ALTER: parseAlter,
  DROP: parseDrop,
  INSERT: parseInsert,
  EXECUTE: parseExecute,
  BEGIN: parseBegin,
  SET: parseSet,
  RESET: parseReset,
  EXPLAIN: parseExplain,
  DESCRIBE: parseDescribe,
  DESC: parseDescribe,
  SHOW: parseShow,
  USE: parseUse,
};

function parseDrop(cursor: Cursor): Statement {
  const at = cursor.expectWord('DROP');
  const temporary = cursor.acceptWord('TEMPORARY');
  const system = temporary && cursor.acceptWord('SYSTEM');
  const kinds = system
    ? ['FUNCTION']
    : temporary
      ? ['TABLE', 'VIEW', 'FUNCTION']
      : ['TABLE', 'VIEW', 'FUNCTION', 'DATABASE', 'CATALOG'];
  const what = cursor.expectOneOf(...kinds) as Drop['what'];
  const ifExists = cursor.acceptWord('IF', 'EXISTS');
  const name = cursor.qualifiedName();
  const cascade = cursor.acceptWord('CASCADE');
  if (!cascade) cursor.acceptWord('RESTRICT');
  return { kind: 'drop', what, temporary, system, ifExists, name, cascade, at };
}

function parseInsert(cursor: Cursor): Insert {
  const at = cursor.expectWord('INSERT');
  const overwrite = cursor.expectOneOf('INTO', 'OVERWRITE') === 'OVERWRITE';
  const table = cursor.qualifiedName('a table name');
  const hints = parseHints(cursor);
  const partition = cursor.acceptWord('PARTITION')
    ? cursor.parenthesized(() => {
        const column = cursor.identifier('a column name');
        cursor.expectOperator('=');
        return { column, value: parseExpr(cursor) };
      })
    : [];
  const named = cursor.isOperator('(') && !isQueryStart(cursor);
  const columns = named ? cursor.parenthesized(() => cursor.identifier('a column name')) : [];
  return { kind: 'insert', overwrite, table, hints, partition, columns, query: parseQuery(cursor), at };
}

function parseExecute(cursor: Cursor): Statement {
  const at = cursor.expectWord('EXECUTE');
  if (cursor.acceptWord('STATEMENT', 'SET')) {
    cursor.expectWord('BEGIN');
    return statementSet(cursor, at);
  }
  if (cursor.isWord('INSERT')) return parseInsert(cursor);
  if (isQueryStart(cursor)) return { kind: 'select', query: parseQuery(cursor), at };
  throw cursor.unexpected('STATEMENT SET, INSERT or a query');
}

/** BEGIN STATEMENT SET; … END; the older spelling. */
function parseBegin(cursor: Cursor): Statement {
  const at = cursor.expectWord('BEGIN', 'STATEMENT', 'SET');
  cursor.expectOperator(';');
  return statementSet(cursor, at);
}

/** `INSERT …; … END`. */
function statementSet(cursor: Cursor, at: Position): StatementSet {
  const inserts: Insert[] = [];
  while (!cursor.acceptWord('END')) {
    if (!cursor.isWord('INSERT')) throw cursor.unexpected('INSERT or END');
    inserts.push(parseInsert(cursor));
    cursor.expectOperator(';');
  }
  if (inserts.length === 0)
    throw sqlInvalid(at, 'found an empty statement set, expected at least one INSERT');
  return { kind: 'statementSet', inserts, at };
}

/** SET 'key' = 'value', also without the quotes. */
function parseSet(cursor: Cursor): Statement {
  const at = cursor.expectWord('SET');
  if (cursor.isOperator(';') || cursor.peek().kind === 'end') return { kind: 'set', option: null, at };
  const key = optionKey(cursor);
  cursor.expectOperator('=');
  const token = cursor.peek();
  if (token.kind !== 'string') throw cursor.unexpected("the option's value as a string");
  cursor.next();
  return { kind: 'set', option: { key, value: token.text }, at };
}

function optionKey(cursor: Cursor): string {
  if (cursor.peek().kind !== 'string') throw cursor.unexpected("an option's key as a string");
  return cursor.next().text;
}

function parseReset(cursor: Cursor): Statement {
  const at = cursor.expectWord('RESET');
  const all = cursor.isOperator(';') || cursor.peek().kind === 'end';
  return { kind: 'reset', key: all ? null : optionKey(cursor), at };
}

const EXPLAIN_DETAILS = ['ESTIMATED_COST', 'CHANGELOG_MODE', 'JSON_EXECUTION_PLAN', 'PLAN_ADVICE'];

function parseExplain(cursor: Cursor): Statement {
  const at = cursor.expectWord('EXPLAIN');
  const details = cursor.isOneOf(...EXPLAIN_DETAILS)
    ? cursor.list(() => cursor.expectOneOf(...EXPLAIN_DETAILS))
    : [];
  if (details.length === 0) cursor.acceptWord('PLAN', 'FOR');
  if (cursor.isWord('STATEMENT', 'SET')) {
    cursor.expectWord('STATEMENT', 'SET', 'BEGIN');
    return { kind: 'explain', details, statement: statementSet(cursor, at), at };
  }
  const explained = cursor.at;
  const statement = parseStatement(cursor);
  if (statement.kind !== 'select' && statement.kind !== 'insert' && statement.kind !== 'statementSet') {
    throw sqlInvalid(explained, 'EXPLAIN takes a query, an INSERT or a statement set');
  }
  return { kind: 'explain', details, statement, at };
}

function parseDescribe(cursor: Cursor): Statement {
  const { at } = cursor.next();
  if (cursor.isOneOf('CATALOG', 'DATABASE', 'FUNCTION', 'JOB') && cursor.isIdentifier(1)) {
    throw sqlUnsupported(at, `DESCRIBE ${cursor.peek().upper}`);
  }
  const extended = cursor.acceptWord('EXTENDED');
  return { kind: 'describe', extended, name: cursor.qualifiedName('a table name'), at };
}

function parseShow(cursor: Cursor): Statement {
  const at = cursor.expectWord('SHOW');
  if (cursor.isOneOf(...UNSUPPORTED_SHOWS)) throw sqlUnsupported(at, `SHOW ${cursor.peek().upper}`);
  const what = showWhat(cursor);
  const creates = what.startsWith('CREATE');
  const named = creates || cursor.isOneOf('FROM', 'IN');
  if (named && !creates) cursor.next();
  const name = named ? cursor.qualifiedName() : null;
  if (what === 'COLUMNS' && name === null) throw cursor.unexpected('FROM or IN');
  const negated = cursor.acceptWord('NOT');
  const caseless = cursor.isWord('ILIKE');
  const isLike = cursor.acceptWord('LIKE') || cursor.acceptWord('ILIKE');
  if (negated && !isLike) throw cursor.unexpected('LIKE');
  const like = isLike ? { pattern: cursor.expectString('a pattern'), negated, caseless } : null;
  return { kind: 'show', what, name, like, at };
}

const UNSUPPORTED_SHOWS = ['PARTITIONS', 'PROCEDURES', 'JARS'];

/** The object of SHOW, in one or two words. */
function showWhat(cursor: Cursor): string {
  const what = cursor.expectOneOf(
    'TABLES',
    'VIEWS',
    'FUNCTIONS',
    'DATABASES',
    'CATALOGS',
    'JOBS',
    'MODULES',
    'COLUMNS',
    'CREATE',
    'CURRENT',
    'USER',
    'FULL',
  );
  if (what === 'USER') cursor.expectWord('FUNCTIONS');
  if (what === 'FULL') cursor.expectWord('MODULES');
  if (what === 'USER') return 'USER FUNCTIONS';
  if (what === 'FULL') return 'FULL MODULES';
  if (what === 'CURRENT') return `CURRENT ${cursor.expectOneOf('CATALOG', 'DATABASE')}`;
  if (what === 'CREATE') return `CREATE ${cursor.expectOneOf('TABLE', 'VIEW', 'CATALOG')}`;
  return what;
}

function parseUse(cursor: Cursor): Statement {
  const at = cursor.expectWord('USE');
  if (cursor.isWord('MODULES')) throw sqlUnsupported(cursor.at, 'USE MODULES');
  const catalog = cursor.acceptWord('CATALOG');
  return { kind: 'use', catalog, name: cursor.qualifiedName(), at };
}
