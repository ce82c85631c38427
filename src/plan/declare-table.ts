import type { DataType } from '../core/mod.ts';
import type {
  ColumnDefinition,
  CreateTable,
  Identifier,
  Position,
  PrimaryKeyDefinition,
  Query,
  TableDefinition,
  WatermarkDefinition,
} from '../sql/mod.ts';
import { deepFreeze, sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { ExpressionBinder } from './bind/expression.ts';
import { bindQuery } from './bind/query.ts';
import { type Catalog, type CatalogColumn, fullName, type ObjectPath, type TableEntry } from './catalog.ts';
import { sourceMode } from './connectors.ts';
import { Scope } from './scope.ts';
import { mergeLike, ownDefinition } from './table-definition.ts';
import { withNullable } from './types/kinds.ts';
import { flinkType } from './types/print.ts';

/** Adds the table of a CREATE TABLE to the catalog: columns typed, computed columns and watermark bound. */
export function declareTable(statement: CreateTable, catalog: Catalog): TableEntry {
  if (statement.orReplace && statement.query === null) {
    throw sqlUnsupported(statement.at, 'CREATE OR REPLACE TABLE without AS');
  }
  const query = statement.query === null ? null : bindCreateAs(statement, statement.query, catalog);
  const definition =
    query === null ? definitionOf(statement, catalog) : { ...ownDefinition(statement), columns: query };
  const entry = bindTable(catalog.pathOf(statement.name), statement.temporary, definition, statement.at);
  if (statement.orReplace) catalog.replace(entry, statement.at);
  else catalog.add(entry, statement.ifNotExists, statement.name.at);
  return entry;
}

function definitionOf(statement: CreateTable, catalog: Catalog): TableDefinition {
  const { like } = statement;
  if (like === null) return ownDefinition(statement);
  const base = catalog.lookup(like.table);
  if (base.kind !== 'table') throw sqlInvalid(like.table.at, 'LIKE takes a table, not a view');
  return mergeLike(base.definition, statement, like);
}

/** The columns of CREATE TABLE … AS: its query's. What it cannot say is refused in Flink's words. */
function bindCreateAs(statement: CreateTable, query: Query, catalog: Catalog): readonly ColumnDefinition[] {
  const refused = [
    statement.temporary ? 'to create temporary table' : null,
    statement.columns.length > 0 ? 'to specify explicit columns' : null,
    statement.watermark !== null ? 'to specify explicit watermark' : null,
    statement.partitionedBy.length > 0 ? 'to create partitioned table' : null,
    statement.primaryKey !== null ? 'primary key constraints' : null,
  ].find(reason => reason !== null);
  if (refused !== undefined) {
    throw sqlInvalid(statement.at, `CREATE TABLE AS SELECT syntax does not support ${refused} yet.`);
  }
  if (statement.like !== null) throw sqlInvalid(statement.at, 'CREATE TABLE takes LIKE or AS, not both');
  return bindQuery(query, catalog).fields.map(
    (field): ColumnDefinition => ({
      kind: 'physical',
      name: { name: field.name, at: statement.at },
      type: field.type,
      primaryKey: false,
      comment: null,
    }),
  );
}

/** A table from its definition. Throws SQL_INVALID where the definition is wrong in itself. */
export function bindTable(
  path: ObjectPath,
  temporary: boolean,
  given: TableDefinition,
  at: Position,
): TableEntry {
  const definition = { ...given, columns: given.columns.map(notNullIn(given.primaryKey)) };
  const columns = bindColumns(definition.columns);
  const primaryKey = definition.primaryKey === null ? [] : keyIndices(definition.primaryKey, columns);
  const entry: TableEntry = {
    kind: 'table',
    ...path,
    temporary,
    columns,
    watermark: definition.watermark === null ? null : bindWatermark(definition.watermark, columns),
    primaryKey,
    partitionKeys: definition.partitionedBy.map(key => partitionIndex(key, columns)),
    options: definition.options,
    comment: definition.comment,
    definition,
  };
  if (columns.length === 0) throw sqlInvalid(at, `the table ${entry.name} has no columns`);
  checkKey(entry, definition.primaryKey?.at ?? at, at);
  return deepFreeze(entry);
}

function partitionIndex({ name, at }: Identifier, columns: readonly CatalogColumn[]): number {
  const index = columns.findIndex(c => c.name === name && c.kind === 'physical');
  if (index >= 0) return index;
  const names = columns.flatMap(c => (c.kind === 'physical' ? [c.name] : []));
  throw sqlInvalid(
    at,
    `Partition column '${name}' not defined in the table schema. Available columns: [${names
      .map(n => `'${n}'`)
      .join(', ')}]`,
  );
}

/** An upsert topic needs a key; a topic of plain rows cannot promise one. In Flink's words. */
function checkKey(entry: TableEntry, keyAt: Position, at: Position): void {
  const { connector } = entry.options;
  const isKeyed = entry.primaryKey.length > 0;
  if (connector === 'upsert-kafka' && !isKeyed) {
    throw sqlInvalid(
      at,
      "'upsert-kafka' tables require to define a PRIMARY KEY constraint. The PRIMARY KEY specifies which columns " +
        'should be read from or write to the Kafka message key. The PRIMARY KEY also defines records in the ' +
        "'upsert-kafka' table should update or delete on which keys.",
    );
  }
  if (connector === 'kafka' && isKeyed && sourceMode(entry.options) === 'append') {
    const format = entry.options['format'] ?? entry.options['value.format'] ?? '';
    throw sqlInvalid(
      keyAt,
      `The Kafka table '${fullName(entry)}' with '${format}' format doesn't support defining PRIMARY KEY ` +
        "constraint on the table, because it can't guarantee the semantic of primary key.",
    );
  }
}

/** Columns of a primary key are NOT NULL, whatever they say, and stay so when the key is dropped. */
const notNullIn =
  (key: PrimaryKeyDefinition | null) =>
  (column: ColumnDefinition): ColumnDefinition =>
    column.kind === 'physical' && key?.columns.some(c => c.name === column.name.name) === true
      ? { ...column, type: withNullable(column.type, false) }
      : column;

function bindColumns(definitions: readonly ColumnDefinition[]): readonly CatalogColumn[] {
  const names = new Set<string>();
  for (const { name } of definitions) {
    if (names.has(name.name)) {
      throw sqlInvalid(name.at, `A column named '${name.name}' already exists in the table.`);
    }
    names.add(name.name);
  }
  const stored = definitions.map(storedColumn);
  const binder = new ExpressionBinder(scopeOf(stored));
  return definitions.map((definition, i) => {
    if (definition.kind !== 'computed') return stored[i]!;
    const expression = binder.bind(definition.expression);
    const { name, at } = definition.name;
    if (expression.type.kind === 'NULL') {
      throw sqlInvalid(at, `the computed column '${name}' has no type; CAST its NULL`);
    }
    return { kind: 'computed', name, type: expression.type, expression };
  });
}

/** The column as the connector gives it; null for a computed one. */
function storedColumn(definition: ColumnDefinition): CatalogColumn | null {
  if (definition.kind === 'computed') return null;
  const { name } = definition.name;
  const { type } = definition;
  if (definition.kind === 'physical') return { kind: 'physical', name, type };
  return { kind: 'metadata', name, type, key: definition.from ?? name, isVirtual: definition.virtual };
}

/** Computed columns may read physical and metadata columns only, as in Flink. */
function scopeOf(columns: readonly (CatalogColumn | null)[]): Scope {
  return new Scope(
    columns.flatMap((c, index) =>
      c === null ? [] : [{ qualifier: null, name: c.name, index, type: c.type, hidden: false }],
    ),
  );
}

function keyIndices(key: PrimaryKeyDefinition, columns: readonly CatalogColumn[]): readonly number[] {
  return key.columns.map(({ name, at }) => {
    const index = columns.findIndex(c => c.name === name);
    if (index < 0) throw sqlInvalid(at, `Primary key column '${name}' is not defined in the schema`);
    if (columns[index]!.kind !== 'physical') {
      throw sqlInvalid(
        at,
        `Could not create a PRIMARY KEY with column '${name}'.\n` +
          'A PRIMARY KEY constraint must be declared on physical columns.',
      );
    }
    return index;
  });
}

function bindWatermark(
  definition: WatermarkDefinition,
  columns: readonly CatalogColumn[],
): TableEntry['watermark'] {
  const name = definition.column.parts.join('.');
  const rowtime = columns.findIndex(c => c.name === name);
  if (rowtime < 0) {
    throw sqlInvalid(
      definition.column.at,
      `The rowtime attribute field '${name}' is not defined in the table schema`,
    );
  }
  checkTimeField(columns[rowtime]!.type, 'time field', 'time field', definition.column.at);
  const expression = new ExpressionBinder(scopeOf(columns)).bind(definition.expression);
  checkTimeField(expression.type, 'expression', 'watermark expression', definition.expression.at);
  return { rowtime, expression };
}

function checkTimeField(type: DataType, of: string, what: string, at: Position): void {
  if ((type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision <= 3) return;
  throw sqlInvalid(
    at,
    `Invalid data type of ${of} for watermark definition. The field must be of type TIMESTAMP(p) or ` +
      "TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, " +
      `but the ${what} type is ${flinkType(withNullable(type, true))}`,
  );
}
