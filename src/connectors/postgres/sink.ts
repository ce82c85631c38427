import type { Committer, Sink, SinkContext, SinkWriter } from '../../contract/mod.ts';
import { failpoint, MillraceError } from '../../core/mod.ts';
import type { ChangelogMode, TableDeclaration } from '../../plan/mod.ts';
import { ChangeBuffer, type Changes, decodeChanges, encodeChanges, NEEDS_KEY } from './changes.ts';
import { PostgresConnection, type Query } from './connection.ts';
import { addressOf, type JdbcDependencies, type JdbcOptions, jdbcOptions } from './options.ts';
import { quoteTable, type Statements, statementsFor } from './statements.ts';
import { type CellCheck, cellCheck } from './storable.ts';
import { COLUMNS_QUERY, checkTarget, type Target, UNIQUE_KEYS_QUERY } from './target.ts';

/** Rows per statement. */
const ROWS_PER_STATEMENT = 5000;

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
        return applyingWriter(connection, statements, buffer, options);
      }
      await connection.close();
      return stagingWriter(buffer);
    },
    openCommitter: async context => {
      if (options.delivery === 'at-least-once') return null;
      return openCommitter(connect(), table, options, context);
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

/** Deletes first: a key is in one of the lists only. */
async function apply(query: Query, statements: Statements, changes: Changes): Promise<void> {
  if (statements.remove !== null) await inChunks(query, statements.remove, changes.deletes);
  await inChunks(query, statements.upsert, changes.upserts);
}

async function inChunks(query: Query, text: string, columns: Changes['upserts']): Promise<void> {
  const count = columns[0]?.length ?? 0;
  for (let from = 0; from < count; from += ROWS_PER_STATEMENT) {
    await query(
      text,
      columns.map(column => column.slice(from, from + ROWS_PER_STATEMENT)),
    );
  }
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

function applyingWriter(
  connection: PostgresConnection,
  statements: Statements,
  buffer: ChangeBuffer,
  options: JdbcOptions,
): SinkWriter {
  const flush = async (): Promise<void> => {
    const changes = buffer.take();
    if (changes === null) return;
    const isOneStatement =
      (changes.deletes[0]?.length ?? 0) === 0 && changes.upserts[0]!.length <= ROWS_PER_STATEMENT;
    if (isOneStatement) await connection.run(query => apply(query, statements, changes));
    else await connection.transaction(query => apply(query, statements, changes).then(() => true));
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
    takeRejected: () => buffer.takeRejected(),
    close: () => connection.close(),
  };
}

/** Two jobs may do this at once: an advisory lock keeps them apart, since IF NOT EXISTS alone does not. */
const CREATE_EPOCHS =
  "SELECT pg_advisory_xact_lock(hashtext('millrace.sink_epochs'));" +
  'CREATE SCHEMA IF NOT EXISTS millrace;' +
  'CREATE TABLE IF NOT EXISTS millrace.sink_epochs (incarnation text, sink text, epoch bigint NOT NULL, ' +
  'PRIMARY KEY (incarnation, sink))';

/** Touches a row only when the epoch is new. */
const ADVANCE_EPOCH =
  'INSERT INTO millrace.sink_epochs AS e (incarnation, sink, epoch) VALUES ($1, $2, $3) ' +
  'ON CONFLICT (incarnation, sink) DO UPDATE SET epoch = EXCLUDED.epoch WHERE e.epoch < EXCLUDED.epoch';

async function openCommitter(
  connection: PostgresConnection,
  table: TableDeclaration,
  options: JdbcOptions,
  context: SinkContext,
): Promise<Committer> {
  const { statements } = await connection.run(async query => {
    await query(CREATE_EPOCHS);
    return prepare(query, table, options);
  });
  return {
    commit: (epoch, staged: Uint8Array) =>
      connection.transaction(async query => {
        const advanced = await query(ADVANCE_EPOCH, [context.incarnation, context.sinkId, epoch]);
        if (advanced.rowCount === 0) return false;
        await apply(query, statements, decodeChanges(staged));
        failpoint('jdbc.apply.after');
        return true;
      }),
    close: () => connection.close(),
  };
}
