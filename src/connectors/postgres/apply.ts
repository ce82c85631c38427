import type { Changes } from './changes.ts';
import type { Query } from './connection.ts';
import type { Statements } from './statements.ts';

/** Rows per statement. */
export const ROWS_PER_STATEMENT = 5000;

/** Deletes first: a key is in one of the lists only. */
export async function apply(query: Query, statements: Statements, changes: Changes): Promise<void> {
  if (statements.remove !== null) await inChunks(query, statements.remove, changes.deletes);
  await inChunks(query, statements.upsert, changes.upserts);
}

async function inChunks(query: Query, text: string, columns: Changes['upserts']): Promise<void> {
  const count = columns[0]?.length ?? 0;
  for (let from = 0; from < count; from += ROWS_PER_STATEMENT) {
    await query(
      text,
      columns.map(column => column.slice(from, from + ROWS_PER_STATEMENT)),
    );
  }
}
