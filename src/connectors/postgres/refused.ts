import type { RejectedRow } from '../../contract/mod.ts';
import type { DataType } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import type { Changes } from './changes.ts';
import type { Query } from './connection.ts';
import type { Statements } from './statements.ts';

/** One change that PostgreSQL refused. */
interface Refused {
  readonly cells: readonly (string | null)[];
  readonly isDelete: boolean;
  readonly reason: string;
}

/** Columns of rows: `columns[c][i]` is column c of the i-th row. */
type Columns = Changes['upserts'];

/**
 * Whether PostgreSQL refuses a row for what it holds: SQLSTATE class 22 (a value that does not fit) and 23 (a
 * violated constraint). No later try would go better, so the row must not hold up the others.
 */
export function isRefusedRow(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && /^2[23]/.test(code);
}

/**
 * Applies changes of which some are refused: all others are applied, in the transaction that `query` is in.
 * What the table holds under the key of a refused row goes, since it is true no more.
 */
export async function applyButRefused(
  query: Query,
  statements: Statements,
  changes: Changes,
  table: TableDeclaration,
): Promise<readonly RejectedRow[]> {
  // Constraints that wait for the end would refuse the transaction as a whole.
  await query('SET CONSTRAINTS ALL IMMEDIATE');
  const deletes = statements.remove === null ? [] : await applyAll(query, statements.remove, changes.deletes);
  const upserts = await applyAll(query, statements.upsert, changes.upserts);
  for (const { cells } of statements.remove === null ? [] : upserts) {
    const key = table.primaryKey.map(c => [cells[c] ?? null]);
    await attempt(query, () => query(statements.remove!, key));
  }
  return [...deletes.map(row => ({ ...row, isDelete: true })), ...upserts].map(row => rejected(row, table));
}

/** Rows may need one another, as those of a table that refers to itself: refused ones are tried again. */
async function applyAll(query: Query, text: string, columns: Columns): Promise<readonly Refused[]> {
  let refused = await halves(query, text, columns);
  for (let left = Number.POSITIVE_INFINITY; refused.length > 0 && refused.length < left; ) {
    left = refused.length;
    refused = await halves(query, text, transposed(refused));
  }
  return refused;
}

/** Applies rows, halving those that are refused until single ones are left. */
async function halves(query: Query, text: string, columns: Columns): Promise<Refused[]> {
  const count = columns[0]?.length ?? 0;
  if (count === 0) return [];
  const reason = await attempt(query, () => query(text, columns));
  if (reason === null) return [];
  if (count === 1) return [{ cells: columns.map(column => column[0] ?? null), isDelete: false, reason }];
  const half = count >> 1;
  const first = await halves(
    query,
    text,
    columns.map(column => column.slice(0, half)),
  );
  const second = await halves(
    query,
    text,
    columns.map(column => column.slice(half)),
  );
  return [...first, ...second];
}

const transposed = (rows: readonly Refused[]): Columns =>
  rows[0]!.cells.map((_, c) => rows.map(({ cells }) => cells[c] ?? null));

/** Does what may be refused behind a savepoint; why it was, or null. */
async function attempt(query: Query, work: () => Promise<unknown>): Promise<string | null> {
  await query('SAVEPOINT tried');
  try {
    await work();
  } catch (error) {
    if (!isRefusedRow(error)) throw error;
    await query('ROLLBACK TO SAVEPOINT tried');
    return sentenceOf(error as Error & { readonly code: string; readonly detail?: string });
  }
  await query('RELEASE SAVEPOINT tried');
  return null;
}

const sentenceOf = ({ code, message, detail }: Error & { readonly code: string; readonly detail?: string }) =>
  `${message}${detail === undefined ? '' : ` (${detail.replace(/\.$/, '')})`}, SQLSTATE ${code}`;

function rejected({ cells, isDelete, reason }: Refused, table: TableDeclaration): RejectedRow {
  const { fields } = table.physicalSchema;
  const columns = isDelete ? table.primaryKey.map(c => fields[c]!) : fields;
  const members = columns.map(
    ({ name, type }, c) => `${JSON.stringify(name)}:${memberText(cells[c] ?? null, type)}`,
  );
  return {
    reason: `sink '${table.name}': ${isDelete ? 'can not delete: ' : ''}${reason}`,
    value: new TextEncoder().encode(`{${members.join(',')}}`),
  };
}

const NUMBERS: readonly DataType['kind'][] = [
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'DECIMAL',
  'FLOAT',
  'DOUBLE',
];
const NESTED: readonly DataType['kind'][] = ['ARRAY', 'MAP', 'MULTISET', 'ROW'];

/** The text that was meant for PostgreSQL, as JSON. */
function memberText(cell: string | null, { kind }: DataType): string {
  if (cell === null) return 'null';
  if (kind === 'BOOLEAN') return cell === 't' ? 'true' : 'false';
  if (NESTED.includes(kind)) return cell;
  return NUMBERS.includes(kind) && Number.isFinite(Number(cell)) ? cell : JSON.stringify(cell);
}
