import { type DataType, STRING_LENGTH_MAX } from '../core/mod.ts';
import type { ColumnDefinition, Show } from '../sql/mod.ts';
import {
  printExpression,
  printName,
  printQuery,
  printString,
  quotingAll,
  sqlInvalid,
  sqlUnsupported,
} from '../sql/mod.ts';
import { constraintName } from './alter-table.ts';
import { sourceNode } from './bind/from.ts';
import { bindQuery } from './bind/query.ts';
import {
  type Catalog,
  type CatalogEntry,
  DEFAULT_CATALOG,
  quotedPath,
  type TableEntry,
  type ViewEntry,
} from './catalog.ts';
import { FUNCTIONS } from './functions/table.ts';
import type { LogicalField } from './logical.ts';
import { withNullable } from './types/kinds.ts';
import { flinkType } from './types/print.ts';

/** What a statement answers: rows under named columns. */
export interface StatementAnswer {
  readonly columns: readonly { readonly name: string; readonly type: DataType }[];
  readonly rows: readonly (readonly (string | boolean | null)[])[];
}

const STRING: DataType = { kind: 'VARCHAR', length: STRING_LENGTH_MAX, nullable: true };
const BOOLEAN: DataType = { kind: 'BOOLEAN', nullable: true };

/** Rows of texts under columns of texts. */
export function textAnswer(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): StatementAnswer {
  return { columns: columns.map(name => ({ name, type: STRING })), rows };
}

/** SHOW of what the catalog holds. */
export function show(statement: Show, catalog: Catalog): StatementAnswer {
  const { what, at } = statement;
  switch (what) {
    case 'TABLES':
      return names('table name', entriesOf(statement, catalog), statement);
    case 'VIEWS': {
      const views = entriesOf(statement, catalog).filter(entry => entry.kind === 'view');
      return names('view name', views, statement);
    }
    case 'DATABASES':
      return listed('database name', catalog.databases(), statement);
    case 'CATALOGS':
      return listed('catalog name', [DEFAULT_CATALOG], statement);
    case 'CURRENT CATALOG':
      return textAnswer(['current catalog name'], [[DEFAULT_CATALOG]]);
    case 'CURRENT DATABASE':
      return textAnswer(['current database name'], [[catalog.current]]);
    case 'USER FUNCTIONS':
      return listed('function name', catalog.functions.names(catalog), statement);
    case 'FUNCTIONS': {
      const own = FUNCTIONS.map(f => f.name.toLowerCase());
      const all = new Set([...own, ...catalog.functions.names(catalog)]);
      return listed('function name', [...all].sort(), statement);
    }
    case 'COLUMNS': {
      const answer = describe(catalog.lookup(statement.name!), catalog);
      const kept = answer.rows.filter(([name]) => matches(String(name), statement.like));
      return { ...answer, rows: kept };
    }
    case 'CREATE TABLE':
    case 'CREATE VIEW':
      return textAnswer(['result'], [[showCreate(statement, catalog)]]);
    default:
      throw sqlUnsupported(at, `SHOW ${what}`);
  }
}

function entriesOf(statement: Show, catalog: Catalog): readonly CatalogEntry[] {
  const database = statement.name === null ? catalog.current : catalog.databaseOf(statement.name);
  if (catalog.databases().includes(database)) return catalog.entries(database);
  throw sqlInvalid(statement.at, `Database '${database}' doesn't exist.`);
}

const names = (column: string, entries: readonly CatalogEntry[], statement: Show) =>
  listed(
    column,
    entries.map(entry => entry.name),
    statement,
  );

/** Texts that fit the statement's LIKE. */
export function listed(column: string, texts: readonly string[], { like }: Show): StatementAnswer {
  return textAnswer(
    [column],
    texts.filter(text => matches(text, like)).map(text => [text]),
  );
}

/** Whether a name fits a pattern of LIKE: `%` any text, `_` one character. */
function matches(name: string, like: Show['like']): boolean {
  if (like === null) return true;
  const escaped = like.pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = `^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`;
  return new RegExp(pattern, like.caseless ? 'isu' : 'su').test(name) !== like.negated;
}

/** DESCRIBE of a table or a view: a row per column, with comments when one of them has one. */
export function describe(entry: CatalogEntry, catalog: Catalog): StatementAnswer {
  const fields = entry.kind === 'view' ? viewFields(entry, catalog) : sourceNode(entry).fields;
  const definitions = entry.kind === 'view' ? [] : entry.definition.columns;
  const withComments = definitions.some(c => c.comment !== null);
  const text = ['name', 'type', 'null', 'key', 'extras', 'watermark', ...(withComments ? ['comment'] : [])];
  const rows = fields.map((field, i) => {
    const row = [
      field.name,
      typeText(field),
      field.type.nullable,
      keyText(entry, i),
      extrasText(definitions[i]),
      watermarkText(entry, i),
    ];
    return withComments ? [...row, definitions[i]!.comment] : row;
  });
  return { columns: text.map(name => ({ name, type: name === 'null' ? BOOLEAN : STRING })), rows };
}

