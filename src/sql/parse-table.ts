import type { Identifier, Position } from './ast/position.ts';
import type {
  ColumnDefinition,
  CreateTable,
  LikeClause,
  PrimaryKeyDefinition,
  TableOptions,
  WatermarkDefinition,
} from './ast/statement.ts';
import type { Cursor } from './cursor.ts';
import { sqlInvalid, sqlUnsupported } from './errors.ts';
import { parseExpr } from './parse-expression.ts';
import { parseQuery } from './parse-query.ts';
import { parseType } from './parse-type.ts';

/** The elements between the parentheses of CREATE TABLE, as they are met. */
export interface TableBody {
  readonly columns: ColumnDefinition[];
  watermark: WatermarkDefinition | null;
  primaryKey: PrimaryKeyDefinition | null;
}

/** Parses what follows CREATE [TEMPORARY] TABLE. */
export function parseCreateTable(
  cursor: Cursor,
  at: Position,
  temporary: boolean,
  orReplace: boolean,
): CreateTable {
  const ifNotExists = cursor.acceptWord('IF', 'NOT', 'EXISTS');
  const name = cursor.qualifiedName('a table name');
  const body: TableBody = { columns: [], watermark: null, primaryKey: null };
  if (cursor.isOperator('(')) cursor.parenthesized(() => parseElement(cursor, body));
  const comment = cursor.acceptWord('COMMENT') ? cursor.expectString('a comment') : null;
  if (cursor.isOneOf('DISTRIBUTED')) throw sqlUnsupported(cursor.at, 'DISTRIBUTED BY');
  const partitionedBy = cursor.acceptWord('PARTITIONED', 'BY')
    ? cursor.parenthesized(() => cursor.identifier('a column name'))
    : [];
  const options = cursor.acceptWord('WITH') ? parseOptions(cursor) : {};
  const like = cursor.acceptWord('LIKE') ? parseLikeClause(cursor) : null;
  const query = cursor.acceptWord('AS') ? parseQuery(cursor) : null;
  return {
    kind: 'createTable',
    temporary,
    orReplace,
    ifNotExists,
    name,
    ...body,
    comment,
    partitionedBy,
    options,
    like,
    query,
    at,
  };
}

/** `('key' = 'value', …)`; a key given twice is refused. */
export function parseOptions(cursor: Cursor): TableOptions {
  const options: Record<string, string> = {};
  cursor.expectOperator('(');
  if (cursor.acceptOperator(')')) return options;
  cursor.list(() => {
    const { at } = cursor;
    const key = cursor.expectString("an option as 'key' = 'value'");
    cursor.expectOperator('=');
    if (Object.hasOwn(options, key)) throw sqlInvalid(at, `the option '${key}' is given twice`);
    options[key] = cursor.expectString("the option's value as a string");
  });
  cursor.expectOperator(')');
  return options;
}

/** Parses one column, watermark or primary key into the body. */
export function parseElement(cursor: Cursor, body: TableBody): void {
  if (cursor.isWord('WATERMARK', 'FOR')) {
    if (body.watermark !== null)
      throw sqlInvalid(cursor.at, 'Multiple WATERMARK statements is not supported yet');
    body.watermark = parseWatermark(cursor);
  } else if (cursor.isWord('PRIMARY') || cursor.isWord('CONSTRAINT')) {
    if (body.primaryKey !== null) throw sqlInvalid(cursor.at, 'Duplicate primary key definition');
    body.primaryKey = parsePrimaryKey(cursor);
  } else if (cursor.isWord('UNIQUE')) {
    throw sqlUnsupported(cursor.at, 'UNIQUE');
  } else {
    parseColumn(cursor, body);
  }
}

function parseWatermark(cursor: Cursor): WatermarkDefinition {
  const at = cursor.expectWord('WATERMARK', 'FOR');
  const column = cursor.qualifiedName('a column name');
  cursor.expectWord('AS');
  return { column, expression: parseExpr(cursor), at };
}

function parsePrimaryKey(cursor: Cursor): PrimaryKeyDefinition {
  const { at } = cursor;
  const name = cursor.acceptWord('CONSTRAINT') ? cursor.identifier('a constraint name').name : null;
  if (cursor.isWord('UNIQUE')) throw sqlUnsupported(cursor.at, 'UNIQUE');
  cursor.expectWord('PRIMARY', 'KEY');
  const columns = cursor.parenthesized(() => cursor.identifier('a column name'));
  notEnforced(cursor);
  return { name, columns, at };
}

function notEnforced(cursor: Cursor): void {
  const { at } = cursor;
  if (cursor.acceptWord('NOT', 'ENFORCED')) return;
  throw sqlInvalid(
    at,
    "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint. ENFORCED/NOT ENFORCED controls if the " +
      'constraint checks are performed on the incoming/outgoing data. Flink does not own the data therefore the ' +
      'only supported mode is the NOT ENFORCED mode',
  );
}

function parseColumn(cursor: Cursor, body: TableBody): void {
  const name = cursor.identifier('a column name');
  if (cursor.acceptWord('AS')) {
    body.columns.push({
      kind: 'computed',
      name,
      expression: parseExpr(cursor),
      comment: columnComment(cursor),
    });
    return;
  }
  const type = parseType(cursor);
  if (cursor.acceptWord('METADATA')) {
    const from = cursor.acceptWord('FROM') ? cursor.expectString('a metadata key') : null;
    const virtual = cursor.acceptWord('VIRTUAL');
    body.columns.push({ kind: 'metadata', name, type, from, virtual, comment: columnComment(cursor) });
    return;
  }
  const primaryKey = parseColumnKey(cursor, name, body);
  body.columns.push({ kind: 'physical', name, type, primaryKey, comment: columnComment(cursor) });
}

function columnComment(cursor: Cursor): string | null {
  return cursor.acceptWord('COMMENT') ? cursor.expectString('a comment') : null;
}

function parseColumnKey(cursor: Cursor, column: Identifier, body: TableBody): boolean {
  const { at } = cursor;
  const name = cursor.acceptWord('CONSTRAINT') ? cursor.identifier('a constraint name').name : null;
  if (name === null && !cursor.isWord('PRIMARY')) return false;
  cursor.expectWord('PRIMARY', 'KEY');
  notEnforced(cursor);
  if (body.primaryKey !== null) throw sqlInvalid(at, 'Duplicate primary key definition');
  body.primaryKey = { name, columns: [column], at };
  return true;
}

function parseLikeClause(cursor: Cursor): LikeClause {
  const table = cursor.qualifiedName('a table name');
  const options: LikeClause['options'][number][] = [];
  if (!cursor.acceptOperator('(')) return { table, options };
  while (!cursor.acceptOperator(')')) {
    const strategy = cursor.expectOneOf('INCLUDING', 'EXCLUDING', 'OVERWRITING');
    const feature = cursor.expectOneOf(
      'ALL',
      'CONSTRAINTS',
      'DISTRIBUTION',
      'GENERATED',
      'METADATA',
      'OPTIONS',
      'PARTITIONS',
      'WATERMARKS',
    );
    options.push({ strategy: strategy as 'INCLUDING', feature });
  }
  return { table, options };
}
