import type { DataType } from '../core/mod.ts';
import type { ColumnDefinition, CreateTable, Position, PrimaryKeyDefinition } from '../sql/mod.ts';
import { deepFreeze, sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { ExpressionBinder } from './bind/expression.ts';
import { Catalog, type CatalogColumn, fullName, type TableEntry } from './catalog.ts';
import { sourceMode } from './connectors.ts';
import { Scope } from './scope.ts';
import { withNullable } from './types/kinds.ts';
import { flinkType } from './types/print.ts';

/** Adds the table of a CREATE TABLE to the catalog: columns typed, computed columns and watermark bound. */
export function declareTable(statement: CreateTable, catalog: Catalog): void {
  if (statement.query !== null) throw sqlUnsupported(statement.at, 'CREATE TABLE … AS');
  if (statement.partitionedBy.length > 0) throw sqlUnsupported(statement.at, 'PARTITIONED BY');
  const base = baseTable(statement, catalog);
  const columns = bindColumns(statement.columns, base?.columns ?? []);
  const primaryKey =
    statement.primaryKey === null ? (base?.primaryKey ?? []) : keyIndices(statement.primaryKey, columns);
  const keyed = columns.map(
    (c, i): CatalogColumn => (primaryKey.includes(i) ? { ...c, type: withNullable(c.type, false) } : c),
  );
  const entry: TableEntry = {
    kind: 'table',
    name: Catalog.nameOf(statement.name),
    columns: keyed,
    watermark: statement.watermark === null ? (base?.watermark ?? null) : bindWatermark(statement, keyed),
    primaryKey,
    options: { ...base?.options, ...statement.options },
    comment: statement.comment,
  };
  if (columns.length === 0) throw sqlInvalid(statement.at, `the table ${entry.name} has no columns`);
  checkKey(entry, statement);
  catalog.add(deepFreeze(entry), statement.ifNotExists, statement.name.at);
}

/** An upsert topic needs a key; a topic of plain rows cannot promise one. In Flink's words. */
function checkKey(entry: TableEntry, statement: CreateTable): void {
  const { connector } = entry.options;
  const isKeyed = entry.primaryKey.length > 0;
  if (connector === 'upsert-kafka' && !isKeyed) {
    throw sqlInvalid(
      statement.at,
      "'upsert-kafka' tables require to define a PRIMARY KEY constraint. The PRIMARY KEY specifies which columns " +
        'should be read from or write to the Kafka message key. The PRIMARY KEY also defines records in the ' +
        "'upsert-kafka' table should update or delete on which keys.",
    );
  }
  if (connector === 'kafka' && isKeyed && sourceMode(entry.options) === 'append') {
    const format = entry.options['format'] ?? entry.options['value.format'] ?? '';
    throw sqlInvalid(
      statement.primaryKey?.at ?? statement.at,
      `The Kafka table '${fullName(entry.name)}' with '${format}' format doesn't support defining PRIMARY KEY ` +
        "constraint on the table, because it can't guarantee the semantic of primary key.",
    );
  }
}

/** The table of LIKE; the default INCLUDING rules, others are refused. */
function baseTable(statement: CreateTable, catalog: Catalog): TableEntry | null {
  if (statement.like === null) return null;
  if (statement.like.options.length > 0)
    throw sqlUnsupported(statement.at, 'LIKE with INCLUDING or EXCLUDING');
  const base = catalog.lookup(statement.like.table);
  if (base.kind !== 'table') throw sqlInvalid(statement.like.table.at, 'LIKE takes a table, not a view');
  return base;
}

function bindColumns(
  definitions: readonly ColumnDefinition[],
  inherited: readonly CatalogColumn[],
): readonly CatalogColumn[] {
  const names = new Set(inherited.map(c => c.name));
  for (const { name } of definitions) {
    if (names.has(name.name)) {
      throw sqlInvalid(name.at, `A column named '${name.name}' already exists in the table.`);
    }
    names.add(name.name);
  }
  const all: (CatalogColumn | null)[] = [
    ...inherited,
    ...definitions.map((d): CatalogColumn | null => (d.kind === 'physical' ? physical(d) : null)),
  ];
  const scope = scopeOf(all);
  for (const [i, definition] of definitions.entries()) {
    if (definition.kind === 'metadata') throw sqlUnsupported(definition.name.at, 'a METADATA column');
    if (definition.kind !== 'computed') continue;
    const expression = new ExpressionBinder(scope).bind(definition.expression);
    if (expression.type.kind === 'NULL') {
      throw sqlInvalid(
        definition.name.at,
        `the computed column '${definition.name.name}' has no type; CAST its NULL`,
      );
    }
    const name = definition.name.name;
    all[inherited.length + i] = { kind: 'computed', name, type: expression.type, expression };
  }
  return all.map(c => c!);
}

function physical(definition: ColumnDefinition & { kind: 'physical' }): CatalogColumn {
  return { kind: 'physical', name: definition.name.name, type: definition.type };
}

/** Computed columns may read physical columns only, as in Flink. */
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

function bindWatermark(statement: CreateTable, columns: readonly CatalogColumn[]): TableEntry['watermark'] {
  const definition = statement.watermark!;
  const name = definition.column.parts.join('.');
  const rowtime = columns.findIndex(c => c.name === name);
  if (rowtime < 0) {
    throw sqlInvalid(
      definition.column.at,
      `The rowtime attribute field '${name}' is not defined in the table schema`,
    );
  }
  checkTimeField(columns[rowtime]!.type, 'time field', definition.column.at);
  const expression = new ExpressionBinder(scopeOf(columns)).bind(definition.expression);
  checkTimeField(expression.type, 'watermark expression', definition.expression.at);
  return { rowtime, expression };
}

function checkTimeField(type: DataType, what: string, at: Position): void {
  if ((type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision <= 3) return;
  throw sqlInvalid(
    at,
    `Invalid data type of ${what} for watermark definition. The field must be of type TIMESTAMP(p) or ` +
      "TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, " +
      `but the ${what} type is ${flinkType(withNullable(type, true))}`,
  );
}
