import type { Lookup, LookupAnswer } from '../../contract/mod.ts';
import { type Batch, forEachRow, type Schema } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { cellText } from './cell-text.ts';
import { PostgresConnection } from './connection.ts';
import { addressOf, type JdbcDependencies, jdbcOptions } from './options.ts';
import { columnList, describeTable, readSchema, TextRows } from './read-table.ts';
import { quoteName } from './statements.ts';

/** A table in PostgreSQL, asked for the rows of many keys in one statement. */
export function jdbcLookup(
  table: TableDeclaration,
  projection: readonly number[],
  keys: readonly number[],
  deps: JdbcDependencies,
): Lookup {
  const options = jdbcOptions(table);
  const schema = readSchema(table, projection);
  const keyNames = keys.map(i => table.physicalSchema.fields[i]!.name);
  const connection = new PostgresConnection(addressOf(options, deps), `table '${table.name}'`, 'read');
  return new JdbcLookup(connection, table, options, schema, keyNames);
}

/** Text that PostgreSQL can't hold equals nothing there, as NULL does. */
const keyText = (text: string | null): string | null => (text?.includes('\0') === true ? null : text);

class JdbcLookup implements Lookup {
  readonly schema: Schema;
  readonly #connection: PostgresConnection;
  readonly #table: TableDeclaration;
  readonly #options: ReturnType<typeof jdbcOptions>;
  readonly #keys: readonly string[];
  readonly #rows: TextRows;
  #statement: string | null = null;

  constructor(
    connection: PostgresConnection,
    table: TableDeclaration,
    options: ReturnType<typeof jdbcOptions>,
    schema: Schema,
    keys: readonly string[],
  ) {
    this.schema = schema;
    this.#connection = connection;
    this.#table = table;
    this.#options = options;
    this.#keys = keys;
    this.#rows = new TextRows(schema);
  }

  async find(keys: Batch): Promise<LookupAnswer> {
    const values = this.#keys.map((): (string | null)[] => []);
    forEachRow(keys, row => {
      keys.columns.forEach((column, c) => {
        values[c]!.push(keyText(cellText(column, keys.schema.fields[c]!.type, row)));
      });
    });
    const found = await this.#retried(() => this.#ask(values));
    const keyOf = Int32Array.from(found, row => Number(row[0]) - 1);
    return { rows: this.#rows.batch(found, 1), keyOf };
  }

  async #ask(values: readonly (readonly (string | null)[])[]) {
    this.#statement ??= await this.#prepare();
    return this.#connection.texts(this.#statement, values);
  }

  /** A lost connection is made anew at the next try. */
  async #retried<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (attempt > this.#options.lookupRetriesMax) throw error;
      }
    }
  }

  async #prepare(): Promise<string> {
    const { tableName } = this.#options;
    const table = await describeTable(this.#connection, this.#table, tableName, this.schema);
    const arrays = this.#keys.map((name, k) => `$${k + 1}::${table.column(name).type}[]`);
    const match = this.#keys.map((name, k) => `t.${quoteName(name)} = k.k${k}`);
    const aliases = this.#keys.map((_, k) => `k${k}`);
    const columns = columnList(this.schema.fields.map(f => f.name));
    return (
      `SELECT k.ord::text, ${columns} FROM unnest(${arrays.join(', ')}) ` +
      `WITH ORDINALITY AS k(${aliases.join(', ')}, ord) JOIN ${table.name} AS t ON ${match.join(' AND ')} ` +
      'ORDER BY k.ord'
    );
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
