import { readFileSync } from 'node:fs';
import { CONFIG, type NexmarkQuery } from './config.ts';

/** The WITH clauses of the two tables, which alone differ between the engines. */
export interface Connectors {
  readonly source: Readonly<Record<string, string>>;
  readonly sink: Readonly<Record<string, string>>;
}

const read = (name: string): string => readFileSync(new URL(`queries/${name}.sql`, import.meta.url), 'utf8');

const withClause = (options: Readonly<Record<string, string>>): string =>
  Object.entries(options)
    .map(([key, value]) => `'${key}' = '${value}'`)
    .join(',\n  ');

type Settings = Readonly<Record<string, string>>;

/** The script of a query: settings, tables, views, INSERT. */
export function scriptOf(
  query: NexmarkQuery,
  connectors: Connectors,
  settings: Settings = CONFIG.settings,
): string {
  const sets = Object.entries(settings).map(([key, value]) => `SET '${key}' = '${value}';\n`);
  return `${sets.join('')}${read('tables')}\n${read(query.name)}`
    .replace(/\$\{source\}/, () => withClause(connectors.source))
    .replace(/\$\{sink\}/, () => withClause(connectors.sink));
}

/** Updates need a format with row kinds; the rest is plain JSON. */
export const sinkFormat = (query: NexmarkQuery): string => (query.updates ? 'debezium-json' : 'json');
