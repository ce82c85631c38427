import { type Batch, BatchBuilder, type Field, MillraceError, type Schema } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import type { PostgresConnection } from './connection.ts';
import { readCell } from './read-cell.ts';
import { quoteName, quoteTable } from './statements.ts';
import { COLUMNS_QUERY, type TargetColumn } from './target.ts';

const NESTED: readonly string[] = ['ARRAY', 'MAP', 'ROW', 'MULTISET'];

/** A table that is read: its columns as declared, and as the database has them. */
export interface ReadTable {
  readonly schema: Schema;
  /** `"schema"."table"`. */
  readonly name: string;
  /** The column of a declared one. */
  column(name: string): TargetColumn;
}

/** The columns of a projection; those that can't be read are refused. */
export function readSchema(table: TableDeclaration, projection: readonly number[]): Schema {
  const fields = projection.map((i): Field => table.physicalSchema.fields[i]!);
  const nested = fields.find(f => NESTED.includes(f.type.kind));
  if (nested === undefined) return { fields };
  throw new MillraceError(
    'SQL_UNSUPPORTED',
    `table '${table.name}': reading the column '${nested.name}' of type ${nested.type.kind}`,
  );
}

/** Asks the database what it knows of the table; columns it doesn't have are refused. */
export async function describeTable(
  connection: PostgresConnection,
  table: TableDeclaration,
  tableName: string,
  schema: Schema,
): Promise<ReadTable> {
  const name = quoteTable(tableName);
  const found = await connection.run(async query =>
    (await query(COLUMNS_QUERY, [name])).rows.map(r => ({
      name: String(r['name']),
      type: String(r['type']),
    })),
  );
  const fail = (message: string): never => {
    throw new MillraceError('SQL_INVALID', `table '${table.name}': ${message}`);
  };
  if (found.length === 0) fail(`the database has no table ${name}`);
  const column = (wanted: string): TargetColumn =>
    found.find(c => c.name === wanted) ?? fail(`the table ${name} has no column '${wanted}'`);
  for (const field of schema.fields) column(field.name);
  return { schema, name, column };
}

/** Selected columns as text. */
export const columnList = (names: readonly string[]): string =>
  names.map(name => `t.${quoteName(name)}::text`).join(', ');

/** Collects rows of texts into batches. */
export class TextRows {
  readonly #builder: BatchBuilder;

  constructor(schema: Schema) {
    this.#builder = new BatchBuilder(schema);
  }

  /** The rows' cells from `first` on; borrowed until the next call. */
  batch(rows: readonly (readonly (string | null)[])[], first: number): Batch {
    const { fields } = this.#builder.schema;
    this.#builder.reset();
    this.#builder.reserve(rows.length);
    for (const row of rows) {
      for (let c = 0; c < fields.length; c++) {
        readCell(this.#builder.columns[c]!, this.#builder.rowCount, row[first + c]!, fields[c]!.name);
      }
      this.#builder.endRow();
    }
    return this.#builder.build();
  }
}
