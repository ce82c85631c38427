import type { Alter, CreateView, Drop, Query, Statement, Use } from '../sql/mod.ts';
import { deepFreeze, sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { alteredDefinition } from './alter-table.ts';
import { bindQuery } from './bind/query.ts';
import { type Catalog, DEFAULT_CATALOG, fullName, quotedPath, type ViewEntry } from './catalog.ts';
import { bindTable, declareTable } from './declare-table.ts';
import { describe, type StatementAnswer, show, textAnswer } from './describe.ts';
import { checkOption } from './options.ts';

/** What statements act on: the declarations and the options in force. */
export interface StatementContext {
  readonly catalog: Catalog;
  readonly options: Record<string, string>;
}

/** Statements that give or take rows; the planner takes them. */
type RowStatement = Extract<Statement, { kind: 'select' | 'insert' | 'statementSet' | 'explain' }>;

/** Runs a statement about declarations or options; its answer, or null when it is just OK. */
export function runStatement(
  statement: Exclude<Statement, RowStatement>,
  context: StatementContext,
): StatementAnswer | null {
  const { catalog, options } = context;
  switch (statement.kind) {
    case 'createTable':
      declareTable(statement, catalog);
      return null;
    case 'createView':
      createView(statement, catalog);
      return null;
    case 'createNamespace':
      if (statement.what === 'CATALOG') throw sqlUnsupported(statement.at, 'CREATE CATALOG');
      catalog.addDatabase(catalog.databaseOf(statement.name), statement, statement.ifNotExists, statement.at);
      return null;
    case 'createFunction':
      catalog.functions.create(statement, catalog);
      return null;
    case 'drop':
      drop(statement, catalog);
      return null;
    case 'alter':
      alter(statement, catalog);
      return null;
    case 'set':
      return setOption(statement, options);
    case 'reset':
      resetOption(statement, options);
      return null;
    case 'use':
      use(statement, catalog);
      return null;
    case 'describe':
      return describe(catalog.lookup(statement.name), catalog);
    case 'show':
      return show(statement, catalog);
  }
}

function createView(statement: CreateView, catalog: Catalog): void {
  const columns = statement.columns.map(c => c.name);
  const { temporary, comment, query, ifNotExists } = statement;
  const path = catalog.pathOf(statement.name);
  const view = { kind: 'view' as const, ...path, temporary, columns, comment, query, home: catalog.current };
  checkView(view, query, catalog, statement.at);
  catalog.add(deepFreeze(view), ifNotExists, statement.name.at);
}

function checkView(view: ViewEntry, query: Query, catalog: Catalog, at: CreateView['at']): void {
  const { fields } = bindQuery(query, catalog);
  if (view.columns.length === 0 || view.columns.length === fields.length) return;
  throw sqlInvalid(
    at,
    'VIEW definition and input fields not match:\n\tDef fields: ' +
      `[${view.columns.join(', ')}].\n\tInput fields: [${fields.map(f => f.name).join(', ')}].`,
  );
}

function drop(statement: Drop, catalog: Catalog): void {
  switch (statement.what) {
    case 'TABLE':
    case 'VIEW':
      catalog.drop(statement);
      return;
    case 'DATABASE':
      catalog.dropDatabase(statement);
      return;
    case 'FUNCTION':
      catalog.functions.drop(statement, catalog);
      return;
    default:
      throw sqlUnsupported(statement.at, `DROP ${statement.what}`);
  }
}

function use({ catalog: isCatalog, name, at }: Use, catalog: Catalog): void {
  if (!isCatalog) catalog.use(catalog.databaseOf(name), at);
  else if (name.parts.join('.') !== DEFAULT_CATALOG) {
    throw sqlInvalid(at, `A catalog with name [${name.parts.join('.')}] does not exist.`);
  }
}

function alter(statement: Alter, catalog: Catalog): void {
  const { what, action, at } = statement;
  if (what === 'DATABASE') {
    if (action.kind !== 'setOptions') throw sqlUnsupported(at, 'ALTER DATABASE');
    catalog.alterDatabase(catalog.databaseOf(statement.name), action.options, at);
    return;
  }
  const path = catalog.pathOf(statement.name);
  const entry = catalog.get(path);
  if (entry === undefined || entry.temporary || entry.kind !== what.toLowerCase()) {
    if (entry === undefined && statement.ifExists) return;
    throw sqlInvalid(at, refusal(what, entry?.temporary === true, quotedPath(path), fullName(path)));
  }
  if (action.kind === 'rename') {
    const to = catalog.pathOf(action.to);
    if (to.database !== path.database && action.to.parts.length > 1) {
      throw sqlUnsupported(action.to.at, 'ALTER … RENAME TO another database');
    }
    catalog.rename(path, to.name, at);
  } else if (action.kind === 'query') {
    const view = { ...(entry as ViewEntry), query: action.query, columns: [], home: catalog.current };
    checkView(view, action.query, catalog, at);
    catalog.replace(deepFreeze(view), at);
  } else if (entry.kind === 'table') {
    const definition = alteredDefinition(entry, action, at);
    catalog.replace(bindTable(path, false, definition, at), at);
  }
}

function refusal(what: string, isTemporary: boolean, quoted: string, full: string): string {
  if (what === 'TABLE') return `Table ${quoted} doesn't exist or is a temporary table.`;
  return isTemporary
    ? `The view ${quoted} is temporary: it cannot be altered.`
    : `View ${full} does not exist or is not a view.`;
}

/** SET; without an option it lists those in force. */
function setOption(
  statement: Statement & { kind: 'set' },
  options: Record<string, string>,
): StatementAnswer | null {
  const { option } = statement;
  if (option === null) return textAnswer(['key', 'value'], Object.entries(options).sort());
  checkOption(option.key, option.value, statement.at);
  options[option.key] = option.value;
  return null;
}

function resetOption(statement: Statement & { kind: 'reset' }, options: Record<string, string>): void {
  if (statement.key !== null) checkOption(statement.key, null, statement.at);
  for (const key of Object.keys(options))
    if (statement.key === null || statement.key === key) delete options[key];
}
