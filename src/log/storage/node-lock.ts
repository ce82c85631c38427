import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MillraceError } from '../../core/mod.ts';
import type { StorageLock } from './storage.ts';

/** Locks held by this very process: its own process id on the file must not read as a left-over. */
const held = new Set<string>();

/**
 * A lock file that names its owner by process id and start time (ids are used again, above all in
 * containers). The file appears by `link`, which fails when it exists; a dead owner's file is moved away
 * first.
 */
export async function nodeLock(path: string): Promise<StorageLock> {
  const name = resolve(path);
  const own = `${name}.${process.pid}`;
  if (held.has(name)) throw locked(name, process.pid);
  held.add(name);
  try {
    await writeFile(own, JSON.stringify({ pid: process.pid, started: startedAt(process.pid) }));
    if (!(await tryLink(own, name))) {
      await removeDeadOwner(name, own);
      if (!(await tryLink(own, name))) throw locked(name, 'unknown');
    }
  } catch (error) {
    held.delete(name);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
  return {
    release: async () => {
      await rm(name, { force: true });
      held.delete(name);
    },
  };
}

async function tryLink(own: string, name: string): Promise<boolean> {
  try {
    await link(own, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeDeadOwner(name: string, own: string): Promise<void> {
  const content = await readFile(name, 'utf8').catch(() => '');
  const owner = ownerOf(content);
  if (owner !== undefined && isAlive(owner)) throw locked(name, owner.pid);
  const aside = `${own}.stale`;
  await rename(name, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => content);
  // Somebody else took the stale lock over between our look and our move: give it back.
  if (moved !== content) await tryLink(aside, name);
  await rm(aside, { force: true });
}

interface Owner {
  readonly pid: number;
  readonly started: string | null;
}

function ownerOf(content: string): Owner | undefined {
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed)) return undefined;
    const started = 'started' in parsed && typeof parsed.started === 'string' ? parsed.started : null;
    return typeof parsed.pid === 'number' ? { pid: parsed.pid, started } : undefined;
  } catch {
    // Torn by a crash while it was written: nobody holds it.
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return owner.started === null || startedAt(owner.pid) === owner.started;
}

/** Start time in clock ticks since boot, with the boot's id; null where the system doesn't tell. */
function startedAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return null;
  }
}

function locked(name: string, pid: number | string): MillraceError {
  return new MillraceError(
    'DATA_DIR_LOCKED',
    `${name} is held by process ${pid}; stop it or choose another directory`,
  );
}
