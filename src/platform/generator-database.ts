import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { GeneratorDatabase } from '../app/mod.ts';
import { outliveBrokenConnections } from './database.ts';

const CONNECTIONS_MAX = 8;

/**
 * The application's database as its generator writes it: connections of its own, apart from those of the
 * routes.
 */
export function openGeneratorDatabase(url: string): GeneratorDatabase & { close(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS_MAX, options: '-c timezone=UTC' });
  outliveBrokenConnections(pool);
  return {
    query: async (sql, values = []) => (await pool.query(sql, [...values])).rows,
    transaction: statements =>
      withClient(pool, async client => {
        await client.query('BEGIN');
        for (const { sql, values = [] } of statements) await client.query(sql, [...values]);
        await client.query('COMMIT');
      }),
    copyCsv: (table, csv) =>
      withClient(pool, async client => {
        const columns = csv.slice(0, csv.indexOf('\n')).trim();
        const name = table.split('.').map(pg.escapeIdentifier).join('.');
        const sink = client.query(
          copyFrom(`COPY ${name} (${columns}) FROM STDIN WITH (FORMAT csv, HEADER true)`),
        );
        await pipeline(Readable.from([csv]), sink);
      }),
    close: () => pool.end(),
  };
}

/** A connection that failed within a transaction is thrown away: PostgreSQL rolls back what it had begun. */
async function withClient(pool: pg.Pool, use: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await use(client);
  } catch (error) {
    client.release(true);
    throw error;
  }
  client.release();
}
