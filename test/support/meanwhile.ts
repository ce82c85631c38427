import type { Storage } from '../../src/log/mod.ts';

/** What a test does while the log waits for its disk. */
export interface Meanwhile {
  /** Between the reading of a whole file and the answer. */
  readFile?: (path: string) => Promise<void>;
  /** Between a read of so many bytes and the answer. */
  read?: (path: string, sizeBytes: number) => Promise<void>;
  /** Before a file gets this name. */
  rename?: (to: string) => Promise<void>;
}

/** The disk, and what happens meanwhile. */
export function withMeanwhile(storage: Storage, meanwhile: Meanwhile): Storage {
  return {
    ...storage,
    open: async path => {
      const file = await storage.open(path);
      const read: typeof file.read = async (position, target) => {
        const sizeBytes = await file.read(position, target);
        await meanwhile.read?.(path, target.length);
        return sizeBytes;
      };
      return { ...file, read };
    },
    readFile: async path => {
      const content = storage.readFile(path);
      await meanwhile.readFile?.(path);
      return content;
    },
    rename: async (from, to) => {
      await meanwhile.rename?.(to);
      await storage.rename(from, to);
    },
  };
}

/** Does it once, at the first path of the partition `t-0` that matches. */
export function once(pattern: RegExp, work: () => Promise<unknown>): (path: string) => Promise<void> {
  let isDone = false;
  return async path => {
    if (isDone || !path.includes('/t-0/') || !pattern.test(path)) return;
    isDone = true;
    await work();
  };
}
