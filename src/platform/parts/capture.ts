import {
  type CaptureHandle,
  type CaptureStatus,
  parseLsn,
  startCapture,
} from '../../connectors/postgres-cdc/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { PartStatus } from '../../live/mod.ts';
import { need, type Services } from '../services.ts';

/** Change capture as the rest of the platform sees it. */
export interface CapturePart {
  /** Resolves when the first copy is complete and the stream is followed. */
  whenStreaming(): Promise<void>;
  /** Holds the stream where it is: no further transaction enters the log until `advanceTo` or `release`. */
  hold(): CaptureHold;
}

export interface CaptureHold {
  /**
   * Lets in what commits before `lsn`; resolves when that is durable in the log and the stream has come to
   * `lsn`, for
   * which `nudge` writes something behind it.
   */
  advanceTo(lsn: string, nudge: () => Promise<void>, signal: AbortSignal): Promise<void>;
  release(): void;
}

const CONNECTOR = 'io.debezium.connector.postgresql.PostgresConnector';

/** Starts the captures that `connectors/` declares on the application's database. */
export async function startCapturePart(services: Services): Promise<CapturePart> {
  const { app, clock, parts, say, stack } = services;
  const url = new URL(need(services.database, 'the database').url());
  const log = need(services.log, 'the log');
  const handles = app!.connectors.map(({ name, config }) => {
    if (config['connector.class'] !== CONNECTOR) {
      throw new MillraceError('APP_INVALID', `connectors: ${name}: connector.class must be ${CONNECTOR}.`);
    }
    const handle = startCapture({
      ...{ name, log, clock, config: { ...coordinates(url), ...config } },
      logger: {
        info: (_fields, message) => say(`capture ${name}: ${message}`),
        warn: (fields, message) => say(`capture ${name}: ${message} ${errorIn(fields)}`),
      },
    });
    stack.push(`capture ${name}`, () => handle.stop());
    parts.add({ name: `capture ${name}`, status: () => captureStatus(handle.status()) });
    return handle;
  });
  return {
    whenStreaming: async () => void (await Promise.all(handles.map(handle => handle.whenStreaming()))),
    hold: () => hold(handles),
  };
}

/** Where the database is, unless the connector says so itself. */
function coordinates(url: URL): Record<string, string> {
  return {
    'database.hostname': url.hostname,
    'database.port': url.port || '5432',
    'database.user': decodeURIComponent(url.username),
    'database.password': decodeURIComponent(url.password),
    'database.dbname': url.pathname.slice(1),
  };
}

function errorIn(fields: object): string {
  return 'error' in fields ? `(${String(fields.error)})` : '';
}

function hold(handles: readonly CaptureHandle[]): CaptureHold {
  const release = (): void => {
    for (const handle of handles) handle.release();
  };
  for (const handle of handles) void handle.holdBefore(0n);
  return {
    release,
    advanceTo: async (lsn, nudge, signal) => {
      // In one step, so that nothing behind the new position slips through.
      const arrived = handles.map(handle => {
        handle.release();
        return handle.holdBefore(BigInt(parseLsn(lsn)));
      });
      await nudge();
      await Promise.race([Promise.all(arrived), rejection(signal)]);
    },
  };
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function captureStatus(status: CaptureStatus): PartStatus {
  const { name, phase, rowsRead, rowsTotal, lastError, lagMs } = status;
  const state = PHASE_STATE[phase];
  const reading = phase === 'snapshotRead' ? `, ${rowsRead} of about ${rowsTotal} rows` : '';
  return {
    part: `capture ${name}`,
    state: lastError !== null && state === 'starting' ? 'degraded' : state,
    detail: lastError ?? `${phase}${reading}, ${Math.round(lagMs)} ms behind`,
    ratePerS: status.recordsPerSecond,
    lag: status.lagBytes,
  };
}

const PHASE_STATE: Readonly<Record<CaptureStatus['phase'], PartStatus['state']>> = {
  connecting: 'starting',
  snapshotRead: 'starting',
  handoff: 'starting',
  streamRead: 'ok',
  retrying: 'degraded',
  failed: 'failed',
  stopped: 'stopped',
};
