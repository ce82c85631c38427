import { createHash } from 'node:crypto';
import type { NexmarkQuery } from './config.ts';

interface Change {
  readonly before: object | null;
  readonly after: object | null;
  readonly op: string;
}

/**
 * The table that a query's records describe, as sorted JSON rows: plain rows, or changes as Debezium writes
 * them. A change that takes away a row which is not there is an error.
 */
export function accumulate(query: NexmarkQuery, records: readonly string[]): string[] {
  if (!query.updates) return records.map(record => JSON.stringify(JSON.parse(record))).sort();
  const rows = new Map<string, number>();
  for (const record of records) {
    const { before, after, op } = JSON.parse(record) as Change;
    const row = JSON.stringify(op === 'd' ? before : after);
    const count = (rows.get(row) ?? 0) + (op === 'd' ? -1 : 1);
    if (count < 0) throw new Error(`${query.name} takes away what is not there: ${row}`);
    rows.set(row, count);
  }
  return [...rows].flatMap(([row, count]) => Array<string>(count).fill(row)).sort();
}

/** A result in short: how many rows, and a hash of them all. */
export interface Digest {
  readonly rows: number;
  readonly sha256: string;
}

export const digestOf = (rows: readonly string[]): Digest => ({
  rows: rows.length,
  sha256: createHash('sha256').update(rows.join('\n')).digest('hex'),
});
