import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { type Clock, MillraceError, messageOf } from '../../core/mod.ts';
import { addressing, type PostgresHandle, withClient } from './address.ts';
import { openForeign } from './foreign.ts';
import { ensureCluster, preparePlace } from './place.ts';
import {
  boundLog,
  isPostgres,
  lastLogLines,
  launch,
  runningServer,
  type ServerPlace,
  signalServer,
} from './server.ts';

export interface OpenPostgresOptions {
  /**
   * Where the embedded server's data lie, e.g. `.millrace/postgres`; its password is kept in `../secrets`.
   */
  readonly directory: string;
  /** First port to try; the one in use is remembered. */
  readonly port?: number;
  /** A PostgreSQL of the user's own instead of the embedded one. */
  readonly url?: string;
  readonly clock: Clock;
  readonly logger: { info(message: string): void; warn(message: string): void };
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;
const RETRY_MS = 25;
const PROBE_MS = 100;
/** Every 10 s. */
const LOG_CHECK_PROBES = 100;
const PORT_FIRST = 5439;

/** Open the embedded PostgreSQL, creating or adopting it, or check the given one. */
export async function openPostgres(options: OpenPostgresOptions): Promise<PostgresHandle> {
  return options.url ? openForeign(options, options.url) : openEmbedded(options);
}

async function openEmbedded(options: OpenPostgresOptions): Promise<PostgresHandle> {
  const place = await preparePlace(options);
  const password = storedPassword(options.directory);
  ensureCluster(place, password);
  const server = new EmbeddedServer(place, password, options);
  await server.start();
  server.supervise();
  return {
    ...addressing(() => server.url()),
    owned: true,
    pid: () => server.pid(),
    failure: () => server.failure(),
    stop: () => server.stop(),
  };
}

/** Keeps one data directory served: starts or adopts its postmaster, and starts it again when it dies. */
class EmbeddedServer {
  readonly #place: ServerPlace;
  readonly #password: string;
  readonly #options: OpenPostgresOptions;
  readonly #stopping = new AbortController();
  #supervision: Promise<void> = Promise.resolve();
  #pid = 0;
  #port = 0;
  #failure: string | null = null;

  constructor(place: ServerPlace, password: string, options: OpenPostgresOptions) {
    this.#place = place;
    this.#password = password;
    this.#options = options;
  }

  url(): string {
    return `postgresql://postgres:${this.#password}@127.0.0.1:${this.#port}/postgres`;
  }
  pid(): number {
    return this.#pid;
  }
  failure(): string | null {
    return this.#failure;
  }

  /** Adopts a postmaster that outlived us, else launches one; resolves when it answers. */
  async start(): Promise<void> {
    const { clock, logger } = this.#options;
    const deadline = clock.monotonicMs() + START_TIMEOUT_MS;
    const adopted = runningServer(this.#place.directory);
    if (adopted) {
      ({ pid: this.#pid, port: this.#port } = adopted);
      logger.info(`PostgreSQL still runs (pid ${adopted.pid}), going on with it`);
    } else {
      this.#port = await this.#choosePort();
      this.#pid = launch(this.#place, this.#port);
    }
    for (let problem = ''; ; ) {
      try {
        await withClient(this.url(), client => client.query('SELECT 1'));
        this.#failure = null;
        return;
      } catch (error) {
        problem = messageOf(error);
      }
      if (clock.monotonicMs() > deadline) {
        const log = lastLogLines(this.#place.directory);
        throw new MillraceError('POSTGRES_UNAVAILABLE', `PostgreSQL did not start: ${problem}\n${log}`);
      }
      await clock.sleep(RETRY_MS, this.#stopping.signal);
      // After kill -9 its orphans still hold shared memory for a moment, and a new postmaster gives up at
      // once.
      if (!isPostgres(this.#pid)) this.#pid = launch(this.#place, this.#port);
    }
  }

  /** Looks after the postmaster until `stop`. */
  supervise(): void {
    this.#supervision = this.#watch().catch(error => {
      if (!this.#stopping.signal.aborted) this.#failure = `PostgreSQL is not supervised: ${messageOf(error)}`;
    });
  }

  async #watch(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stopping;
    let probes = 0;
    while (!signal.aborted) {
      await clock.sleep(PROBE_MS, signal);
      if (isPostgres(this.#pid)) {
        if (++probes % LOG_CHECK_PROBES === 0) boundLog(this.#place.directory);
        continue;
      }
      this.#failure = 'PostgreSQL died and is being started again; nothing committed is lost';
      logger.warn(this.#failure);
      try {
        await this.start();
        logger.info(`PostgreSQL runs again (pid ${this.#pid})`);
      } catch (error) {
        if (signal.aborted) return;
        this.#failure = messageOf(error);
        logger.warn(this.#failure);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new MillraceError('POSTGRES_UNAVAILABLE', 'PostgreSQL is being stopped'));
    await this.#supervision;
    const { clock } = this.#options;
    const deadline = clock.monotonicMs() + STOP_TIMEOUT_MS;
    signalServer(this.#pid, 'SIGINT');
    while (isPostgres(this.#pid)) {
      if (clock.monotonicMs() > deadline) signalServer(this.#pid, 'SIGQUIT');
      await clock.sleep(RETRY_MS);
    }
  }

  /** The remembered port while it is free, else the next free one. */
  async #choosePort(): Promise<number> {
    const file = join(dirname(this.#options.directory), 'postgres.port');
    const remembered = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    const first = this.#options.port ?? (remembered || PORT_FIRST);
    for (let port = first; port < first + 500; port++) {
      if (!(await isFree(port))) continue;
      if (port !== remembered) writeFileSync(file, String(port));
      return port;
    }
    throw new MillraceError('PORT_TAKEN', `no free port for PostgreSQL from ${first} on; set postgres.port`);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(done => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

/** The superuser's password, made once and readable by us alone. */
function storedPassword(directory: string): string {
  const folder = join(dirname(resolve(directory)), 'secrets');
  const file = join(folder, 'postgres-password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, password, { mode: 0o600, flag: 'wx' });
  return password;
}
