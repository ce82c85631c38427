import { constants, type FileHandle, mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint, MillraceError, messageOf } from '../../core/mod.ts';
import type { CheckpointStorage } from './checkpoint-image.ts';
import { releaseStaged, syncStaged } from './staging-files.ts';

/** The file of a checkpoint that is not needed any more: the next one is written over it. */
const SPARE = 'spare';

/**
 * Checkpoints as files `chk-<epoch>` of a folder: written beside, synced, renamed, and the folder synced. The
 * file of one that is discarded is written over by the next: its pages and blocks are there already, which
 * halves what a checkpoint costs the system.
 */
export function nodeCheckpointStorage(folder: string): CheckpointStorage {
  const epochs = async (): Promise<number[]> => {
    const names = await readdir(folder);
    return names.flatMap(name => (/^chk-\d+$/.test(name) ? Number(name.slice(4)) : [])).sort((a, b) => a - b);
  };
  let busy: Promise<unknown> = Promise.resolve();
  /** One after the other: what a failed attempt still writes is through before the next one reads. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = busy.then(work);
    busy = done.catch(() => undefined);
    return done;
  };
  return {
    stagingFolder: folder,
    store: (epoch, parts) => inTurn(() => storeFile(folder, epoch, parts)),
    latest: () =>
      inTurn(async () => {
        await mkdir(folder, { recursive: true });
        const last = (await epochs()).at(-1);
        return last === undefined ? null : new Uint8Array(await readFile(join(folder, `chk-${last}`)));
      }),
    discardBelow: epoch =>
      inTurn(async () => {
        for (const old of await epochs()) {
          if (old < epoch) await rename(join(folder, `chk-${old}`), join(folder, SPARE));
        }
        await releaseStaged(folder, epoch);
      }),
  };
}

async function storeFile(folder: string, epoch: number, parts: readonly Uint8Array[]): Promise<void> {
  const path = join(folder, `chk-${epoch}`);
  failpoint('checkpoint.write.before');
  try {
    await mkdir(folder, { recursive: true });
    await syncStaged(folder, epoch);
    await rename(join(folder, SPARE), `${path}.part`).catch(ignoreMissing);
    await writeFileSynced(`${path}.part`, parts);
    failpoint('checkpoint.rename.before');
    await rename(`${path}.part`, path);
    await syncFolder(folder);
  } catch (cause) {
    throw new MillraceError('CHECKPOINT_FAILED', `Checkpoint ${path}: ${messageOf(cause)}`, { cause });
  }
  failpoint('checkpoint.rename.after');
}

/** The first checkpoints have nothing to write over. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** A file of these bytes, durable when it resolves; a file that is there is written over. */
export async function writeFileSynced(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT);
  try {
    for (const part of parts) await writeAll(file, part);
    await file.truncate(parts.reduce((sum, part) => sum + part.length, 0));
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** In one piece, as far as the system takes it: every piece is a turn of the thread pool. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

/** Makes names of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
