import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint, MillraceError, messageOf } from '../../core/mod.ts';
import type { CheckpointStorage } from './checkpoint-image.ts';

/** Checkpoints as files `chk-<epoch>` of a folder: written beside, synced, renamed, and the folder synced. */
export function nodeCheckpointStorage(folder: string): CheckpointStorage {
  const epochs = async (): Promise<number[]> => {
    const names = await readdir(folder);
    return names.flatMap(name => (/^chk-\d+$/.test(name) ? Number(name.slice(4)) : [])).sort((a, b) => a - b);
  };
  return {
    store: async (epoch, parts) => {
      const path = join(folder, `chk-${epoch}`);
      failpoint('checkpoint.write.before');
      try {
        await mkdir(folder, { recursive: true });
        await writeFileSynced(`${path}.part`, parts);
        failpoint('checkpoint.rename.before');
        await rename(`${path}.part`, path);
        await syncFolder(folder);
      } catch (cause) {
        throw new MillraceError('CHECKPOINT_FAILED', `Checkpoint ${path}: ${messageOf(cause)}`, { cause });
      }
      failpoint('checkpoint.rename.after');
    },
    latest: async () => {
      await mkdir(folder, { recursive: true });
      const last = (await epochs()).at(-1);
      return last === undefined ? null : new Uint8Array(await readFile(join(folder, `chk-${last}`)));
    },
    discardBelow: async epoch => {
      for (const old of await epochs())
        if (old < epoch) await rm(join(folder, `chk-${old}`), { force: true });
    },
  };
}

/** A file of these bytes, durable when it resolves. */
export async function writeFileSynced(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const part of parts) await writeAll(file, part);
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
