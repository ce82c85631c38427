import { createHash } from 'node:crypto';
import { closeSync, constants, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import type { StretchFile } from '../partition/stretch.ts';
import { nodeLock } from './node-lock.ts';
import type { Storage, StorageFile } from './storage.ts';

/**
 * Up to here a read or write of the page cache takes less time than handing it to another thread, so it is
 * done at once; larger ones go to the thread pool and leave the event loop free.
 */
const SYNC_READ_BYTES_MAX = 1 << 20;
const SYNC_WRITE_BYTES_MAX = 512 << 10;
const CHUNKS_PER_WRITE_MAX = 512;

/**
 * The first Buffer that Node makes natively, as `rm` does, changes the hidden class that all byte arrays
 * begin with, and all that was optimized for bytes until then is thrown away. So it is made before there is
 * any.
 */
createHash('sha256').digest();

/** The real disk. */
export function nodeStorage(): Storage {
  return {
    open: async path => nodeFile(await open(path, constants.O_RDWR | constants.O_CREAT, 0o666)),
    readFile: path => readFile(path).catch(undefinedWhenMissing),
    size: async path => (await stat(path).catch(undefinedWhenMissing))?.size,
    rename,
    link: (from, to) => link(from, to).then(() => true, falseWhenImpossible),
    list: async directory => (await readdir(directory).catch(undefinedWhenMissing)) ?? [],
    remove: path => rm(path, { recursive: true, force: true }),
    mkdir: async directory => {
      await mkdir(directory, { recursive: true });
    },
    syncDir,
    lock: nodeLock,
  };
}

/** The file is not there, is on another file system, has too many names, or may have one only. */
const NO_LINK = ['ENOENT', 'EXDEV', 'EMLINK', 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

function falseWhenImpossible(error: NodeJS.ErrnoException): boolean {
  if (NO_LINK.includes(error.code ?? '')) return false;
  throw error;
}

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

async function syncDir(directory: string): Promise<void> {
  // Windows can't open a folder; NTFS journals its names.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nodeFile(handle: FileHandle): StorageFile {
  return {
    write: (position, chunks) => writeChunks(handle, position, chunks),
    read: async (position, target) => {
      if (target.length <= SYNC_READ_BYTES_MAX)
        return readSync(handle.fd, target, 0, target.length, position);
      return (await handle.read(target, 0, target.length, position)).bytesRead;
    },
    datasync: () =>
      new Promise((resolve, reject) => {
        fdatasync(handle.fd, error => (error ? reject(error) : resolve()));
      }),
    truncate: size => handle.truncate(size),
    id: () => fileIdOf(handle.fd),
    close: () => handle.close(),
  };
}

function fileIdOf(descriptor: number): string {
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return `${dev}/${ino}`;
}

/** The file, for reading in any thread; null where the name is gone or another file has taken it. */
export function openToRead(path: string, id: string): StretchFile | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (fileIdOf(descriptor) !== id) {
    closeSync(descriptor);
    return null;
  }
  return {
    read: (position, target) => readSync(descriptor, target, 0, target.length, position),
    get isGone() {
      return fstatSync(descriptor).nlink === 0;
    },
    close: () => closeSync(descriptor),
  };
}

async function writeChunks(
  handle: FileHandle,
  position: number,
  chunks: readonly Uint8Array[],
): Promise<void> {
  let at = position;
  const runs = joinNeighbours(chunks);
  for (let i = 0; i < runs.length; ) {
    const piece = isLarge(runs[i]!) ? [runs[i]!] : upToLarge(runs, i);
    const bytes = piece.length === 1 ? piece[0]! : together(piece);
    await writeAll(handle, at, bytes);
    at += bytes.length;
    i += piece.length;
  }
}

/**
 * Where small chunks are put together for one write; what is written at once is out of it when `write`
 * returns.
 */
let scratch: Uint8Array | undefined;

function together(chunks: readonly Uint8Array[]): Uint8Array {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (size > SYNC_WRITE_BYTES_MAX) return Buffer.concat(chunks, size);
  scratch ??= new Uint8Array(SYNC_WRITE_BYTES_MAX);
  let at = 0;
  for (const chunk of chunks) {
    scratch.set(chunk, at);
    at += chunk.length;
  }
  return scratch.subarray(0, size);
}

/** Chunks that lie behind one another in one memory are one. */
function joinNeighbours(chunks: readonly Uint8Array[]): Uint8Array[] {
  const runs: Uint8Array[] = [];
  for (const chunk of chunks) {
    const last = runs.at(-1);
    if (last?.buffer === chunk.buffer && last.byteOffset + last.length === chunk.byteOffset) {
      runs[runs.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + chunk.length);
    } else runs.push(chunk);
  }
  return runs;
}

/** A chunk that is not worth copying to be written with others. */
const isLarge = (chunk: Uint8Array): boolean => chunk.length > SYNC_WRITE_BYTES_MAX;

function upToLarge(runs: readonly Uint8Array[], from: number): Uint8Array[] {
  let to = from + 1;
  while (to < runs.length && to - from < CHUNKS_PER_WRITE_MAX && !isLarge(runs[to]!)) to++;
  return runs.slice(from, to);
}

/**
 * The system may write less than asked, e.g. just before the disk is full: go on until all is there or it
 * throws.
 */
async function writeAll(handle: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const left = bytes.length - done;
    done +=
      left <= SYNC_WRITE_BYTES_MAX
        ? writeSync(handle.fd, bytes, done, left, position + done)
        : (await handle.write(bytes, done, left, position + done)).bytesWritten;
  }
}
