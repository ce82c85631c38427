import pg from 'pg';
import { type Clock, MillraceError, messageOf } from '../../core/mod.ts';
import { addressing, type PostgresHandle, withClient, withoutPassword } from './address.ts';

interface ForeignOptions {
  readonly clock: Clock;
  readonly logger: { info(message: string): void; warn(message: string): void };
}

interface Suitability {
  readonly wal_level: string;
  readonly slots: number;
  readonly may_replicate: boolean;
}

const SUITABILITY = `SELECT current_setting('wal_level') AS wal_level, current_setting('max_replication_slots')::int AS slots,
  (SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user) AS may_replicate`;
const RECONNECT_MS = 1000;

/** A PostgreSQL of the user's own: checked once, then watched over one idle connection. */
export async function openForeign({ clock, logger }: ForeignOptions, url: string): Promise<PostgresHandle> {
  const shown = withoutPassword(url);
  const found = await withClient(url, client => client.query<Suitability>(SUITABILITY)).catch(cause => {
    throw new MillraceError('POSTGRES_UNAVAILABLE', `${shown} does not answer: ${messageOf(cause)}`, {
      cause,
    });
  });
  const obstacle = obstacleOf(found.rows[0] as Suitability);
  if (obstacle) throw new MillraceError('POSTGRES_UNAVAILABLE', `${shown} ${obstacle}`);
  logger.info(`PostgreSQL at ${shown}`);
  const state: { failure: string | null } = { failure: null };
  const stopping = new AbortController();
  const watching = watch(url, clock, stopping.signal, failure => {
    if (failure && !state.failure) logger.warn(failure);
    state.failure = failure;
  });
  return {
    ...addressing(() => url),
    owned: false,
    pid: () => null,
    failure: () => state.failure,
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

/** Why changes of a server can't be captured, with the remedy; null where they can. */
export function obstacleOf({ wal_level, slots, may_replicate }: Suitability): string | null {
  if (wal_level !== 'logical') {
    return (
      `has wal_level = ${wal_level}; capture needs logical. ` +
      'Run ALTER SYSTEM SET wal_level = logical and restart that server.'
    );
  }
  if (slots === 0)
    return 'has max_replication_slots = 0; capture needs one. Raise it and restart that server.';
  return may_replicate
    ? null
    : 'lets this user not replicate. Run ALTER ROLE … REPLICATION as its administrator.';
}

/** Tells when the connection breaks and when there is one again, until the signal aborts. */
async function watch(
  url: string,
  clock: Clock,
  signal: AbortSignal,
  tell: (failure: string | null) => void,
): Promise<void> {
  const shown = withoutPassword(url);
  while (!signal.aborted) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true });
    let reason = 'the connection was closed';
    client.on('error', error => {
      reason = error.message;
    });
    try {
      await client.connect();
      tell(null);
      await new Promise<void>(done => {
        client.once('end', () => done());
        signal.addEventListener('abort', () => done(), { once: true });
      });
    } catch (error) {
      reason = messageOf(error);
    }
    if (signal.aborted) return client.end();
    tell(`${shown} does not answer: ${reason}`);
    await clock.sleep(RECONNECT_MS, signal).catch(() => undefined);
  }
}
