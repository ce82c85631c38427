import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { constants, type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedFile, StagingFile, StagingFiles } from '../../contract/mod.ts';
import { failpoint } from '../../core/mod.ts';

/*
 * Of each sink, in the folder of its job's checkpoints: `staged-<sink>.<number>.part` while it is written,
 * `staged-<sink>.<number>-<epoch>` once it is sealed, `staged-<sink>.spare` when it is not needed any more: the
 * next one is written over it, because its pages and blocks are there already.
 */
const SEALED = /^(staged-[0-9a-f]+)\.\d+-(\d+)$/;
const NAME_DIGITS = 32;

/** The staging files of a sink. */
export function nodeStagingFiles(folder: string, sinkId: string): StagingFiles {
  const name = `staged-${createHash('sha256').update(sinkId).digest('hex').slice(0, NAME_DIGITS)}`;
  const path = join(folder, name);
  return {
    create: async number => {
      await mkdir(folder, { recursive: true });
      // With the first one of an epoch, no other is being written: what there is a failed attempt has left.
      if (number === 0) await removeParts(folder, name);
      const part = `${path}.${number}.part`;
      await rename(`${path}.spare`, part).catch(ignoreMissing);
      const file = await open(part, constants.O_WRONLY | constants.O_CREAT);
      return new NodeStagingFile(file, folder, `${name}.${number}`);
    },
    open: async sealed => sealedFile(join(folder, sealed)),
  };
}

async function removeParts(folder: string, name: string): Promise<void> {
  for (const left of await readdir(folder)) {
    if (left.startsWith(`${name}.`) && left.endsWith('.part')) await unlink(join(folder, left));
  }
}

/** The first ones have nothing to write over. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

class NodeStagingFile implements StagingFile {
  readonly #file: FileHandle;
  readonly #folder: string;
  readonly #name: string;
  #size = 0;

  constructor(file: FileHandle, folder: string, name: string) {
    this.#file = file;
    this.#folder = folder;
    this.#name = name;
  }

  async append(pieces: readonly Uint8Array[]): Promise<void> {
    const end = this.#size + pieces.reduce((sum, piece) => sum + piece.length, 0);
    let left = pieces;
    while (this.#size < end) {
      const { bytesWritten } = await this.#file.writev(left, this.#size);
      this.#size += bytesWritten;
      if (this.#size < end) left = behind(left, bytesWritten);
    }
    failpoint('staging.append.after');
  }

  async seal(epoch: number): Promise<string> {
    await this.#file.truncate(this.#size);
    await this.#file.close();
    const sealed = `${this.#name}-${epoch}`;
    await rename(join(this.#folder, `${this.#name}.part`), join(this.#folder, sealed));
    failpoint('staging.seal.after');
    return sealed;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** What is left of the pieces when so many bytes are written: the system may write less than asked. */
function behind(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let skipped = written;
  return pieces.flatMap(piece => {
    const from = Math.min(skipped, piece.length);
    skipped -= from;
    return from === piece.length ? [] : [piece.subarray(from)];
  });
}

/** Up to here reading from the page cache takes less time than handing it to another thread. */
const SYNC_READ_BYTES_MAX = 1 << 16;

async function sealedFile(path: string): Promise<SealedFile> {
  const file = await open(path, 'r');
  const { size } = await file.stat();
  return {
    sizeBytes: size,
    path,
    read: async (position, target) => {
      const { length } = target;
      if (length <= SYNC_READ_BYTES_MAX) return readSync(file.fd, target, 0, length, position);
      return (await file.read(target, 0, length, position)).bytesRead;
    },
    close: () => file.close(),
  };
}

async function sealedFiles(
  folder: string,
): Promise<readonly { readonly name: string; readonly sink: string; readonly epoch: number }[]> {
  const names = await readdir(folder);
  return names.flatMap(name => {
    const match = SEALED.exec(name);
    return match === null ? [] : [{ name, sink: match[1]!, epoch: Number(match[2]) }];
  });
}

/** Makes the content of what was sealed for the epoch durable; the names are the folder's. */
export async function syncStaged(folder: string, epoch: number): Promise<void> {
  for (const sealed of await sealedFiles(folder)) {
    if (sealed.epoch !== epoch) continue;
    const file = await open(join(folder, sealed.name), 'r+');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
    failpoint('staging.sync.after');
  }
}

/**
 * What was sealed for earlier epochs is not needed any more. A file that has another name belongs to whoever
 * gave it that, and must not be written over.
 */
export async function releaseStaged(folder: string, epoch: number): Promise<void> {
  for (const sealed of await sealedFiles(folder)) {
    if (sealed.epoch >= epoch) continue;
    const path = join(folder, sealed.name);
    if ((await stat(path)).nlink > 1) await unlink(path);
    else await rename(path, join(folder, `${sealed.sink}.spare`));
    failpoint('staging.release.after');
  }
}
