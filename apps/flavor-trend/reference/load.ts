import type { GeneratorContext } from 'millrace/app';
import { type Row, toCsv } from './csv.ts';

/** Tables whose identity columns must go on behind the loaded rows. */
const IDENTITIES: Readonly<Record<string, string>> = {
  users: 'user_id',
  posts: 'post_id',
  weather_conditions: 'weather_id',
  orders: 'order_id',
};

/**
 * Load tables by COPY, each reported by itself. A table that has rows is left alone, unless `reload` empties
 * all
 * of them first.
 */
export async function loadTables(
  { database, logger }: Pick<GeneratorContext, 'database' | 'logger'>,
  data: ReadonlyMap<string, readonly Row[]>,
  reload = false,
): Promise<number> {
  if (reload) await database.query(`TRUNCATE ${[...data.keys()].join(', ')} CASCADE`);
  let loaded = 0;
  for (const [table, rows] of data) {
    const [found] = await database.query(`SELECT EXISTS (SELECT 1 FROM ${table}) AS filled`);
    if (found?.filled || rows.length === 0) {
      logger.info(`${table}: ${rows.length === 0 ? 'nothing to load' : 'has rows already'}, skipped`);
      continue;
    }
    await database.copyCsv(table, toCsv(rows));
    loaded += rows.length;
    logger.info(`${table}: ${rows.length} rows loaded`);
  }
  for (const [table, identity] of Object.entries(IDENTITIES)) {
    await database.query(
      `SELECT setval(pg_get_serial_sequence('${table}', '${identity}'), max(${identity})) FROM ${table}
       HAVING max(${identity}) IS NOT NULL`,
    );
  }
  if (loaded === 0) logger.warn('no reference data were loaded');
  return loaded;
}
