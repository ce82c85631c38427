import type { Field } from '../core/mod.ts';
import type { Insert } from '../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { bindQuery } from './bind/query.ts';
import { coerce, column, literal } from './build-expression.ts';
import { type Catalog, fullName, type TableEntry } from './catalog.ts';
import type { Expression } from './expression.ts';
import { type LogicalNode, project } from './logical.ts';
import type { TableDeclaration } from './physical.ts';
import { declarationOf } from './source.ts';
import { isImplicitCast } from './types/casts.ts';
import { sameType, withNullable } from './types/kinds.ts';
import { flinkType } from './types/print.ts';

/** An INSERT, bound: the rows in the order and the types of the sink's stored columns. */
export interface BoundInsert {
  readonly table: TableDeclaration;
  readonly rows: LogicalNode;
  readonly at: Insert['at'];
}

export function bindInsert(insert: Insert, catalog: Catalog): BoundInsert {
  if (insert.overwrite) throw sqlUnsupported(insert.at, 'INSERT OVERWRITE');
  if (insert.partition.length > 0) throw sqlUnsupported(insert.at, 'INSERT … PARTITION');
  const entry = catalog.lookup(insert.table);
  if (entry.kind === 'view')
    throw sqlInvalid(insert.table.at, `'${entry.name}' is a view: nothing can be inserted into it`);
  const table = declarationOf(entry, entry.options);
  const query = bindQuery(insert.query, catalog);
  const targets = targetColumns(insert, table);
  checkColumns(entry, targets, query, insert);
  return { table, rows: castToSink(table, targets, query, insert), at: insert.at };
}

/** The sink's columns the query's columns go to, in order. */
function targetColumns(insert: Insert, table: TableDeclaration): readonly Field[] {
  const { fields } = table.physicalSchema;
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
    `Column types of query result and sink for '${fullName(entry.name)}' do not match.\nCause: ${cause}\n\n` +
      `Query schema: [${list(query.fields)}]\nSink schema:  [${list(targets)}]`,
  );
}

/** The query's columns as the sink's: cast, in its order, NULL where nothing is given. */
function castToSink(
  table: TableDeclaration,
  targets: readonly Field[],
  query: LogicalNode,
  insert: Insert,
): LogicalNode {
  const { fields } = table.physicalSchema;
  const cells = fields.map((field): Expression => {
    const index = targets.findIndex(target => target.name === field.name);
    if (index >= 0) return coerce(column(index, query.fields[index]!.type), field.type, insert.at);
    if (!field.type.nullable) {
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
