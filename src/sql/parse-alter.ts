import type { Alter, AlterAction, PlacedColumn, Statement } from './ast/statement.ts';
import type { Cursor } from './cursor.ts';
import { sqlInvalid, sqlUnsupported } from './errors.ts';
import { parseQuery } from './parse-query.ts';
import { parseElement, parseOptions, type TableBody } from './parse-table.ts';

/** Parses ALTER TABLE, ALTER VIEW and ALTER DATABASE. */
export function parseAlter(cursor: Cursor): Statement {
  const at = cursor.expectWord('ALTER');
  if (cursor.isOneOf('FUNCTION', 'CATALOG')) throw sqlUnsupported(at, `ALTER ${cursor.peek().upper}`);
  const what = cursor.expectOneOf('TABLE', 'VIEW', 'DATABASE') as Alter['what'];
  const ifExists = what === 'TABLE' && cursor.acceptWord('IF', 'EXISTS');
  const name = cursor.qualifiedName();
  return { kind: 'alter', what, ifExists, name, action: ACTIONS[what](cursor), at };
}

const ACTIONS: Readonly<Record<Alter['what'], (cursor: Cursor) => AlterAction>> = {
  TABLE: parseTableAction,
  VIEW: parseViewAction,
  DATABASE: cursor => {
    cursor.expectWord('SET');
    return { kind: 'setOptions', options: parseOptions(cursor) };
  },
};

function parseViewAction(cursor: Cursor): AlterAction {
  if (cursor.acceptWord('RENAME', 'TO')) return { kind: 'rename', to: cursor.qualifiedName() };
  if (cursor.acceptWord('AS')) return { kind: 'query', query: parseQuery(cursor) };
  throw cursor.unexpected('RENAME TO or AS');
}

function parseTableAction(cursor: Cursor): AlterAction {
  const { at } = cursor;
  switch (cursor.expectOneOf('RENAME', 'SET', 'RESET', 'ADD', 'MODIFY', 'DROP')) {
    case 'RENAME':
      return parseRename(cursor);
    case 'SET':
      return { kind: 'setOptions', options: parseOptions(cursor) };
    case 'RESET':
      return {
        kind: 'resetOptions',
        keys: cursor.parenthesized(() => cursor.expectString("an option's key")),
      };
    case 'ADD':
      if (cursor.isOneOf('PARTITION', 'DISTRIBUTION', 'IF')) {
        throw sqlUnsupported(
          at,
          `ALTER TABLE … ADD ${cursor.isWord('IF') ? 'PARTITION' : cursor.peek().upper}`,
        );
      }
      return parseElements(cursor, 'add');
    case 'MODIFY':
      if (cursor.isWord('DISTRIBUTION')) throw sqlUnsupported(at, 'ALTER TABLE … MODIFY DISTRIBUTION');
      return parseElements(cursor, 'modify');
    default:
      return parseDropAction(cursor);
  }
}

function parseRename(cursor: Cursor): AlterAction {
  if (cursor.acceptWord('TO')) return { kind: 'rename', to: cursor.qualifiedName() };
  const from = cursor.identifier('TO or a column name');
  cursor.expectWord('TO');
  return { kind: 'renameColumn', from, to: cursor.identifier('a column name') };
}

/** One element, or several in parentheses; a column may say where it shall stand. */
function parseElements(cursor: Cursor, kind: 'add' | 'modify'): AlterAction {
  const body: TableBody = { columns: [], watermark: null, primaryKey: null };
  const columns: PlacedColumn[] = [];
  const element = (): void => {
    parseElement(cursor, body);
    const column = body.columns[columns.length];
    if (column === undefined) return;
    columns.push({ column, place: parsePlace(cursor) });
  };
  if (cursor.isOperator('(')) cursor.parenthesized(element);
  else element();
  return { kind, columns, watermark: body.watermark, primaryKey: body.primaryKey };
}

function parsePlace(cursor: Cursor): PlacedColumn['place'] {
  if (cursor.acceptWord('FIRST')) return { kind: 'first' };
  return cursor.acceptWord('AFTER') ? { kind: 'after', name: cursor.identifier('a column name') } : null;
}

function parseDropAction(cursor: Cursor): AlterAction {
  const { at } = cursor;
  if (cursor.isOneOf('PARTITION', 'DISTRIBUTION', 'IF')) {
    throw sqlUnsupported(at, `ALTER TABLE … DROP ${cursor.isWord('IF') ? 'PARTITION' : cursor.peek().upper}`);
  }
  if (cursor.acceptWord('PRIMARY', 'KEY')) return { kind: 'dropKey', name: null };
  if (cursor.acceptWord('CONSTRAINT'))
    return { kind: 'dropKey', name: cursor.identifier('a constraint name') };
  if (cursor.acceptWord('WATERMARK')) return { kind: 'dropWatermark' };
  const columns = cursor.isOperator('(')
    ? cursor.parenthesized(() => cursor.identifier('a column name'))
    : [cursor.identifier('a column name')];
  const twice = columns.find((c, i) => columns.findIndex(other => other.name === c.name) !== i);
  if (twice !== undefined) throw sqlInvalid(twice.at, `Duplicate column \`${twice.name}\`.`);
  return { kind: 'dropColumns', columns };
}
