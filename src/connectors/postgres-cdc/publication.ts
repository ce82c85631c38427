import pg from 'pg';
import { MillraceError } from '../../core/mod.ts';
import type { CatalogTable } from './catalog.ts';
import type { CaptureConfig } from './config.ts';

const quote = pg.escapeIdentifier;
const qualified = (table: { readonly schema: string; readonly name: string }): string =>
  `${quote(table.schema)}.${quote(table.name)}`;

/** Make the publication hold what the config asks for, and set the replica identities it names. */
export async function preparePublication(
  client: pg.Client,
  config: CaptureConfig,
  tables: readonly CatalogTable[],
): Promise<void> {
  await setReplicaIdentities(client, config, tables);
  const found = await client.query<{ all: boolean }>(
    'select puballtables as all from pg_publication where pubname = $1',
    [config.publication],
  );
  const exists = found.rows[0];
  if (config.publicationMode === 'disabled') {
    if (exists === undefined) throw missing(config);
    return;
  }
  if (exists?.all === true) return;
  const list = tables.map(qualified).join(', ');
  const what = config.publicationMode === 'all_tables' ? 'for all tables' : `for table ${list}`;
  if (exists === undefined) await client.query(`create publication ${quote(config.publication)} ${what}`);
  else if (config.publicationMode === 'filtered') {
    await client.query(`alter publication ${quote(config.publication)} set table ${list}`);
  }
}

async function setReplicaIdentities(
  client: pg.Client,
  config: CaptureConfig,
  tables: readonly CatalogTable[],
): Promise<void> {
  const letters: Readonly<Record<string, string>> = { FULL: 'f', DEFAULT: 'd', NOTHING: 'n' };
  for (const table of tables) {
    const wanted = config.replicaIdentities.find(({ table: pattern }) =>
      pattern.test(`${table.schema}.${table.name}`),
    );
    if (wanted === undefined || letters[wanted.identity] === table.replicaIdentity) continue;
    await client.query(`alter table ${qualified(table)} replica identity ${wanted.identity}`);
  }
}

function missing(config: CaptureConfig): MillraceError {
  return new MillraceError(
    'CAPTURE_UNSUPPORTED',
    `publication ${config.publication} does not exist and publication.autocreate.mode is disabled; ` +
      'create it, or set the mode to filtered',
  );
}

/** `COPY` of a table's captured columns, in their order. */
export function copySql(table: CatalogTable): string {
  return `copy ${qualified(table)} (${table.columns.map(column => quote(column.name)).join(', ')}) to stdout`;
}
