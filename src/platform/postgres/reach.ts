import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whom PostgreSQL runs as: it refuses root, so as root it runs as `nobody`; else as ourselves. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}
const NOBODY: ServerUser = { uid: 65534, gid: 65534 };

/** Null when the server may run as the user we are. */
export function serverUser(): ServerUser | null {
  return process.getuid?.() === 0 ? NOBODY : null;
}

/**
 * True when the user can pass through every folder above the path, and through the path itself where it
 * exists.
 */
export function reachable(path: string, user: ServerUser): boolean {
  for (let at = existsSync(path) ? path : dirname(path); ; at = dirname(at)) {
    if (existsSync(at) && !passable(at, user)) return false;
    if (dirname(at) === at) return true;
  }
}

function passable(folder: string, user: ServerUser): boolean {
  const { mode, uid, gid } = statSync(folder);
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Give a folder and everything in it to the user; symbolic links are left alone. */
export function giveTo(path: string, user: ServerUser): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  if (stat.uid !== user.uid) chownSync(path, user.uid, user.gid);
  if (stat.isDirectory()) for (const name of readdirSync(path)) giveTo(join(path, name), user);
}

/**
 * A folder that root owns and everybody can pass through, for what must lie outside an unreadable checkout.
 */
export function publicFolder(): string {
  const folder = process.platform === 'darwin' ? '/usr/local/var/millrace' : '/var/lib/millrace';
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}
