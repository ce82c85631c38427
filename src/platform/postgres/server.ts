import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../../core/mod.ts';
import type { Binaries } from './binaries.ts';
import { giveTo, type ServerUser } from './reach.ts';

const LOG_BYTES_MAX = 10 << 20;

/** One data directory of PostgreSQL and what is needed to run it. */
export interface ServerPlace {
  readonly binaries: Binaries;
  /** The real data directory. */
  readonly directory: string;
  readonly user: ServerUser | null;
}

/** The running postmaster of a data directory, from its own pid file; null when none runs. */
export function runningServer(directory: string): { readonly pid: number; readonly port: number } | null {
  const file = join(directory, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 && isPostgres(pid) && serves(pid, directory) ? { pid, port } : null;
}

/** False when the system tells that this process works in another directory: pids are used again. */
function serves(pid: number, directory: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(directory);
  } catch {
    return true; // no /proc here, or another user's process
  }
}

/**
 * PostgreSQL gives up at a lock whose pid is alive, whosever it is by now. Such a lock goes when no server
 * process works in the directory any more. One of a dead pid stays: PostgreSQL itself checks by it that no
 * orphan still writes.
 */
function removeForeignLock(directory: string): void {
  const file = join(directory, 'postmaster.pid');
  if (!existsSync(file) || !existsSync('/proc/self/cwd')) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!existsSync(`/proc/${pid}`) || runningServer(directory)) return;
  const path = realpathSync(directory);
  const isInUse = readdirSync('/proc').some(name => /^\d+$/.test(name) && worksIn(name, path));
  if (!isInUse) rmSync(file, { force: true });
}

function worksIn(pid: string, path: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === path;
  } catch {
    return false; // gone meanwhile, or another user's, who can't be at our data
  }
}

/** Send a signal to a server that may be gone by now. */
export function signalServer(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * True when the pid is alive and, where the system can tell, a postgres: a stale file may name somebody
 * else's pid.
 */
export function isPostgres(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) return true;
  const text = readFileSync(status, 'utf8');
  return /^Name:\s+postgres/m.test(text) && !/^State:\s+Z/m.test(text);
}

/** Create the cluster: UTF-8 in code point order, passwords by SCRAM. Takes half a second. */
export function initialise({ binaries, directory, user }: ServerPlace, password: string): void {
  const passwordFile = `${directory}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    if (user) giveTo(passwordFile, user);
    const args = ['-D', directory, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    // The server's own C.UTF-8 is there on every system, libc's is not.
    const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
    const run = spawnSync(binaries.initdb, [...args, '-E', 'UTF8', ...locale], {
      encoding: 'utf8',
      env: environment(),
      ...(user ?? {}),
    });
    if (run.status === 0) return;
    throw new MillraceError(
      'POSTGRES_UNAVAILABLE',
      `initdb failed in ${directory}: ${(run.stderr || run.error?.message || '').trim()}`,
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * Start a postmaster that outlives us: it is stopped in order, or adopted after a crash of ours. Returns its
 * pid.
 */
export function launch({ binaries, directory, user }: ServerPlace, port: number): number {
  const logFile = join(directory, 'server.log');
  boundLog(directory);
  removeForeignLock(directory);
  const output = openSync(logFile, 'a', 0o600);
  try {
    if (user) giveTo(logFile, user);
    const settings = serverSettings(port).flatMap(setting => ['-c', setting]);
    const child = spawn(binaries.postgres, ['-D', directory, ...settings], {
      detached: true,
      stdio: ['ignore', output, output],
      env: environment(),
      ...(user ?? {}),
    });
    child.on('error', () => undefined); // shows as no pid, reported below
    child.unref();
    if (child.pid !== undefined) return child.pid;
    throw new MillraceError('POSTGRES_UNAVAILABLE', `${binaries.postgres} can't be started`);
  } finally {
    closeSync(output);
  }
}

/** Keep one older part of the server's log; the server goes on appending to the same, emptied file. */
export function boundLog(directory: string): void {
  const file = join(directory, 'server.log');
  if (!existsSync(file) || statSync(file).size <= LOG_BYTES_MAX) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** The end of the server's own log, for the error that says why it did not start. */
export function lastLogLines(directory: string): string {
  const file = join(directory, 'server.log');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n') : '';
}

function serverSettings(port: number): string[] {
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'wal_level=logical',
    'max_replication_slots=20',
    'max_wal_senders=20',
    'max_connections=100',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_min_messages=warning',
    'wal_sender_timeout=0',
  ];
}

/** Nothing of our environment: PG* variables of the user must not redirect the server. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, TZ, SystemRoot, TEMP } = process.env;
  return { PATH, TZ, SystemRoot, TEMP, LC_ALL: 'C' };
}
