import pg from 'pg';
import type { PostgresHandle } from '../postgres/mod.ts';

/** The control plane's own database; never one that is captured. */
const DATABASE = 'millrace';
const TABLE = `CREATE TABLE IF NOT EXISTS jobs (
  name text PRIMARY KEY, sql text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`;

/** A job that a user gave at run time. */
export interface StoredJob {
  readonly name: string;
  readonly sql: string;
}

/** The jobs of users, kept over restarts. */
export interface JobStore {
  all(): Promise<readonly StoredJob[]>;
  put(job: StoredJob): Promise<void>;
  remove(name: string): Promise<void>;
}

/**
 * Opens the store, creating database and table at first use. Each call has a connection of its own: they
 * are rare.
 */
export async function openJobStore(postgres: PostgresHandle): Promise<JobStore> {
  await postgres.ensureDatabase(DATABASE);
  const query = async (sql: string, values: readonly unknown[] = []): Promise<readonly StoredJob[]> => {
    const client = new pg.Client({ connectionString: postgres.databaseUrl(DATABASE) });
    client.on('error', () => undefined); // the query under way reports it
    await client.connect();
    try {
      return (await client.query<StoredJob>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  await query(TABLE);
  return {
    all: () => query('SELECT name, sql FROM jobs ORDER BY created_at'),
    put: async ({ name, sql }) =>
      void (await query('INSERT INTO jobs (name, sql) VALUES ($1, $2)', [name, sql])),
    remove: async name => void (await query('DELETE FROM jobs WHERE name = $1', [name])),
  };
}
