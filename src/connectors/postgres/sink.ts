import type { RejectedRow, Sink, SinkWriter } from '../../contract/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { ChangelogMode, TableDeclaration } from '../../plan/mod.ts';
import { apply, ROWS_PER_STATEMENT } from './apply.ts';
import { ChangeBuffer, type Changes, encodeChanges, NEEDS_KEY } from './changes.ts';
import { CREATE_EPOCHS, EpochCommitter } from './committer.ts';
import { PostgresConnection, type Query } from './connection.ts';
import { addressOf, type JdbcDependencies, type JdbcOptions, jdbcOptions } from './options.ts';
import { applyButRefused, isRefusedRow } from './refused.ts';
import { quoteTable, type Statements, statementsFor } from './statements.ts';
import { type CellCheck, cellCheck } from './storable.ts';
import { COLUMNS_QUERY, checkTarget, type Target, UNIQUE_KEYS_QUERY } from './target.ts';

/**
 * A table in PostgreSQL. exactly-once: an epoch's changes, the last of each key, are applied in one
 * transaction together with the epoch's number in `millrace.sink_epochs`. at-least-once: changes are
 * applied as they come, by primary key.
 */
export function jdbcSink(table: TableDeclaration, input: ChangelogMode, deps: JdbcDependencies): Sink {
  const options = jdbcOptions(table);
  if (input !== 'append' && table.primaryKey.length === 0) throw new MillraceError('SQL_INVALID', NEEDS_KEY);
  const connect = (): PostgresConnection =>
    new PostgresConnection(addressOf(options, deps), `sink '${table.name}'`);
  return {
    delivery: options.delivery,
    openWriter: async () => {
      const connection = connect();
      const { statements, checks } = await connection.run(query => prepare(query, table, options));
      const buffer = new ChangeBuffer(table, checks);
      if (options.delivery === 'at-least-once') {
        return applyingWriter(connection, { statements, table, options }, buffer);
      }
      await connection.close();
      return stagingWriter(buffer);
    },
    openCommitter: async context => {
      if (options.delivery === 'at-least-once') return null;
      const connection = connect();
      const { statements } = await connection.run(async query => {
        await query(CREATE_EPOCHS);
        return prepare(query, table, options);
      });
      return new EpochCommitter(connection, statements, table, context);
    },
  };
}

/** How the rows get into the table that was found, and what has to be looked at in them before. */
interface Prepared {
  readonly statements: Statements;
  readonly checks: readonly (CellCheck | null)[];
}

async function prepare(query: Query, table: TableDeclaration, options: JdbcOptions): Promise<Prepared> {
  const name = quoteTable(options.tableName);
  const target: Target = {
    columns: (await query(COLUMNS_QUERY, [name])).rows.map(r => ({
      name: String(r['name']),
      type: String(r['type']),
    })),
    uniqueKeys: (await query(UNIQUE_KEYS_QUERY, [name])).rows.map(r => r['names'] as string[]),
  };
  checkTarget(table, options.tableName, target);
  const { fields } = table.physicalSchema;
  const columns = fields.map(f => target.columns.find(c => c.name === f.name)!);
  const key = table.primaryKey.map(i => fields[i]!.name);
  return {
    statements: statementsFor(options.tableName, columns, key),
    checks: fields.map((f, c) => cellCheck(f.type, columns[c]!)),
  };
}

/** Changes wait as texts: what a row of a few columns takes, for limits. */
const ROW_BYTES_ABOUT = 256;

function stagingWriter(buffer: ChangeBuffer): SinkWriter {
  return {
    write: batch => buffer.add(batch),
    prepare: async () => {
      const changes = buffer.take();
      return changes === null ? null : encodeChanges(changes);
    },
    stagedBytes: () => buffer.rowCount * ROW_BYTES_ABOUT,
    flush: async () => {},
    takeRejected: () => buffer.takeRejected(),
    close: async () => {},
  };
}

interface Applying {
  readonly statements: Statements;
  readonly table: TableDeclaration;
  readonly options: JdbcOptions;
}

function applyingWriter(
  connection: PostgresConnection,
  { statements, table, options }: Applying,
  buffer: ChangeBuffer,
): SinkWriter {
  let refused: readonly RejectedRow[] = [];
  const applied = async (changes: Changes): Promise<void> => {
    const isOneStatement =
      (changes.deletes[0]?.length ?? 0) === 0 && changes.upserts[0]!.length <= ROWS_PER_STATEMENT;
    if (isOneStatement) await connection.run(query => apply(query, statements, changes));
    else await connection.transaction(query => apply(query, statements, changes).then(() => true));
  };
  const flush = async (): Promise<void> => {
    const changes = buffer.take();
    if (changes === null) return;
    try {
      await applied(changes);
    } catch (error) {
      if (!isRefusedRow((error as Error).cause)) throw error;
      await connection.transaction(async query => {
        refused = [...refused, ...(await applyButRefused(query, statements, changes, table))];
        return true;
      });
    }
  };
  return {
    write: async batch => {
      buffer.add(batch);
      if (options.flushRowsMax > 0 && buffer.rowCount >= options.flushRowsMax) await flush();
    },
    prepare: async () => {
      await flush();
      return null;
    },
    flush,
    takeRejected: () => {
      const taken = [...buffer.takeRejected(), ...refused];
      refused = [];
      return taken;
    },
    close: () => connection.close(),
  };
}