function viewFields(view: ViewEntry, catalog: Catalog): readonly LogicalField[] {
  const { fields } = bindQuery(view.query, catalog.from(view.home));
  return view.columns.length === 0 ? fields : fields.map((f, i) => ({ ...f, name: view.columns[i]! }));
}

function typeText({ type, time }: LogicalField): string {
  const text = flinkType(withNullable(type, true));
  return time === null ? text : `${text} *${time === 'rowtime' ? 'ROWTIME' : 'PROCTIME'}*`;
}

function keyText(entry: CatalogEntry, index: number): string | null {
  if (entry.kind === 'view' || !entry.primaryKey.includes(index)) return null;
  return `PRI(${entry.primaryKey.map(i => entry.columns[i]!.name).join(', ')})`;
}

function extrasText(column: ColumnDefinition | undefined): string | null {
  if (column === undefined || column.kind === 'physical') return null;
  if (column.kind === 'computed') return `AS ${quotingAll(() => printExpression(column.expression))}`;
  return joined('METADATA', metadataFrom(column), column.virtual ? 'VIRTUAL' : '');
}

const metadataFrom = (column: ColumnDefinition & { kind: 'metadata' }): string =>
  column.from === null ? '' : `FROM ${printString(column.from)}`;

const joined = (...parts: readonly string[]): string => parts.filter(part => part !== '').join(' ');

function watermarkText(entry: CatalogEntry, index: number): string | null {
  if (entry.kind === 'view' || entry.watermark?.rowtime !== index) return null;
  return quotingAll(() => printExpression(entry.definition.watermark!.expression));
}

/** SHOW CREATE TABLE and SHOW CREATE VIEW, as Flink lays them out. */
function showCreate(statement: Show, catalog: Catalog): string {
  const entry = catalog.lookup(statement.name!);
  const wanted = statement.what === 'CREATE TABLE' ? 'table' : 'view';
  if (entry.kind !== wanted) {
    throw sqlInvalid(
      statement.at,
      `SHOW CREATE ${wanted.toUpperCase()} is only supported for ${wanted}s, but ` +
        `${quotedPath(entry)} is a ${entry.kind}. Please use SHOW CREATE ${entry.kind.toUpperCase()} instead.`,
    );
  }
  return quotingAll(() => (entry.kind === 'table' ? createTable(entry) : createView(entry, catalog)));
}

function createTable(entry: TableEntry): string {
  const { columns, watermark, primaryKey, partitionedBy, options, comment } = entry.definition;
  const elements = columns.map((column, i) => columnText(column, entry.columns[i]!.type));
  if (watermark !== null) {
    const column = watermark.column.parts.map(printName).join('.');
    elements.push(`WATERMARK FOR ${column} AS ${printExpression(watermark.expression)}`);
  }
  if (primaryKey !== null) {
    const name = printName(primaryKey.name ?? constraintName(primaryKey.columns));
    const keys = primaryKey.columns.map(c => printName(c.name)).join(', ');
    elements.push(`CONSTRAINT ${name} PRIMARY KEY (${keys}) NOT ENFORCED`);
  }
  const partitions = partitionedBy.map(c => printName(c.name)).join(', ');
  const given = Object.entries(options).map(
    ([key, value]) => `  ${printString(key)} = ${printString(value)}`,
  );
  return [
    `CREATE ${entry.temporary ? 'TEMPORARY ' : ''}TABLE ${quotedPath(entry)} (`,
    elements.map(element => `  ${element}`).join(',\n'),
    `)${comment === null ? '' : ` COMMENT ${printString(comment)}`}`,
    ...(partitionedBy.length === 0 ? [] : [`PARTITIONED BY (${partitions})`]),
    ...(given.length === 0 ? [] : [`WITH (\n${given.join(',\n')}\n)`]),
    '',
  ].join('\n');
}

function columnText(column: ColumnDefinition, type: DataType): string {
  const comment = column.comment === null ? '' : `COMMENT ${printString(column.comment)}`;
  const name = printName(column.name.name);
  if (column.kind === 'computed') return joined(name, 'AS', printExpression(column.expression), comment);
  const stored = joined(name, storedType(type));
  if (column.kind === 'physical') return joined(stored, comment);
  return joined(stored, 'METADATA', metadataFrom(column), column.virtual ? 'VIRTUAL' : '', comment);
}

/** The type in the form Flink stores, where STRING and BYTES have their length. */
function storedType(type: DataType): string {
  const text = flinkType(type);
  if (type.kind === 'VARCHAR') return text.replace(/^STRING/, `VARCHAR(${STRING_LENGTH_MAX})`);
  if (type.kind === 'VARBINARY') return text.replace(/^BYTES/, `VARBINARY(${STRING_LENGTH_MAX})`);
  return text;
}

function createView(entry: ViewEntry, catalog: Catalog): string {
  const columns = viewFields(entry, catalog).map(field => printName(field.name));
  const comment = entry.comment === null ? '' : ` COMMENT ${printString(entry.comment)}`;
  const create = `CREATE ${entry.temporary ? 'TEMPORARY ' : ''}VIEW`;
  return `${create} ${quotedPath(entry)}(${columns.join(', ')})${comment} as\n${printQuery(entry.query)}`;
}
