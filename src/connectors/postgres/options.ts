import { MillraceError } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';

/** What the WITH clause of a `jdbc` table says. */
export interface JdbcOptions {
  /** Connection string for PostgreSQL, or null for the application's own database. */
  readonly url: string | null;
  /** As given: a name, or schema and name with a point between. */
  readonly tableName: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Rows that at-least-once delivery keeps back at most; 0 = no bound of its own. */
  readonly flushRowsMax: number;
  readonly delivery: 'exactly-once' | 'at-least-once';
  /** Rows of a page when the table is read; null where nothing is said. */
  readonly fetchRows: number | null;
  /** How often a failed question by key is asked again. */
  readonly lookupRetriesMax: number;
}

/** What tables in PostgreSQL are reached by. */
export interface JdbcDependencies {
  /** The application's database, for tables without `url`. */
  readonly postgresUrl: () => string;
}

/** The address with the user and password of the options in it, where they win over other sources. */
export function addressOf(options: JdbcOptions, deps: JdbcDependencies): string {
  const address = new URL(options.url ?? deps.postgresUrl());
  if (options.username !== undefined) address.username = encodeURIComponent(options.username);
  if (options.password !== undefined) address.password = encodeURIComponent(options.password);
  return address.href;
}

const KNOWN = [
  'connector',
  'connection.max-retry-timeout',
  'driver',
  'lookup.cache',
  'lookup.cache.caching-missing-key',
  'lookup.cache.max-rows',
  'lookup.cache.ttl',
  'lookup.max-retries',
  'lookup.partial-cache.cache-missing-key',
  'lookup.partial-cache.expire-after-access',
  'lookup.partial-cache.expire-after-write',
  'lookup.partial-cache.max-rows',
  'password',
  'scan.auto-commit',
  'scan.fetch-size',
  'scan.partition.column',
  'scan.partition.lower-bound',
  'scan.partition.num',
  'scan.partition.upper-bound',
  'sink.buffer-flush.interval',
  'sink.buffer-flush.max-rows',
  'sink.delivery-guarantee',
  'sink.max-retries',
  'sink.parallelism',
  'table-name',
  'url',
  'username',
];

const invalid = (message: string): MillraceError => new MillraceError('SQL_INVALID', message);

/** Read and check the options of a table; everything unknown or wrong is refused in Flink's words. */
export function jdbcOptions(table: TableDeclaration): JdbcOptions {
  const given = table.options;
  const unknown = Object.keys(given).filter(name => !KNOWN.includes(name));
  if (unknown.length > 0) {
    throw invalid(
      `Unsupported options found for 'jdbc'.\n\nUnsupported options:\n\n${unknown.sort().join('\n')}` +
        `\n\nSupported options:\n\n${KNOWN.join('\n')}`,
    );
  }
  const tableName = given['table-name'];
  if (tableName === undefined) {
    throw invalid('One or more required options are missing.\n\nMissing required options are:\n\ntable-name');
  }
  const rows = whole(given, 'sink.buffer-flush.max-rows', 0);
  const delivery = given['sink.delivery-guarantee'] ?? 'exactly-once';
  if (delivery !== 'exactly-once' && delivery !== 'at-least-once') {
    throw invalid(
      `Could not parse value '${delivery}' for key 'sink.delivery-guarantee': exactly-once or at-least-once.`,
    );
  }
  if (delivery === 'at-least-once' && table.primaryKey.length === 0) {
    throw invalid(
      `table '${table.name}': 'sink.delivery-guarantee' = 'at-least-once' needs a PRIMARY KEY, ` +
        'else rows would be doubled',
    );
  }
  return {
    url: given['url'] === undefined ? null : postgresUrl(given['url']),
    tableName,
    username: given['username'],
    password: given['password'],
    flushRowsMax: rows,
    delivery,
    fetchRows: whole(given, 'scan.fetch-size', 0) || null,
    lookupRetriesMax: whole(given, 'lookup.max-retries', 3),
  };
}

function whole(given: TableDeclaration['options'], name: string, otherwise: number): number {
  const text = given[name] ?? String(otherwise);
  if (!/^\d{1,9}$/.test(text)) throw invalid(`Could not parse value '${text}' for key '${name}'.`);
  return Number(text);
}

function postgresUrl(url: string): string {
  const bare = url.startsWith('jdbc:') ? url.slice('jdbc:'.length) : url;
  if (/^postgres(ql)?:\/\//.test(bare) && URL.canParse(bare)) return bare;
  throw new MillraceError('SQL_UNSUPPORTED', `'url' = '${url}': only jdbc:postgresql://… is supported`);
}
