import type { NewRecord } from '../../log/mod.ts';
import type { EventOrder } from './encode/envelope.ts';

/** Counts the events of one transaction for Debezium's transaction topic (`provide.transaction.metadata`). */
export class TransactionCounter {
  readonly #tables = new Map<string, number>();
  #total = 0;

  next(table: string): EventOrder {
    const tableOrder = (this.#tables.get(table) ?? 0) + 1;
    this.#tables.set(table, tableOrder);
    this.#total++;
    return { totalOrder: this.#total, tableOrder };
  }

  get total(): number {
    return this.#total;
  }

  end(id: string, commitMicros: number): NewRecord {
    const collections = Array.from(this.#tables, ([table, count]) => ({
      data_collection: table,
      event_count: count,
    }));
    return boundary('END', id, commitMicros, this.#total, collections);
  }
}

/** The BEGIN event of a transaction. */
export function beginRecord(id: string, commitMicros: number): NewRecord {
  return boundary('BEGIN', id, commitMicros, null, null);
}

function boundary(
  status: 'BEGIN' | 'END',
  id: string,
  commitMicros: number,
  count: number | null,
  collections: readonly object[] | null,
): NewRecord {
  const tsMs = Math.floor(commitMicros / 1000);
  const value = { status, id, event_count: count, data_collections: collections, ts_ms: tsMs };
  return {
    key: Buffer.from(JSON.stringify({ id })),
    value: Buffer.from(JSON.stringify(value)),
    timestampMs: tsMs,
  };
}
