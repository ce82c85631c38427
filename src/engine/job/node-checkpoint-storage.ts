import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint, MillraceError, messageOf } from '../../core/mod.ts';
import type { CheckpointStorage } from './checkpoint-image.ts';
import {
  dropUnused,
  readParts,
  type SplitParts,
  splitParts,
  writeFileSynced,
  writeKept,
} from './lasting-parts.ts';
import { releaseStaged, syncStaged } from './staging-files.ts';

type Places = WeakMap<object, SplitParts['places'][number][1]>;

/** The file of a checkpoint that is not needed any more: the next one is written over it. */
const SPARE = 'spare';

/**
 * Checkpoints as files `chk-<epoch>` of a folder: written beside, synced, renamed, and the folder synced. The
 * file of one that is discarded is written over by the next: its pages and blocks are there already, which
 * halves what a checkpoint costs the system. What never changes is stored with the first checkpoint that has
 * it
 * alone, see `lasting-parts.ts`.
 */
export function nodeCheckpointStorage(folder: string): CheckpointStorage {
  const epochs = async (): Promise<number[]> => {
    const names = await readdir(folder);
    return names.flatMap(name => (/^chk-\d+$/.test(name) ? Number(name.slice(4)) : [])).sort((a, b) => a - b);
  };
  const places: Places = new WeakMap();
  let busy: Promise<unknown> = Promise.resolve();
  /** One after the other: what a failed attempt still writes is through before the next one reads. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = busy.then(work);
    busy = done.catch(() => undefined);
    return done;
  };
  return {
    stagingFolder: folder,
    store: (epoch, parts, lasting = new Map()) =>
      inTurn(async () => {
        const split = splitParts(epoch, parts, lasting, places);
        await storeFiles(folder, epoch, split);
        for (const [key, place] of split.places) places.set(key, place);
      }),
    latest: () =>
      inTurn(async () => {
        await mkdir(folder, { recursive: true });
        const last = (await epochs()).at(-1);
        return last === undefined ? null : readParts(folder, join(folder, `chk-${last}`));
      }),
    discardBelow: epoch =>
      inTurn(async () => {
        const all = await epochs();
        for (const old of all) {
          if (old < epoch) await rename(join(folder, `chk-${old}`), join(folder, SPARE));
        }
        failpoint('checkpoint.discard.after');
        await dropUnused(
          folder,
          all.filter(e => e >= epoch).map(e => join(folder, `chk-${e}`)),
        );
        await releaseStaged(folder, epoch);
      }),
  };
}

async function storeFiles(folder: string, epoch: number, { own, kept }: SplitParts): Promise<void> {
  const path = join(folder, `chk-${epoch}`);
  failpoint('checkpoint.write.before');
  try {
    await mkdir(folder, { recursive: true });
    await syncStaged(folder, epoch);
    await rename(join(folder, SPARE), `${path}.part`).catch(ignoreMissing);
    await writeKept(folder, epoch, kept);
    failpoint('checkpoint.kept.after');
    await writeFileSynced(`${path}.part`, own);
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

/** Makes names of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
