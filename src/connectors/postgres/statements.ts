import type { TargetColumn } from './target.ts';

/** Statements for a batch of rows; each parameter is an array with one column's values as text. */
export interface Statements {
  /** Parameters: one array per column. */
  readonly upsert: string;
  /** Parameters: one array per key column; null for tables without a key. */
  readonly remove: string | null;
}

/** Identifiers are always quoted. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `schema.table` or `table`, each part quoted. */
export const quoteTable = (name: string): string => name.split('.').map(quoteName).join('.');

/** `columns` and `key` (names, empty for none) in the order of the parameters. */
export function statementsFor(
  tableName: string,
  columns: readonly TargetColumn[],
  key: readonly string[],
): Statements {
  const table = quoteTable(tableName);
  const names = columns.map(c => quoteName(c.name));
  const insert = `INSERT INTO ${table} (${names.join(', ')}) SELECT * FROM ${unnest(columns)}`;
  if (key.length === 0) return { upsert: insert, remove: null };
  const rest = columns.filter(c => !key.includes(c.name)).map(c => quoteName(c.name));
  const action =
    rest.length === 0
      ? 'DO NOTHING'
      : `DO UPDATE SET ${rest.map(name => `${name} = EXCLUDED.${name}`).join(', ')}`;
  const keyColumns = key.map(name => columns.find(c => c.name === name)!);
  const aliases = key.map((_, i) => `k${i}`);
  const match = key.map((name, i) => `t.${quoteName(name)} = d.k${i}`).join(' AND ');
  return {
    upsert: `${insert} ON CONFLICT (${key.map(quoteName).join(', ')}) ${action}`,
    remove: `DELETE FROM ${table} t USING ${unnest(keyColumns)} AS d(${aliases.join(', ')}) WHERE ${match}`,
  };
}

const unnest = (columns: readonly TargetColumn[]): string =>
  `unnest(${columns.map((c, i) => `$${i + 1}::${c.type}[]`).join(', ')})`;
