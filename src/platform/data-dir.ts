import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MillraceError } from '../core/mod.ts';

/** The layout this program writes. A directory of a higher one is never touched. */
export const DATA_VERSION = 1;

/** What a running Millrace says of itself, for the command line. */
export interface ControlRecord {
  readonly pid: number;
  readonly url: string;
  readonly app: string;
  readonly startedMs: number;
  /**
   * The application's database with its password; null where none runs. The record is readable by its owner
   * only.
   */
  readonly databaseUrl: string | null;
  readonly token: string;
}

/** A data directory held by this process. */
export interface DataDir {
  readonly path: string;
  readonly log: string;
  readonly postgres: string;
  readonly checkpoints: string;
  readonly secrets: string;
  /** True when this start created it. */
  readonly fresh: boolean;
  publish(record: ControlRecord): void;
  release(): void;
}

/**
 * Takes a data directory for this process. Refuses one of a newer version with DATA_DIR_NEWER before
 * writing anything,
 * and one that a living process holds with DATA_DIR_LOCKED.
 */
export function openDataDir(path: string): DataDir {
  const root = resolve(path);
  const fresh = checkVersion(root);
  mkdirSync(root, { recursive: true });
  takeLock(root);
  const part = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true, mode: name === 'secrets' ? 0o700 : 0o755 });
    return join(root, name);
  };
  if (fresh) writeFileSync(join(root, 'version'), `${DATA_VERSION}\n`);
  const control = join(root, 'control.json');
  return {
    path: root,
    log: part('log'),
    postgres: join(root, 'postgres'),
    checkpoints: part('checkpoints'),
    secrets: part('secrets'),
    fresh,
    publish: record => {
      writeFileSync(`${control}.new`, JSON.stringify(record), { mode: 0o600 });
      renameSync(`${control}.new`, control);
    },
    release: () => {
      rmSync(control, { force: true });
      rmSync(join(root, 'lock'), { force: true });
    },
  };
}

/** True when there is no data yet. */
function checkVersion(root: string): boolean {
  if (!existsSync(root)) return true;
  const file = join(root, 'version');
  if (!existsSync(file)) {
    const foreign = readdirSync(root).filter(name => name !== 'millrace.yaml' && name !== 'lock');
    if (foreign.length === 0) return true;
    throw new MillraceError(
      'CONFIG_INVALID',
      `${root} holds other files (${foreign.slice(0, 3).join(', ')}) and is no data directory. Set \`data\` to an empty one.`,
    );
  }
  const version = Number(readFileSync(file, 'utf8').trim());
  if (version > DATA_VERSION) {
    throw new MillraceError(
      'DATA_DIR_NEWER',
      `${root} has version ${version}, this Millrace knows up to ${DATA_VERSION}; it is left untouched. ` +
        'Upgrade Millrace, or choose another directory with --data.',
    );
  }
  return false;
}

/** A lock is a file naming its holder; one whose holder is gone is taken over. */
function takeLock(root: string): void {
  const file = join(root, 'lock');
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (holder > 0 && holder !== process.pid && isMillrace(holder)) {
    throw new MillraceError(
      'DATA_DIR_LOCKED',
      `${root} is in use by process ${holder}. Stop it with \`millrace stop\`, or choose another directory with --data.`,
    );
  }
  if (holder > 0) rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    throw new MillraceError('DATA_DIR_LOCKED', `${root} was taken by another process just now.`, {
      cause: error,
    });
  }
}

/**
 * True when the process lives and, where the system tells, is a Node: process ids are reused after a
 * reboot.
 */
function isMillrace(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const commandLine = `/proc/${pid}/cmdline`;
  if (!existsSync('/proc/self/cmdline')) return true;
  try {
    return /node|millrace/.test(readFileSync(commandLine, 'latin1'));
  } catch {
    return false;
  }
}

/** True when a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The record of the Millrace that runs on a data directory, or undefined when none does. */
export function readControl(path: string): ControlRecord | undefined {
  const file = join(resolve(path), 'control.json');
  if (!existsSync(file)) return undefined;
  const record = JSON.parse(readFileSync(file, 'utf8')) as ControlRecord;
  return isAlive(record.pid) ? record : undefined;
}
