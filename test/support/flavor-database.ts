import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { GeneratorContext, GeneratorDatabase } from '../../src/app/api.ts';
import { openPostgres, type PostgresHandle } from '../../src/platform/postgres/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';

const QUIET = { info: () => undefined, warn: () => undefined };

/** A PostgreSQL of its own with Flavor Trend's schema, and the generator's context on it. */
export interface FlavorDatabase {
  readonly server: PostgresHandle;
  readonly pool: pg.Pool;
  context(parameters: Readonly<Record<string, number | string>>, signal: AbortSignal): GeneratorContext;
  close(): Promise<void>;
}

const DEFAULTS = {
  ...{ seed: 42, rate: 15, rush_factor: 1, rush_hours: '12-14', weekend_factor: 1, review_share: 0.7 },
  profile: 'plain',
  ...{ post_interval_s: 10, positive_post_share: 0.6, user_interval_s: 15, weather_interval_s: 300 },
  ...{ flags_interval_s: 0, backfill_minutes: 120, orders_max: 0 },
};

export async function openFlavorDatabase(): Promise<FlavorDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace flavor '));
  chmodSync(folder, 0o755);
  const server = await openPostgres({
    directory: join(folder, 'postgres'),
    clock: systemClock,
    logger: QUIET,
  });
  await server.ensureDatabase('flavor');
  const pool = new pg.Pool({ connectionString: server.databaseUrl('flavor'), max: 4 });
  pool.on('error', () => undefined);
  const schema = 'apps/flavor-trend/database';
  for (const file of readdirSync(schema).sort()) await pool.query(readFileSync(join(schema, file), 'utf8'));
  return {
    server,
    pool,
    context: (parameters, signal) => ({
      database: databaseOf(pool),
      clock: systemClock,
      parameters: { ...DEFAULTS, ...parameters },
      timeZone: 'Africa/Tunis',
      signal,
      logger: QUIET,
    }),
    close: async () => {
      await pool.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function databaseOf(pool: pg.Pool): GeneratorDatabase {
  return {
    query: async (sql, values) => (await pool.query(sql, values as unknown[])).rows,
    transaction: async statements => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        for (const { sql, values } of statements) await client.query(sql, values as unknown[]);
        await client.query('COMMIT');
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    copyCsv: async (table, csv) => {
      const client = await pool.connect();
      try {
        const columns = csv.slice(0, csv.indexOf('\n'));
        const target = client.query(
          copyFrom(`COPY ${table} (${columns}) FROM STDIN (FORMAT csv, HEADER true)`),
        );
        await pipeline(Readable.from([csv]), target);
      } finally {
        client.release();
      }
    },
  };
}
