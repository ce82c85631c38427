import type { Committer, RejectedRow, SinkContext, Staged } from '../../contract/mod.ts';
import { failpoint } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { apply } from './apply.ts';
import { type Changes, decodeChanges } from './changes.ts';
import type { PostgresConnection, Query } from './connection.ts';
import { applyButRefused, isRefusedRow } from './refused.ts';
import type { Statements } from './statements.ts';

/** Two jobs may do this at once: an advisory lock keeps them apart, since IF NOT EXISTS alone does not. */
export const CREATE_EPOCHS =
  "SELECT pg_advisory_xact_lock(hashtext('millrace.sink_epochs'));" +
  'CREATE SCHEMA IF NOT EXISTS millrace;' +
  'CREATE TABLE IF NOT EXISTS millrace.sink_epochs (incarnation text, sink text, epoch bigint NOT NULL, ' +
  'PRIMARY KEY (incarnation, sink));' +
  'CREATE TABLE IF NOT EXISTS millrace.sink_refused (incarnation text, sink text, epoch bigint, number int, ' +
  'reason text NOT NULL, row_json text NOT NULL, PRIMARY KEY (incarnation, sink, epoch, number))';

/** Touches a row only when the epoch is new. */
const ADVANCE_EPOCH =
  'INSERT INTO millrace.sink_epochs AS e (incarnation, sink, epoch) VALUES ($1, $2, $3) ' +
  'ON CONFLICT (incarnation, sink) DO UPDATE SET epoch = EXCLUDED.epoch WHERE e.epoch < EXCLUDED.epoch';

const KEEP_REFUSED =
  'INSERT INTO millrace.sink_refused SELECT $1, $2, $3, * FROM unnest($4::int[], $5::text[], $6::text[])';
const REFUSED_BEFORE =
  'SELECT reason, row_json FROM millrace.sink_refused WHERE incarnation = $1 AND sink = $2 AND epoch = $3 ORDER BY number';
const FORGET_REFUSED =
  'DELETE FROM millrace.sink_refused WHERE incarnation = $1 AND sink = $2 AND epoch < $3';

/**
 * Applies an epoch in one transaction with its number. Rows that PostgreSQL refuses are left out, and kept
 * with the epoch until the next one: whoever commits it again, because a crash came before they were among
 * the dead letters, is told of the same rows.
 */
export class EpochCommitter implements Committer {
  readonly #connection: PostgresConnection;
  readonly #statements: Statements;
  readonly #table: TableDeclaration;
  readonly #context: SinkContext;
  #refused: readonly RejectedRow[] = [];
  /** Refused rows of earlier epochs may be kept. */
  #mayKeep = true;

  constructor(
    connection: PostgresConnection,
    statements: Statements,
    table: TableDeclaration,
    context: SinkContext,
  ) {
    this.#connection = connection;
    this.#statements = statements;
    this.#table = table;
    this.#context = context;
  }

  async commit(epoch: number, staged: Staged): Promise<void> {
    const changes = decodeChanges(staged as Uint8Array);
    try {
      await this.#commit(epoch, query => apply(query, this.#statements, changes).then(() => []));
    } catch (error) {
      if (!isRefusedRow((error as Error).cause)) throw error;
      await this.#commit(epoch, query => this.#applyButRefused(query, epoch, changes));
    }
  }

  async #commit(epoch: number, work: (query: Query) => Promise<readonly RejectedRow[]>): Promise<void> {
    const { incarnation, sinkId } = this.#context;
    const own = [incarnation, sinkId, epoch];
    let refused: readonly RejectedRow[] = [];
    await this.#connection.transaction(async query => {
      const advanced = await query(ADVANCE_EPOCH, own);
      if (advanced.rowCount === 0) {
        refused = (await query(REFUSED_BEFORE, own)).rows.map(({ reason, row_json }) => ({
          reason: String(reason),
          value: new TextEncoder().encode(String(row_json)),
        }));
        return false;
      }
      if (this.#mayKeep) await query(FORGET_REFUSED, own);
      refused = await work(query);
      failpoint('jdbc.apply.after');
      return true;
    });
    this.#mayKeep = refused.length > 0;
    this.#refused = [...this.#refused, ...refused];
  }

  async #applyButRefused(query: Query, epoch: number, changes: Changes): Promise<readonly RejectedRow[]> {
    const { incarnation, sinkId } = this.#context;
    const refused = await applyButRefused(query, this.#statements, changes, this.#table);
    const decoder = new TextDecoder();
    await query(KEEP_REFUSED, [
      ...[incarnation, sinkId, epoch],
      refused.map((_, i) => i),
      refused.map(({ reason }) => reason),
      refused.map(({ value }) => decoder.decode(value)),
    ]);
    return refused;
  }

  takeRejected(): readonly RejectedRow[] {
    const refused = this.#refused;
    this.#refused = [];
    return refused;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
