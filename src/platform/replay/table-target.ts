import pg from 'pg';
import { MillraceError, messageOf } from '../../core/mod.ts';
import { connect } from '../cli/client.ts';
import type { CommandContext } from '../cli/command.ts';
import type { DeadLetter, Target } from './target.ts';
import { retryWhileDown, topicTarget } from './topic-target.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * Inserts into a table of the application's database. Each batch and its number are stored in one
 * transaction, so that
 * a batch whose answer was lost is not inserted twice. A row that PostgreSQL refuses goes to the topic
 * `<table>.dlq`.
 */
export async function tableTarget(context: CommandContext, table: string, producer: string): Promise<Target> {
  const { databaseUrl } = connect(context).control;
  if (databaseUrl === null) throw new MillraceError('NOT_FOUND', 'only the log runs: there is no database.');
  const retrying = retryWhileDown(context);
  const dead: { target?: Target } = {};
  let sequence = 0;
  const insert = (rows: readonly Row[]): Promise<void> => {
    const number = sequence++;
    return retrying(() => insertOnce(connect(context).control.databaseUrl!, table, producer, number, rows));
  };
  /** Halves what was refused until single rows are left. */
  const write = async (rows: readonly Row[]): Promise<readonly DeadLetter[]> => {
    try {
      await insert(rows);
      return [];
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (rows.length === 1) return [letterOf(rows[0]!, error)];
      const middle = rows.length >> 1;
      return [...(await write(rows.slice(0, middle))), ...(await write(rows.slice(middle)))];
    }
  };
  return {
    write,
    deadLetter: async letters => {
      dead.target ??= await topicTarget(context, `${table}.dlq`, `${producer}-dlq`);
      await dead.target.write(letters as unknown as readonly Row[]);
    },
    close: async () => undefined,
  };
}

function letterOf(row: Row, error: unknown): DeadLetter {
  return { file: '', line: null, reason: messageOf(error), text: JSON.stringify(row) };
}

/** PostgreSQL's class 22 (data) and 23 (constraints): the row is wrong, not the server. */
function isRefusal(error: unknown): boolean {
  return /^2[23]/.test((error as { code?: string }).code ?? '');
}

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS millrace_replay (producer text PRIMARY KEY, sequence bigint NOT NULL)`;
const CLAIM = `INSERT INTO millrace_replay VALUES ($1, $2)
  ON CONFLICT (producer) DO UPDATE SET sequence = excluded.sequence
  WHERE millrace_replay.sequence < excluded.sequence`;

async function insertOnce(
  url: string,
  table: string,
  producer: string,
  sequence: number,
  rows: readonly Row[],
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the query under way reports it
  await client.connect();
  try {
    if (sequence === 0) await client.query(BOOKKEEPING);
    await client.query('BEGIN');
    const claimed = await client.query(CLAIM, [producer, sequence]);
    if (claimed.rowCount === 1) {
      const name = table.split('.').map(pg.escapeIdentifier).join('.');
      const columns = Object.keys(rows[0]!).map(pg.escapeIdentifier).join(', ');
      await client.query(
        `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(null::${name}, $1)`,
        [JSON.stringify(rows)],
      );
    }
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
