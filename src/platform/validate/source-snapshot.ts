import pg from 'pg';
import { assert } from '../../core/mod.ts';

/**
 * The source at one position of the write-ahead log: everything that committed before `lsn`, nothing after.
 * A temporary replication slot exports the two together; both end with `close`.
 */
export interface SourceSnapshot {
  readonly lsn: string;
  /** A transaction that sees the source at that position; it may make temporary tables. */
  readonly transaction: pg.Client;
  close(): Promise<void>;
}

/** Opens a snapshot on a database. */
export async function openSourceSnapshot(url: string, slot: string): Promise<SourceSnapshot> {
  // `replication` is passed on to the server as it stands; the types do not know it.
  const options = { connectionString: url, replication: 'database' } as pg.ClientConfig;
  const replication = new pg.Client(options);
  const transaction = new pg.Client({ connectionString: url, options: '-c timezone=UTC' });
  for (const client of [replication, transaction]) client.on('error', () => undefined); // queries report it
  const close = async (): Promise<void> => {
    await Promise.allSettled([transaction.end(), replication.end()]);
  };
  try {
    await Promise.all([replication.connect(), transaction.connect()]);
    const { rows } = await replication.query<{ consistent_point: string; snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT ${pg.escapeIdentifier(slot)} TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    const exported = rows[0];
    assert(exported, 'a created replication slot answers one row');
    await transaction.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await transaction.query(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(exported.snapshot_name)}`);
    return { lsn: exported.consistent_point, transaction, close };
  } catch (error) {
    await close();
    throw error;
  }
}
