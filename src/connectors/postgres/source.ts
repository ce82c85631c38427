import type { Position, Source, SourceEvent, Split, SplitReader } from '../../contract/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { PostgresConnection } from './connection.ts';
import { addressOf, type JdbcDependencies, jdbcOptions } from './options.ts';
import { partitionBounds } from './partitions.ts';
import { columnList, describeTable, type ReadTable, readSchema, TextRows } from './read-table.ts';
import { quoteName } from './statements.ts';

/** Rows of a page where `scan.fetch-size` says nothing. */
const PAGE_ROWS = 4096;

/** Behind which row reading goes on: the texts of its key. */
interface ScanPosition {
  readonly after: readonly string[];
}

/**
 * A table in PostgreSQL, read once from its beginning to its end, in the order of its primary key (without
 * one, in that of its rows' places): so that reading goes on exactly where a checkpoint left it.
 */
export function jdbcSource(
  table: TableDeclaration,
  projection: readonly number[],
  deps: JdbcDependencies,
): Source {
  const options = jdbcOptions(table);
  const schema = readSchema(table, projection);
  const bounds = partitionBounds(table);
  return {
    schema,
    bounded: true,
    splits: async () => bounds.map((_, i) => ({ id: String(i) })),
    open: async (split: Split, position: Position | null) => {
      const connection = new PostgresConnection(addressOf(options, deps), `table '${table.name}'`, 'read');
      const found = await describeTable(connection, table, options.tableName, schema);
      const page = pageOf(table, found, bounds[Number(split.id)] ?? null, options.fetchRows ?? PAGE_ROWS);
      return new ScanReader(connection, page, new TextRows(schema), position as ScanPosition | null);
    },
  };
}

/** A statement for a page of rows. */
interface Page {
  /** Parameters: the bounds of the split; then, to go on, the key of the last row. */
  readonly first: string;
  readonly next: string;
  readonly bounds: readonly string[];
  readonly keyWidth: number;
  readonly rows: number;
}

function pageOf(
  table: TableDeclaration,
  { schema, name, column }: ReadTable,
  bounds: ReturnType<typeof partitionBounds>[number],
  rows: number,
): Page {
  const names = table.primaryKey.map(i => table.physicalSchema.fields[i]!.name);
  const keys = names.length === 0 ? ['t.ctid'] : names.map(key => `t.${quoteName(key)}`);
  const types = names.length === 0 ? ['tid'] : names.map(key => column(key).type);
  const given = bounds === null ? [] : [bounds.from, bounds.to];
  const within =
    bounds === null
      ? []
      : [
          `t.${quoteName(bounds.column)} BETWEEN $1::${column(bounds.column).type} ` +
            `AND $2::${column(bounds.column).type}`,
        ];
  const last = keys.map((_, k) => `$${given.length + k + 1}::${types[k]}`);
  const behind = `(${keys.join(', ')}) > (${last.join(', ')})`;
  const list = columnList(schema.fields.map(f => f.name));
  const texts = keys.map(key => `${key}::text`).join(', ');
  const select = (conditions: readonly string[]): string => {
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    return (
      `SELECT ${texts}${list === '' ? '' : `, ${list}`} FROM ${name} AS t${where} ` +
      `ORDER BY ${keys.join(', ')} LIMIT ${rows}`
    );
  };
  return {
    first: select(within),
    next: select([...within, behind]),
    bounds: given,
    keyWidth: keys.length,
    rows,
  };
}

class ScanReader implements SplitReader {
  readonly #connection: PostgresConnection;
  readonly #page: Page;
  readonly #rows: TextRows;
  #position: ScanPosition | null;
  #isOpen = false;
  #isOver = false;

  constructor(connection: PostgresConnection, page: Page, rows: TextRows, position: ScanPosition | null) {
    this.#connection = connection;
    this.#page = page;
    this.#rows = rows;
    this.#position = position;
  }

  async poll(): Promise<SourceEvent> {
    if (this.#isOver) return { kind: 'end' };
    const { first, next, bounds, keyWidth, rows: wanted } = this.#page;
    const after = this.#position?.after ?? null;
    if (!this.#isOpen) {
      // All pages see the table as it is now.
      await this.#connection.run(query => query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'));
      this.#isOpen = true;
    }
    const rows = await this.#connection.texts(after === null ? first : next, [...bounds, ...(after ?? [])]);
    this.#isOver = rows.length < wanted;
    const last = rows.at(-1);
    if (last === undefined) return { kind: 'end' };
    this.#position = { after: last.slice(0, keyWidth).map(keyText) };
    return { kind: 'batch', batch: this.#rows.batch(rows, keyWidth) };
  }

  position(): ScanPosition | null {
    return this.#position;
  }

  /** A page at least is left until the last came back short. */
  async lag(): Promise<number> {
    return this.#isOver ? 0 : 1;
  }

  takeRejected(): readonly [] {
    return [];
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function keyText(text: string | null): string {
  if (text !== null) return text;
  throw new MillraceError('SOURCE_FAILED', 'a column of the declared primary key holds NULL.');
}
