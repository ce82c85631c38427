import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type Clock, MillraceError } from '../../core/mod.ts';
import { findBinaries } from './binaries.ts';
import { giveTo, publicFolder, reachable, serverUser } from './reach.ts';
import { initialise, runningServer, type ServerPlace, signalServer } from './server.ts';

/** The major version of the embedded server, and so of the data it reads. */
const MAJOR = 18;
const ORPHAN_STOP_MS = 5000;
const ORPHAN_PROBE_MS = 25;
/** Names the data directory for whose sake a folder outside of it exists. */
const ORIGIN = 'origin';

interface PlaceOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: { info(message: string): void };
}

/**
 * The data directory, in a place the server's user can reach; where that is elsewhere, a link points there.
 */
export async function preparePlace({ directory, clock, logger }: PlaceOptions): Promise<ServerPlace> {
  const user = serverUser();
  const wanted = resolve(directory);
  mkdirSync(dirname(wanted), { recursive: true });
  const binaries = findBinaries(user, dirname(wanted));
  if (user === null || reachable(dirname(wanted), user)) return { binaries, directory: wanted, user };
  const folder = publicFolder();
  await removeForgotten(folder, clock);
  const elsewhere =
    linkTarget(wanted) ?? join(folder, `data-${randomBytes(8).toString('hex')}`, basename(wanted));
  if (!existsSync(wanted)) {
    rmSync(wanted, { force: true }); // a link whose target is gone
    mkdirSync(elsewhere, { recursive: true });
    chmodSync(dirname(elsewhere), 0o755);
    symlinkSync(elsewhere, wanted);
    // After the link: whoever finds an origin without its link takes the data for forgotten.
    writeFileSync(join(dirname(elsewhere), ORIGIN), wanted);
  }
  logger.info(`PostgreSQL's user can't read ${dirname(wanted)}; its data lie in ${elsewhere}`);
  return { binaries, directory: elsewhere, user };
}

/**
 * Where the link leads; null where nothing is yet. Data that lie there already can't be served from there.
 */
function linkTarget(wanted: string): string | null {
  const stat = lstatSync(wanted, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (stat.isSymbolicLink()) return readlinkSync(wanted);
  throw new MillraceError(
    'POSTGRES_UNAVAILABLE',
    `PostgreSQL does not run as root, and its user can't reach ${wanted}. ` +
      'Make the folders above passable (chmod o+x), or start Millrace as the owner of the data.',
  );
}

/**
 * Removes data whose temporary data directory was deleted without `millrace wipe`: nothing leads to them any
 * more.
 * Other directories may just be on a disk that is not mounted.
 */
async function removeForgotten(folder: string, clock: Clock): Promise<void> {
  for (const name of readdirSync(folder).filter(entry => entry.startsWith('data-'))) {
    const origin = join(folder, name, ORIGIN);
    if (!existsSync(origin)) continue;
    const link = readFileSync(origin, 'utf8');
    if (!link.startsWith(join(tmpdir(), '/'))) continue;
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) continue;
    for (const entry of readdirSync(join(folder, name))) {
      const server = runningServer(join(folder, name, entry));
      if (server) await stopOrphan(server.pid, join(folder, name, entry), clock);
    }
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

async function stopOrphan(pid: number, directory: string, clock: Clock): Promise<void> {
  signalServer(pid, 'SIGQUIT');
  const deadline = clock.monotonicMs() + ORPHAN_STOP_MS;
  while (runningServer(directory) && clock.monotonicMs() < deadline) await clock.sleep(ORPHAN_PROBE_MS);
}

/** Creates the cluster where there is none, and refuses one of another major version untouched. */
export function ensureCluster(place: ServerPlace, password: string): void {
  const versionFile = join(place.directory, 'PG_VERSION');
  if (!existsSync(versionFile)) {
    createCluster(place, password);
    return;
  }
  const version = Number(readFileSync(versionFile, 'utf8'));
  if (version === MAJOR) return;
  throw new MillraceError(
    version > MAJOR ? 'DATA_DIR_NEWER' : 'POSTGRES_UNAVAILABLE',
    `${place.directory} holds data of PostgreSQL ${version}, this Millrace runs ${MAJOR}; it is left untouched. ` +
      'Dump it with a PostgreSQL of its version, or choose another directory with --data.',
  );
}

/** initdb writes PG_VERSION first, so a half-made cluster must never bear the final name. */
function createCluster(place: ServerPlace, password: string): void {
  const partial = `${place.directory}.new`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  if (place.user) giveTo(partial, place.user);
  initialise({ ...place, directory: partial }, password);
  rmSync(place.directory, { recursive: true, force: true });
  renameSync(partial, place.directory);
}
