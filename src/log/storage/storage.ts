import { MillraceError, messageOf } from '../../core/mod.ts';

/**
 * The disk as an argument: all that the log asks of a file system. Paths use `/`. Failures are thrown as they
 * come, with the system's `code` (`ENOSPC`, `EIO`, `EDQUOT`). The fault-injecting one of the tests keeps the
 * same promises.
 */
export interface Storage {
  /**
   * Opens for reading and writing; makes the file when it is missing. Its name is durable after `syncDir`.
   */
  open(path: string): Promise<StorageFile>;
  /** The whole file; undefined when there is none. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** Bytes of the file; undefined when there is none. */
  size(path: string): Promise<number | undefined>;
  /** Atomic; replaces the target. Durable after `syncDir` of the folder. */
  rename(from: string, to: string): Promise<void>;
  /**
   * A second name for a file; false where there is none, or where its file system can't give it this one.
   * Left out where files have one name.
   */
  link?(from: string, to: string): Promise<boolean>;
  /** Names in a folder; empty when there is no such folder. */
  list(directory: string): Promise<readonly string[]>;
  /** Removes a file or a whole folder; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** Makes the folder and those above it. */
  mkdir(directory: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncDir(directory: string): Promise<void>;
  /**
   * Takes an exclusive lock for this process or refuses with DATA_DIR_LOCKED. A dead owner's lock is taken
   * over.
   */
  lock(path: string): Promise<StorageLock>;
}

export interface StorageFile {
  /** Writes all chunks back to back from `position` on. May have written a part when it throws. */
  write(position: number, chunks: readonly Uint8Array[]): Promise<void>;
  /** Fills `target` from `position` on; returns how many bytes there were. */
  read(position: number, target: Uint8Array): Promise<number>;
  /** What was written before the call is durable when it resolves. */
  datasync(): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /** What tells this file from another that took its name; left out where only this thread can read it. */
  id?(): string;
  close(): Promise<void>;
}

export interface StorageLock {
  release(): Promise<void>;
}

/** True when the failure says that there is no room, so that the same write may succeed later. */
export function isNoSpace(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/**
 * A failure of the disk in our words: LOG_FULL when there was no room, else LOG_IO. Our own errors pass as
 * they are.
 */
export function storageError(error: unknown, what: string): MillraceError {
  if (error instanceof MillraceError) return error;
  if (!isNoSpace(error)) return new MillraceError('LOG_IO', `${what}: ${messageOf(error)}`, { cause: error });
  return new MillraceError('LOG_FULL', `${what}: no room on the disk; free some and try again`, {
    cause: error,
  });
}

/** Run `work`, with what the disk throws said in our words. */
export async function inOurWords<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, what);
  }
}

/**
 * Replace a small file as a whole: after a crash it is the former or the new one. `beforeRename` and
 * `afterRename` are for failpoints.
 */
export async function replaceFile(
  storage: Storage,
  directory: string,
  name: string,
  content: Uint8Array,
  steps: { readonly beforeRename?: () => void; readonly afterRename?: () => void } = {},
): Promise<void> {
  const temporary = `${directory}/${name}.tmp`;
  await storage.remove(temporary);
  const file = await storage.open(temporary);
  try {
    await file.write(0, [content]);
    await file.datasync();
  } finally {
    await file.close();
  }
  steps.beforeRename?.();
  await storage.rename(temporary, `${directory}/${name}`);
  steps.afterRename?.();
  await storage.syncDir(directory);
}
