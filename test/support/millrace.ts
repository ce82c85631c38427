import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bin = join(root, 'bin', 'millrace.mjs');

/** How a program under test is started. */
export interface StartOptions {
  /** Arguments after `start`, e.g. `--only log`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Kept when given; else a fresh one, removed by `dispose`. */
  readonly dataDirectory?: string;
  readonly readyTimeoutMs?: number;
}

/** A running Millrace, driven from outside. */
export interface Millrace {
  readonly url: string;
  readonly dataDirectory: string;
  /** Everything the process printed so far. */
  output(): string;
  pid(): number;
  /** Pid of the PostgreSQL server, from its own pid file. */
  postgresPid(): number;
  /** The port it listens on, from there too. */
  postgresPort(): number;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Run a command of the command line against this data directory. */
  cli(...args: readonly string[]): CliResult;
  /** A client of the application's database; the caller ends it. */
  database(): Promise<pg.Client>;
  /** kill -9 of the Node process alone. */
  kill(): Promise<void>;
  /** kill -9 of the PostgreSQL server alone. */
  killPostgres(): void;
  /** Start again on the same data directory after a kill or a stop; resolves when ready. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Start, and wait until the process has died by SIGKILL: at the failpoint its environment names. */
  startUntilKilled(env: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
  /** Stop and remove what `startMillrace` made. */
  dispose(): Promise<void>;
}

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Ask until the answer is true; fails with what was last seen. The only waiting in whole-program tests. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | null | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms; last: ${String(last)}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

async function fetchJson<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/** Start the program and wait until /readyz says so. */
export async function startMillrace(options: StartOptions = {}): Promise<Millrace> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'millrace test '));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    MILLRACE_DATA: dataDirectory,
    MILLRACE_HTTP_PORT: String(port),
    ...options.env,
  };
  let child: ChildProcess | null = null;
  let exited: Promise<void> = Promise.resolve();
  let printed = '';

  const launch = (extra: Readonly<Record<string, string>>): ChildProcess => {
    const now = spawn(process.execPath, [bin, 'start', ...(options.args ?? [])], {
      env: { ...env, ...extra },
    });
    child = now;
    const collect = (chunk: Buffer): void => {
      printed = (printed + chunk.toString()).slice(-200_000);
    };
    now.stdout.on('data', collect);
    now.stderr.on('data', collect);
    exited = new Promise(resolve => now.once('exit', () => resolve()));
    return now;
  };
  const startUntilKilled = async (extra: Readonly<Record<string, string>>): Promise<void> => {
    const now = launch(extra);
    await eventually('killed', async () => now.signalCode === 'SIGKILL', 60_000).catch(error => {
      throw new Error(`${error.message}\n${printed.slice(-4000)}`);
    });
  };
  const start = async (extra: Readonly<Record<string, string>> = {}): Promise<void> => {
    const now = launch(extra);
    const ready = async (): Promise<boolean> => {
      if (now.exitCode !== null || now.signalCode !== null) return true;
      return (await fetch(`${url}/readyz`)).ok;
    };
    await eventually('ready', ready, options.readyTimeoutMs ?? 60_000).catch(error => {
      throw new Error(`${error.message}\n${printed.slice(-4000)}`);
    });
    if (now.exitCode !== null)
      throw new Error(`millrace ended with ${now.exitCode}\n${printed.slice(-4000)}`);
  };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child?.kill(signal);
    await exited;
  };
  const postmaster = (line: number): number =>
    Number(readFileSync(join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[line]);
  const postgresPid = (): number => postmaster(0);

  const millrace: Millrace = {
    url,
    dataDirectory,
    output: () => printed,
    pid: () => child?.pid ?? 0,
    postgresPid,
    postgresPort: () => postmaster(3),
    get: path => fetchJson(url + path),
    post: (path, body) =>
      fetchJson(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    cli: (...args) => {
      const run = spawnSync(process.execPath, [bin, ...args], {
        // Where tests run by themselves, colours are on without a terminal.
        env: { ...env, NO_COLOR: '1' },
        encoding: 'utf8',
        maxBuffer: 256 << 20,
      });
      return { status: run.status, stdout: run.stdout, stderr: run.stderr };
    },
    database: async () => {
      const client = new pg.Client({ connectionString: await databaseUrl(millrace) });
      client.on('error', () => undefined); // the server is killed in some tests; queries report it
      await client.connect();
      return client;
    },
    kill: () => end('SIGKILL'),
    killPostgres: () => process.kill(postgresPid(), 'SIGKILL'),
    start,
    startUntilKilled,
    stop: () => end('SIGTERM'),
    dispose: async () => {
      await end('SIGTERM');
      const pidFile = join(dataDirectory, 'postgres', 'postmaster.pid');
      if (existsSync(pidFile)) killIfRunning(postgresPid());
      if (options.dataDirectory === undefined)
        rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await start();
  return millrace;
}

/** A pid file may outlive its process. */
function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * The application's database as the program itself reports it, password from the data directory's secrets.
 */
async function databaseUrl(millrace: Millrace): Promise<string> {
  const { stdout, status, stderr } = millrace.cli('status', '--json');
  if (status !== 0) throw new Error(`status: ${stderr}`);
  const { databaseUrl: url } = JSON.parse(stdout) as { databaseUrl: string };
  return url;
}
