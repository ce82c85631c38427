import { constants, type FileHandle, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../core/mod.ts';

/*
 * Parts of checkpoints that never change are stored once: in the file `kept-<epoch>` of the first checkpoint
 * that had them, synced before that one is there. A checkpoint with such parts begins with the places of all
 * its parts; one without is its parts alone.
 */

/** Where a part is: its length, and for one that lasts the epoch and the place in the file of that. */
type Place = readonly [length: number] | readonly [length: number, epoch: number, from: number];
type LastingPlace = Extract<Place, { readonly length: 3 }>;

const MAGIC = 0x4d4c4350; // "MLCP"
const PREFIX_BYTES = 8;
const KEPT = /^kept-(\d+)$/;
/** The system takes no more at once. */
const BYTES_AT_ONCE_MAX = 1 << 30;

const keptFile = (folder: string, epoch: number): string => join(folder, `kept-${epoch}`);

/** What of a checkpoint is written where. */
export interface SplitParts {
  /** The checkpoint's own file. */
  readonly own: readonly Uint8Array[];
  /** The file of what lasts and was never stored; none where empty. */
  readonly kept: readonly Uint8Array[];
  /** Where those are then. */
  readonly places: readonly (readonly [object, LastingPlace])[];
}

/** Decides what has to be written, when what lasts is stored at `known` places. */
export function splitParts(
  epoch: number,
  parts: readonly Uint8Array[],
  lasting: ReadonlyMap<Uint8Array, object>,
  known: Pick<WeakMap<object, LastingPlace>, 'get'>,
): SplitParts {
  const kept: Uint8Array[] = [];
  const places: [object, LastingPlace][] = [];
  let from = 0;
  const table = parts.map((part): Place => {
    const key = lasting.get(part);
    if (key === undefined) return [part.length];
    const stored = known.get(key);
    if (stored !== undefined) return stored;
    const place: LastingPlace = [part.length, epoch, from];
    kept.push(part);
    places.push([key, place]);
    from += part.length;
    return place;
  });
  const own = parts.filter(part => !lasting.has(part));
  return { own: own.length === parts.length ? own : [...header(table), ...own], kept, places };
}

function header(table: readonly Place[]): Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify(table));
  const prefix = new Uint8Array(PREFIX_BYTES);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, text.length);
  return [prefix, text];
}

/** The places at the begin of a checkpoint; null where it is its parts alone. `behind` is where those begin. */
async function placesIn(file: FileHandle): Promise<{ table: readonly Place[]; behind: number } | null> {
  const { size } = await file.stat();
  if (size < PREFIX_BYTES) return null;
  const prefix = new DataView((await readAt(file, 0, PREFIX_BYTES)).buffer);
  if (prefix.getUint32(0) !== MAGIC) return null;
  const text = await readAt(file, PREFIX_BYTES, prefix.getUint32(4));
  return { table: JSON.parse(new TextDecoder().decode(text)), behind: PREFIX_BYTES + text.length };
}

/** The parts of a checkpoint, one behind the other. */
export async function readParts(folder: string, path: string): Promise<Uint8Array> {
  const own = await open(path, 'r');
  const files = new Map<number, FileHandle>();
  try {
    const found = await placesIn(own);
    if (found === null) return await readAt(own, 0, (await own.stat()).size);
    const whole = new Uint8Array(found.table.reduce((sum, [length]) => sum + length, 0));
    let [at, ownAt] = [0, found.behind];
    for (const [length, epoch, from] of found.table) {
      const target = whole.subarray(at, (at += length));
      if (epoch === undefined) {
        await fill(own, ownAt, target);
        ownAt += length;
        continue;
      }
      const file = files.get(epoch) ?? (await open(keptFile(folder, epoch), 'r'));
      files.set(epoch, file);
      await fill(file, from!, target);
    }
    return whole;
  } finally {
    for (const file of [own, ...files.values()]) await file.close();
  }
}

/** Removes the files of what lasts that none of the checkpoints at `paths` has any more. */
export async function dropUnused(folder: string, paths: readonly string[]): Promise<void> {
  const kept = (await readdir(folder)).flatMap(name => KEPT.exec(name)?.[1] ?? []);
  if (kept.length === 0) return;
  const used = new Set<number>();
  for (const path of paths) {
    const file = await open(path, 'r');
    try {
      for (const [, epoch] of (await placesIn(file))?.table ?? []) if (epoch !== undefined) used.add(epoch);
    } finally {
      await file.close();
    }
  }
  for (const epoch of kept) if (!used.has(Number(epoch))) await unlink(keptFile(folder, Number(epoch)));
}

/** Writes what lasts, durable when it resolves but for its name. */
export const writeKept = (folder: string, epoch: number, parts: readonly Uint8Array[]): Promise<void> =>
  parts.length === 0 ? Promise.resolve() : writeFileSynced(keptFile(folder, epoch), parts);

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
    const length = Math.min(bytes.length - done, BYTES_AT_ONCE_MAX);
    done += (await file.write(bytes, done, length)).bytesWritten;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const target = new Uint8Array(length);
  await fill(file, position, target);
  return target;
}

async function fill(file: FileHandle, position: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(target.length - done, BYTES_AT_ONCE_MAX);
    const { bytesRead } = await file.read(target, done, length, position + done);
    if (bytesRead === 0) throw new MillraceError('CHECKPOINT_FAILED', 'A stored checkpoint has lost bytes.');
    done += bytesRead;
  }
}
