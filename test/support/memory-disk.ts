import { MillraceError, type Rng } from '../../src/core/mod.ts';
import type { Storage, StorageFile, StorageLock } from '../../src/log/mod.ts';
import { Inode } from './memory-inode.ts';

const SECTOR_BYTES = 512;

/** Faults that a test switches on; counts go down as they strike. */
export interface Faults {
  /** Bytes that may still be written before ENOSPC. */
  roomBytes: number;
  /** The power goes instead of the call with this number, counted down. */
  crashInCalls: number;
  /** Flushes of files whose path matches fail with `syncError`. */
  failSync: RegExp | null;
  syncError: 'EIO' | 'ENOSPC';
  /** Flushes of files whose path matches do nothing, silently. */
  loseSync: RegExp | null;
}

/**
 * A disk in memory that keeps exactly the promises of `Storage` and no more: after `crash`, unsynced sectors
 * and names are there or not as chance wills, in any order.
 */
export class MemoryDisk {
  readonly #rng: Rng;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  readonly #directories = new Set<string>();
  readonly #locks = new Set<string>();
  #generation = 0;
  /** How often the power went. */
  crashes = 0;
  readonly faults: Faults = {
    roomBytes: Number.POSITIVE_INFINITY,
    crashInCalls: Number.POSITIVE_INFINITY,
    failSync: null,
    syncError: 'EIO',
    loseSync: null,
  };

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /**
   * The power goes: whoever used the disk until now gets errors only. What was not synced survives sector by
   * sector and name by name by chance.
   */
  crash(): void {
    this.crashes++;
    this.faults.crashInCalls = Number.POSITIVE_INFINITY;
    this.#generation++;
    this.#locks.clear();
    const paths = new Set([...this.#names.keys(), ...this.#durableNames.keys()]);
    const names = new Map<string, Inode>();
    for (const path of paths) {
      const survivor = this.#rng.next() < 0.5 ? this.#names.get(path) : this.#durableNames.get(path);
      if (survivor !== undefined) names.set(path, survivor);
    }
    for (const inode of new Set([...this.#names.values(), ...names.values()])) this.#tear(inode);
    this.#names = names;
    this.#durableNames = new Map(names);
  }

  /** The process dies but the machine lives: all that was written is there. */
  kill(): void {
    this.#generation++;
    this.#locks.clear();
  }

  #tear(inode: Inode): void {
    const { seen, durable } = inode;
    const [short, long] = [Math.min(seen.length, durable.length), Math.max(seen.length, durable.length)];
    const size = this.#rng.pick([seen.length, durable.length, this.#rng.int(short, long)]);
    const torn = new Uint8Array(size);
    for (let at = 0; at < size; at += SECTOR_BYTES) {
      const from = this.#rng.next() < 0.5 ? seen : durable;
      torn.set(from.subarray(at, Math.min(at + SECTOR_BYTES, size)), at);
    }
    inode.become(torn);
  }

  /** Change one byte of a file as bit rot would. */
  flipByte(path: string, at: number): void {
    const inode = this.#find(path);
    const flipped = inode.seen.slice();
    flipped[at]! ^= 0xff;
    inode.become(flipped);
  }

  /** Contents as a program sees them. */
  contentOf(path: string): Uint8Array {
    return this.#find(path).seen;
  }

  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  #find(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw systemError('ENOENT', path);
    return inode;
  }

  /** The disk for a program that starts now. After `crash` or `kill` all its calls fail. */
  mount(): Storage {
    const born = this.#generation;
    const alive = (): void => {
      if (born === this.#generation && --this.faults.crashInCalls <= 0) this.crash();
      if (born !== this.#generation) throw systemError('EIO', 'the machine is gone');
    };
    const guarded =
      <A extends unknown[], R>(call: (...args: A) => R | Promise<R>) =>
      async (...args: A): Promise<R> => {
        alive();
        return call(...args);
      };
    return {
      open: guarded((path: string) => this.#open(path, alive)),
      readFile: guarded((path: string) => this.#names.get(path)?.seen.slice()),
      size: guarded((path: string) => this.#names.get(path)?.seen.length),
      rename: guarded((from: string, to: string) => this.#rename(from, to)),
      link: guarded((from: string, to: string) => this.#link(from, to)),
      list: guarded((directory: string) => this.#list(directory)),
      remove: guarded((path: string) => this.#remove(path)),
      mkdir: guarded((directory: string) => {
        this.#directories.add(directory);
      }),
      syncDir: guarded((directory: string) => this.#syncDir(directory)),
      lock: guarded((path: string) => this.#lock(path, born)),
    };
  }

  #open(path: string, alive: () => void): StorageFile {
    let inode = this.#names.get(path);
    if (inode === undefined) {
      inode = new Inode();
      this.#names.set(path, inode);
    }
    return this.#file(path, inode, alive);
  }

  #file(path: string, inode: Inode, alive: () => void): StorageFile {
    return {
      write: async (position, chunks) => {
        alive();
        let at = position;
        for (const chunk of chunks) {
          const fitting = Math.min(chunk.length, this.faults.roomBytes);
          this.faults.roomBytes -= fitting;
          inode.write(at, chunk.subarray(0, fitting));
          if (fitting < chunk.length) throw systemError('ENOSPC', path);
          at += chunk.length;
        }
      },
      read: async (position, target) => {
        alive();
        const bytes = inode.seen.subarray(position, position + target.length);
        target.set(bytes);
        return bytes.length;
      },
      datasync: async () => {
        alive();
        const flush = inode.flush();
        // A flush takes a while: whoever writes meanwhile is not covered by it.
        await Promise.resolve();
        try {
          alive();
          if (this.faults.failSync?.test(path)) throw systemError(this.faults.syncError, path);
        } catch (error) {
          flush.drop();
          throw error;
        }
        if (this.faults.loseSync?.test(path)) flush.drop();
        else flush.store();
      },
      truncate: async size => {
        alive();
        inode.truncate(size);
      },
      close: async () => {},
    };
  }

  #rename(from: string, to: string): void {
    const inode = this.#find(from);
    this.#names.delete(from);
    this.#names.set(to, inode);
  }

  #link(from: string, to: string): boolean {
    const inode = this.#names.get(from);
    if (inode !== undefined) this.#names.set(to, inode);
    return inode !== undefined;
  }

  #list(directory: string): readonly string[] {
    const below = [...this.#names.keys(), ...this.#directories].filter(p => p.startsWith(`${directory}/`));
    return [...new Set(below.map(p => p.slice(directory.length + 1).split('/')[0]!))];
  }

  #remove(path: string): void {
    for (const map of [this.#names, this.#directories]) {
      for (const name of map.keys()) if (name === path || name.startsWith(`${path}/`)) map.delete(name);
    }
  }

  #syncDir(directory: string): void {
    const inside = (path: string): boolean => path.slice(0, path.lastIndexOf('/')) === directory;
    for (const path of this.#durableNames.keys()) {
      if (inside(path) && !this.#names.has(path)) this.#durableNames.delete(path);
    }
    for (const [path, inode] of this.#names) if (inside(path)) this.#durableNames.set(path, inode);
  }

  #lock(path: string, born: number): StorageLock {
    if (this.#locks.has(path)) throw new MillraceError('DATA_DIR_LOCKED', `${path} is held`);
    this.#locks.add(path);
    return {
      release: async () => {
        if (born === this.#generation) this.#locks.delete(path);
      },
    };
  }
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
