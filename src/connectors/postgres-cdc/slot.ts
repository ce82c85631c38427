import type pg from 'pg';
import { MillraceError } from '../../core/mod.ts';
import type { CaptureConfig } from './config.ts';
import { parseLsn } from './lsn.ts';

/** The replication slot as the server shows it. */
export interface SlotState {
  readonly active: boolean;
  readonly confirmedLsn: number;
}

/** Our slot, or null when there is none. CAPTURE_UNSUPPORTED when it cannot serve. */
export async function findSlot(client: pg.Client, config: CaptureConfig): Promise<SlotState | null> {
  const { rows } = await client.query<Record<string, string | boolean | null>>(
    `select plugin, database, active, confirmed_flush_lsn::text as confirmed, wal_status
     from pg_replication_slots where slot_name = $1`,
    [config.slot],
  );
  const row = rows[0];
  if (row === undefined) return null;
  if (row['plugin'] !== 'pgoutput' || row['database'] !== config.database) {
    throw new MillraceError(
      'CAPTURE_UNSUPPORTED',
      `slot ${config.slot} belongs to plugin ${row['plugin']} of database ${row['database']}; ` +
        'set another slot.name',
    );
  }
  if (row['wal_status'] === 'lost') throw slotLost(config, 'the server removed WAL that it still needed');
  return { active: row['active'] === true, confirmedLsn: parseLsn(String(row['confirmed'] ?? '0/0')) };
}

/** Drop our slot. CAPTURE_FAILED, to be tried again, while another session holds it. */
export async function dropSlot(client: pg.Client, config: CaptureConfig): Promise<void> {
  const slot = await findSlot(client, config);
  if (slot === null) return;
  if (slot.active)
    throw new MillraceError('CAPTURE_FAILED', `slot ${config.slot} is held by another session`);
  await client.query('select pg_drop_replication_slot($1)', [config.slot]);
}

/**
 * A new slot: where its stream begins, and the name of the tableSnapshot as of there when it was exported.
 */
export async function createSlot(
  replication: pg.Client,
  config: CaptureConfig,
  exported: boolean,
): Promise<{ readonly lsn: number; readonly snapshot: string }> {
  const { rows } = await replication.query<{ consistent_point: string; snapshot_name: string }>(
    `CREATE_REPLICATION_SLOT ${config.slot} LOGICAL pgoutput ${exported ? '' : 'NO'}EXPORT_SNAPSHOT`,
  );
  return { lsn: parseLsn(rows[0]!.consistent_point), snapshot: rows[0]!.snapshot_name };
}

/** The slot is gone, and with it changes that nobody has. */
export function slotLost(config: CaptureConfig, why: string): MillraceError {
  return new MillraceError(
    'CAPTURE_UNSUPPORTED',
    `slot ${config.slot} no longer has the changes of its tables since the last stored position (${why}); ` +
      'delete the topics of this connector and give it a new name, so that it reads the tables anew',
  );
}
