import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { MillraceError } from '../../core/mod.ts';
import type { JobStatus } from '../jobs/job-status.ts';
import type { CapturePart } from '../parts/capture.ts';
import { need, type Services } from '../services.ts';
import { compareSink, type KeyedRow } from './compare.ts';
import { parseValidateSql, type SinkQuery } from './queries.ts';
import type { SinkReport, ValidationReport } from './report.ts';
import { lateRows } from './side-tables.ts';
import { openSourceSnapshot, type SourceSnapshot } from './source-snapshot.ts';

const TIMEOUT_MS = 120_000;

/**
 * Compares every sink of the application with what `validate.sql` computes from the source, both at one
 * position: capture
 * is held there, the jobs read what came before and commit, then both sides stand still. Always releases
 * capture.
 */
export async function validate(
  services: Services,
  app: string | undefined,
  gone: AbortSignal,
): Promise<ValidationReport> {
  const { manifest, validate: file } = services.app!;
  if (app !== undefined && app !== manifest.name) {
    throw new MillraceError('NOT_FOUND', `${app} does not run here; ${manifest.name} does.`);
  }
  if (!file) throw new MillraceError('NOT_FOUND', `${manifest.name} has no validate.sql.`);
  const queries = parseValidateSql(file.path, file.text);
  const capture = need(services.capture, 'capture');
  const jobs = need(services.jobs, 'the engine');
  const url = need(services.database, 'the database').url();
  const beganMs = services.clock.monotonicMs();
  const signal = AbortSignal.any([gone, AbortSignal.timeout(TIMEOUT_MS)]);
  const { snapshot, release } = await holdAtSnapshot(capture, url, signal);
  try {
    await jobs.settle(signal);
    const list = jobs.list().filter(job => job.origin === 'app');
    await fillSideTables(services, snapshot, list);
    const sinks = await compareAll(url, snapshot, queries);
    return {
      app: manifest.name,
      equal: sinks.every(sink => sink.differences.length === 0),
      ...{ lsn: snapshot.lsn, tookMs: services.clock.monotonicMs() - beganMs, sinks },
      jobs: list.map(({ name, lateRows: late, deadLettered }) => ({ name, late, deadLettered })),
    };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new MillraceError('TIMEOUT', `validation did not end within ${TIMEOUT_MS / 1000} s.`, {
      cause: error,
    });
  } finally {
    release();
    await snapshot.close();
  }
}

/** Stops capture where it is, takes a snapshot behind that, and lets capture go on to exactly there. */
async function holdAtSnapshot(
  capture: CapturePart,
  url: string,
  signal: AbortSignal,
): Promise<{ readonly snapshot: SourceSnapshot; release(): void }> {
  const hold = capture.hold();
  let snapshot: SourceSnapshot | undefined;
  try {
    snapshot = await openSourceSnapshot(url, `millrace_validate_${randomBytes(4).toString('hex')}`);
    await hold.advanceTo(snapshot.lsn, () => emitMarker(url), signal);
    return { snapshot, release: () => hold.release() };
  } catch (error) {
    hold.release();
    await snapshot?.close();
    throw error;
  }
}

/**
 * A message in the write-ahead log behind the position, so that the stream goes past it on an idle database
 * too.
 */
async function emitMarker(url: string): Promise<void> {
  await withClient(url, client =>
    client.query(`SELECT pg_logical_emit_message(false, 'millrace', 'validate')`),
  );
}

async function fillSideTables(
  services: Services,
  snapshot: SourceSnapshot,
  jobs: readonly JobStatus[],
): Promise<void> {
  const { transaction } = snapshot;
  await transaction.query(`CREATE TEMP TABLE millrace_watermark (job text, watermark timestamptz) ON COMMIT DROP;
    CREATE TEMP TABLE millrace_late (job text, kind text, row jsonb) ON COMMIT DROP`);
  for (const { name, watermarkMs } of jobs) {
    if (watermarkMs !== null) {
      await transaction.query('INSERT INTO millrace_watermark VALUES ($1, to_timestamp($2::float8 / 1000))', [
        ...[name, Math.min(watermarkMs, MAX_MS)],
      ]);
    }
    const late = await lateRows(
      need(services.log, 'the log'),
      `${services.app!.manifest.name}.${name}.late`,
      name,
    );
    await transaction.query(
      'INSERT INTO millrace_late SELECT job, kind, row FROM jsonb_to_recordset($1) AS t(job text, kind text, row jsonb)',
      [JSON.stringify(late)],
    );
  }
}

/** The watermark at the end of bounded input is infinite; PostgreSQL's time ends before. */
const MAX_MS = Date.UTC(9999, 0);

async function compareAll(
  url: string,
  snapshot: SourceSnapshot,
  queries: readonly SinkQuery[],
): Promise<readonly SinkReport[]> {
  return withClient(url, async client => {
    const reports: SinkReport[] = [];
    for (const { sink, key, sql } of queries) {
      const columns = await sinkColumns(client, sink);
      const found = await keyedRows(client, `SELECT * FROM ${sink}`, columns, key);
      const expected = await keyedRows(snapshot.transaction, sql, columns, key);
      reports.push(compareSink(sink, expected, found));
    }
    return reports;
  });
}

interface SinkColumn {
  readonly name: string;
  readonly type: string;
}

async function sinkColumns(client: pg.Client, sink: string): Promise<readonly SinkColumn[]> {
  const { rows } = await client.query<SinkColumn>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [sink],
  );
  if (rows.length === 0) throw new MillraceError('APP_INVALID', `validate.sql: there is no table ${sink}.`);
  return rows;
}

/** Rows with the sink's columns and types, so that both sides print alike. */
async function keyedRows(
  client: pg.Client,
  sql: string,
  columns: readonly SinkColumn[],
  key: readonly string[],
): Promise<readonly KeyedRow[]> {
  const cast = columns.map(({ name, type }) => `${pg.escapeIdentifier(name)}::${type}`).join(', ');
  const keys = key.map(name => pg.escapeIdentifier(name)).join(', ');
  const { rows } = await client.query<KeyedRow>(
    `SELECT jsonb_build_array(${keys})::text AS key, to_jsonb(r)::text AS text FROM (SELECT ${cast} FROM (${sql}) q) r`,
  );
  return rows;
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' });
  client.on('error', () => undefined); // the query under way reports it
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
