import pg from 'pg';
import type { App, RouteRow } from '../app/mod.ts';
import { MillraceError, messageOf } from '../core/mod.ts';
import type { PostgresHandle } from './postgres/mod.ts';

/** The application's database: created with its schema at first start, queried by its routes. */
export interface AppDatabase {
  /** With the password: a secret. */
  url(): string;
  query(sql: string, values?: readonly unknown[]): Promise<readonly RouteRow[]>;
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 20;
const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5000;
/** BIGINT, NUMERIC: routes answer JSON, whose numbers these are. */
const AS_NUMBER = [20, 1700];

/** Opens the database, running `database/*.sql` in one transaction when it is new. */
export async function openAppDatabase(postgres: PostgresHandle, app: App): Promise<AppDatabase> {
  const { database } = app.manifest;
  await postgres.ensureDatabase(database);
  const url = (): string => postgres.databaseUrl(database);
  await createSchema(url(), app);
  const pool = new pg.Pool({
    connectionString: url(),
    max: CONNECTIONS_MAX,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: '-c timezone=UTC -c default_transaction_read_only=on',
    types: {
      getTypeParser: (oid, format) =>
        AS_NUMBER.includes(oid) ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  outliveBrokenConnections(pool);
  return {
    url,
    query: async (sql, values = []) => (await run(pool, sql, values)).rows as readonly RouteRow[],
    close: () => pool.end(),
  };
}

/**
 * A connection that breaks between two queries, idle or lent out, is replaced by the next query or reported
 * by it;
 * without a listener it would end the process.
 */
export function outliveBrokenConnections(pool: pg.Pool): void {
  pool.on('error', () => undefined);
  pool.on('connect', client => client.on('error', () => undefined));
}

/** A broken connection is met once more by a new one: PostgreSQL was restarted meanwhile. */
async function run(pool: pg.Pool, sql: string, values: readonly unknown[]): Promise<pg.QueryResult> {
  try {
    return await pool.query(sql, [...values]);
  } catch (error) {
    if (!isBroken(error)) throw error;
    return pool.query(sql, [...values]).catch(again => {
      throw new MillraceError('POSTGRES_UNAVAILABLE', `PostgreSQL does not answer: ${messageOf(again)}.`, {
        cause: again,
      });
    });
  }
}

/** Class 57P (shutdown) and errors of the connection itself, which have no SQLSTATE. */
function isBroken(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return /^57P|^08/.test(code) || !/^[0-9A-Z]{5}$/.test(code);
}

const SCHEMA_MARK = `CREATE SCHEMA IF NOT EXISTS millrace;
CREATE TABLE IF NOT EXISTS millrace.app_files (
  path text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`;

/** Each file runs once, in one transaction with the note that it ran. */
async function createSchema(url: string, app: App): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the query under way or the next one reports it
  await client.connect();
  try {
    await client.query(SCHEMA_MARK);
    const done = await client.query<{ path: string }>('SELECT path FROM millrace.app_files');
    const applied = new Set(done.rows.map(row => row.path));
    for (const file of app.database.filter(({ path }) => !applied.has(path))) {
      await client.query('BEGIN');
      await client.query(file.text).catch(error => {
        const line = lineAt(file.text, Number((error as { position?: string }).position ?? 0));
        throw new MillraceError('APP_INVALID', `${file.path}:${line}: ${messageOf(error)}`, { cause: error });
      });
      await client.query('INSERT INTO millrace.app_files VALUES ($1)', [file.path]);
      await client.query('COMMIT');
    }
  } finally {
    await client.end();
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, Math.max(0, position - 1)).split('\n').length;
}
