import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { failpoint, MillraceError } from '../../core/mod.ts';
import type { OpenPart, PartState } from './part-state.ts';

const STATE_FOLDER = '.millrace';

/** The files of one sink: parts that are hidden and published ones, and the state beside them. */
export class PartStore {
  readonly #root: string;
  readonly #statePath: string;

  constructor(root: string, sinkId: string) {
    this.#root = root;
    this.#statePath = join(root, STATE_FOLDER, `${encodeURIComponent(sinkId)}.json`);
  }

  /** What was stored last; null at the first start. */
  load(): PartState | null {
    if (!existsSync(this.#statePath)) return null;
    try {
      return JSON.parse(readFileSync(this.#statePath, 'utf8')) as PartState;
    } catch (cause) {
      throw new MillraceError('SINK_FAILED', `${this.#statePath} cannot be read`, { cause });
    }
  }

  /** Stores the state in one step: after a crash it is the old or the new one. Durable when this returns. */
  store(state: PartState): void {
    mkdirSync(dirname(this.#statePath), { recursive: true });
    const temporary = `${this.#statePath}.new`;
    writeFileSync(temporary, JSON.stringify(state), { flush: true });
    failpoint('files.state.before');
    renameSync(temporary, this.#statePath);
    syncFolder(dirname(this.#statePath));
    failpoint('files.state.after');
  }

  /** Writes bytes behind those of a hidden part that count, and makes them durable. */
  append(part: OpenPart, bytes: Uint8Array): void {
    const path = this.#hidden(part);
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(path, existsSync(path) ? 'r+' : 'w+');
    try {
      ftruncateSync(fd, part.bytes);
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(fd, bytes, done, bytes.length - done, part.bytes + done);
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    syncFolder(dirname(path));
    failpoint('files.append.after');
  }

  /** Makes a complete part visible; it may be so already. */
  publish(part: Pick<OpenPart, 'folder' | 'name'>): void {
    const hidden = this.#hidden(part);
    const visible = join(this.#root, part.folder, part.name);
    if (existsSync(hidden)) renameSync(hidden, visible);
    else if (!existsSync(visible)) {
      throw new MillraceError('SINK_FAILED', `the part ${visible} of the table is gone`);
    }
    syncFolder(dirname(visible));
    failpoint('files.publish.after');
  }

  /** Marks a partition as committed. */
  mark(folder: string, name: string): void {
    const path = join(this.#root, folder, name);
    writeFileSync(path, '', { flush: true });
    syncFolder(dirname(path));
  }

  #hidden({ folder, name }: Pick<OpenPart, 'folder' | 'name'>): string {
    return join(this.#root, folder, `.${name}.inprogress`);
  }
}

/** A file's name is durable once its folder is. */
function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
