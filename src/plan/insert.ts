import type { Field } from '../core/mod.ts';
import type { Insert } from '../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { ExpressionBinder } from './bind/expression.ts';
import { bindQuery } from './bind/query.ts';
import { coerce, column, literal } from './build-expression.ts';
import { type Catalog, fullName, quotedPath, type TableEntry } from './catalog.ts';
import { sinkDeclarationOf } from './declaration.ts';
import type { Expression } from './expression.ts';
import { type LogicalNode, project } from './logical.ts';
import type { TableDeclaration } from './physical.ts';
import { uniqueFields } from './physical-build.ts';
import { Scope } from './scope.ts';
import { isImplicitCast } from './types/casts.ts';
import { sameType, withNullable } from './types/kinds.ts';
import { flinkType } from './types/print.ts';

/** An INSERT, bound: the rows in the order and the types of the sink's stored columns, then its metadata. */
export interface BoundInsert {
  readonly table: TableDeclaration;
  readonly rows: LogicalNode;
  readonly at: Insert['at'];
}

/** Binds an INSERT against the catalog as it is now. */
export function bindInsert(insert: Insert, catalog: Catalog): BoundInsert {
  const path = catalog.pathOf(insert.table);
  const entry = catalog.get(path);
  if (entry === undefined) {
    throw sqlInvalid(
      insert.table.at,
      `Cannot find table '${quotedPath(path)}' in any of the catalogs [default_catalog], nor as a temporary table.`,
    );
  }
  if (entry.kind === 'view')
    throw sqlInvalid(insert.table.at, `'${entry.name}' is a view: nothing can be inserted into it`);
  const table = sinkDeclarationOf(entry, { ...entry.options, ...hintedOptions(insert) });
  checkAbilities(insert, entry);
  return bindRows(insert, entry, table, bindQuery(insert.query, catalog));
}

/** What CREATE TABLE … AS inserts: its query, column by column. */
export function bindCreatedInsert(entry: TableEntry, rows: LogicalNode, at: Insert['at']): BoundInsert {
  checkTimes(entry, rows, at);
  return { table: sinkDeclarationOf(entry, entry.options), rows, at };
}

function hintedOptions(insert: Insert): Readonly<Record<string, string>> {
  let options: Readonly<Record<string, string>> = {};
  for (const hint of insert.hints) {
    if (hint.name.toUpperCase() !== 'OPTIONS')
      throw sqlUnsupported(hint.at, `the hint ${hint.name} of a sink`);
    options = { ...options, ...hint.options };
  }
  return options;
}

/** Partitions and OVERWRITE, which only files know; in Flink's words. */
function checkAbilities(insert: Insert, entry: TableEntry): void {
  const isFiles = entry.options['connector'] === 'filesystem';
  const name = fullName(entry);
  if (insert.overwrite) {
    throw sqlInvalid(
      insert.at,
      isFiles
        ? 'Streaming mode not support overwrite.'
        : 'INSERT OVERWRITE requires that the underlying DynamicTableSink of table ' +
            `'${name}' implements the SupportsOverwrite interface.`,
    );
  }
  if (entry.partitionKeys.length > 0 && !isFiles) {
    throw sqlInvalid(
      insert.at,
      `Table '${name}' is a partitioned table, but the underlying DynamicTableSink doesn't implement the ` +
        'SupportsPartitioning interface.',
    );
  }
  const keys = entry.partitionKeys.map(i => entry.columns[i]!.name);
  const stranger = insert.partition.find(({ column: c }) => !keys.includes(c.name));
  if (stranger === undefined) return;
  throw sqlInvalid(
    stranger.column.at,
    `Static partition column '${stranger.column.name}' should be in the partition keys list [${keys.join(', ')}] ` +
      `for table '${name}'.`,
  );
}

function bindRows(
  insert: Insert,
  entry: TableEntry,
  table: TableDeclaration,
  query: LogicalNode,
): BoundInsert {
  const written = writtenColumns(entry);
  const fixed = new Set(insert.partition.map(p => p.column.name));
  const targets = targetColumns(
    insert,
    written.filter(field => !fixed.has(field.name)),
  );
  checkColumns(entry, targets, query, insert);
  const rows = castToSink(entry, table, targets, query, insert);
  checkTimes(entry, rows, insert.at);
  return { table, rows, at: insert.at };
}

