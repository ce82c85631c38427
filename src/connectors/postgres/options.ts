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
}

const KNOWN = [
  'connector',
  'connection.max-retry-timeout',
  'driver',
  'password',
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
  const rows = given['sink.buffer-flush.max-rows'] ?? '0';
  if (!/^\d{1,9}$/.test(rows))
    throw invalid(`Could not parse value '${rows}' for key 'sink.buffer-flush.max-rows'.`);
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
    flushRowsMax: Number(rows),
    delivery,
  };
}

function postgresUrl(url: string): string {
  const bare = url.startsWith('jdbc:') ? url.slice('jdbc:'.length) : url;
  if (/^postgres(ql)?:\/\//.test(bare) && URL.canParse(bare)) return bare;
  throw new MillraceError('SQL_UNSUPPORTED', `'url' = '${url}': only jdbc:postgresql://… is supported`);
}
