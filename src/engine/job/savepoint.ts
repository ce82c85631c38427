import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failpoint, MillraceError, messageOf } from '../../core/mod.ts';
import { type CheckpointImage, decodeImage, encodeImage } from './checkpoint-image.ts';
import { writeFileSynced } from './lasting-parts.ts';
import { syncFolder } from './node-checkpoint-storage.ts';

/** Where a savepoint goes: written while the epoch is stored, complete when its output is committed. */
export interface SavepointTarget {
  write(image: CheckpointImage): Promise<void>;
  complete(): Promise<void>;
}

/** A savepoint as one file at `path`, whole or absent. */
export function savepointFile(path: string): SavepointTarget {
  return {
    write: async image => {
      // The job that is saved commits what its sinks have staged; a new one begins behind it.
      const tasks = image.tasks.map(task => ({ ...task, staged: new Map() }));
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFileSynced(`${path}.part`, encodeImage({ ...image, tasks }));
      } catch (cause) {
        throw new MillraceError('CHECKPOINT_FAILED', `Savepoint ${path}: ${messageOf(cause)}`, { cause });
      }
    },
    complete: async () => {
      failpoint('savepoint.rename.before');
      await rename(`${path}.part`, path);
      await syncFolder(dirname(path));
    },
  };
}

/** Reads a savepoint. SAVEPOINT_INVALID where there is none, or not one of this version. */
export async function readSavepoint(path: string): Promise<CheckpointImage> {
  try {
    return decodeImage(new Uint8Array(await readFile(path)));
  } catch (cause) {
    throw new MillraceError('SAVEPOINT_INVALID', `No savepoint can be read at ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
}