/** A table's rows have one event time at most. */
function checkTimes(entry: TableEntry, rows: LogicalNode, at: Insert['at']): void {
  const times = uniqueFields(rows.fields).filter((_, i) => rows.fields[i]!.time === 'rowtime');
  if (times.length < 2) return;
  throw sqlInvalid(
    at,
    `The query contains more than one rowtime attribute column [${times.map(f => f.name).join(', ')}] ` +
      `for writing into table '${fullName(entry)}'.\nPlease select the column that should be used as the ` +
      'event-time timestamp for the table sink by casting all other columns to regular TIMESTAMP or TIMESTAMP_LTZ.',
  );
}

/** The columns an INSERT gives, in the order of declaration and of the declared types. */
function writtenColumns(entry: TableEntry): readonly Field[] {
  return entry.columns.flatMap(c =>
    c.kind === 'physical' || (c.kind === 'metadata' && !c.isVirtual) ? [{ name: c.name, type: c.type }] : [],
  );
}

/** The sink's columns the query's columns go to, in order. */
function targetColumns(insert: Insert, fields: readonly Field[]): readonly Field[] {
  if (insert.columns.length === 0) return fields;
  return insert.columns.map(({ name, at }, i) => {
    const target = fields.find(f => f.name === name);
    if (target === undefined) throw sqlInvalid(at, `Unknown target column '${name}'`);
    if (insert.columns.findIndex(c => c.name === name) !== i) {
      throw sqlInvalid(at, `Target column '${name}' is assigned more than once`);
    }
    return target;
  });
}

function checkColumns(
  entry: TableEntry,
  targets: readonly Field[],
  query: LogicalNode,
  insert: Insert,
): void {
  if (query.fields.length !== targets.length) {
    throw mismatch(entry, targets, query, 'Different number of columns.', insert);
  }
  for (const [i, field] of query.fields.entries()) {
    const target = targets[i]!;
    if (isImplicitCast(field.type, target.type)) continue;
    throw mismatch(
      entry,
      targets,
      query,
      `Incompatible types for sink column '${target.name}' at position ${i}.`,
      insert,
    );
  }
}

function mismatch(
  entry: TableEntry,
  targets: readonly Field[],
  query: LogicalNode,
  cause: string,
  insert: Insert,
): Error {
  const list = (fields: readonly Field[]) => fields.map(f => `${f.name}: ${flinkType(f.type)}`).join(', ');
  return sqlInvalid(
    insert.at,
    `Column types of query result and sink for '${fullName(entry)}' do not match.\nCause: ${cause}\n\n` +
      `Query schema: [${list(query.fields)}]\nSink schema:  [${list(targets)}]`,
  );
}

/** The query's columns as the sink's: cast, in its order, NULL where nothing is given. */
function castToSink(
  entry: TableEntry,
  table: TableDeclaration,
  targets: readonly Field[],
  query: LogicalNode,
  insert: Insert,
): LogicalNode {
  const metadata = table.metadata ?? [];
  const fields = [...table.physicalSchema.fields, ...metadata];
  const partition = partitionValues(insert);
  const cells = fields.map((field, i): Expression => {
    const declared = entry.columns.find(c => c.name === field.name)!.type;
    const index = targets.findIndex(target => target.name === field.name);
    const isMetadata = i >= table.physicalSchema.fields.length;
    const fixed = partition.get(field.name);
    if (fixed !== undefined) return coerce(fixed, declared, insert.at);
    if (index >= 0) {
      const cell = coerce(column(index, query.fields[index]!.type), declared, insert.at);
      return isMetadata ? coerce(cell, field.type, insert.at) : cell;
    }
    if (!declared.nullable) {
      throw sqlInvalid(insert.at, `Column '${field.name}' has no default value and does not allow NULLs`);
    }
    return literal(null, withNullable(field.type, true));
  });
  const same = cells.every((cell, i) => cell.kind === 'column' && cell.index === i);
  const typed = same && query.fields.every((f, i) => sameType(f.type, cells[i]!.type));
  return typed && query.fields.length === fields.length
    ? query
    : project(
        query,
        cells,
        fields.map(f => f.name),
      );
}

/** The values of PARTITION (k = v, …) by column. */
function partitionValues(insert: Insert): ReadonlyMap<string, Expression> {
  const binder = new ExpressionBinder(new Scope([]));
  return new Map(insert.partition.map(p => [p.column.name, binder.bind(p.value)]));
}
