import { crc32c } from '@node-rs/crc32';
import { failpoint } from '../../core/mod.ts';
import { readInt32, readInt64, readUint32, writeInt32, writeInt64 } from '../codec/integers.ts';
import { replaceFile, type Storage, type StorageFile } from '../storage/storage.ts';
import type { PartitionStateData } from './partition-state.ts';
import { fileName } from './segment.ts';

/** A place in a partition: everything before it is durable. */
export interface DurablePoint {
  readonly offset: number;
  readonly segmentBase: number;
  readonly position: number;
}

/** The state of a partition at a durable point: recovery reads batches from there on only. */
export interface PartitionSnapshot extends DurablePoint {
  readonly state: PartitionStateData;
}

/** Store a snapshot under its offset, then remove older ones. */
export async function saveSnapshot(
  storage: Storage,
  directory: string,
  snapshot: PartitionSnapshot,
): Promise<void> {
  const json = JSON.stringify(snapshot);
  const content = Buffer.from(`${crc32c(json).toString(16)}\n${json}`);
  const name = fileName(snapshot.offset, 'snapshot');
  await replaceFile(storage, directory, name, content, {
    beforeRename: () => failpoint('log.snapshot.rename.before'),
    afterRename: () => failpoint('log.snapshot.rename.after'),
  });
  for (const other of await snapshotNames(storage, directory)) {
    if (other !== name) await storage.remove(`${directory}/${other}`);
  }
}

/** The newest snapshot that is whole; undefined when there is none. */
export async function loadSnapshot(
  storage: Storage,
  directory: string,
): Promise<PartitionSnapshot | undefined> {
  for (const name of (await snapshotNames(storage, directory)).reverse()) {
    const text = Buffer.from((await storage.readFile(`${directory}/${name}`)) ?? []).toString();
    const end = text.indexOf('\n');
    const json = text.slice(end + 1);
    // The checksum says that we wrote it, so its shape is ours.
    if (end > 0 && crc32c(json).toString(16) === text.slice(0, end))
      return JSON.parse(json) as PartitionSnapshot;
  }
  return undefined;
}

async function snapshotNames(storage: Storage, directory: string): Promise<string[]> {
  return (await storage.list(directory)).filter(name => name.endsWith('.snapshot')).sort();
}

const POINT_BYTES = 24;

/**
 * A lower bound of what is durable, written after flushes but never flushed itself: a broken batch before it
 * is damage, one after it a torn tail.
 */
export class RecoveryPoint {
  readonly #file: StorageFile;

  private constructor(file: StorageFile) {
    this.#file = file;
  }

  static async open(storage: Storage, directory: string): Promise<RecoveryPoint> {
    return new RecoveryPoint(await storage.open(`${directory}/recovery-point`));
  }

  /** offset int64 · segmentBase int64 · position int32 · crc uint32 of what precedes. */
  async save(point: DurablePoint): Promise<void> {
    const bytes = new Uint8Array(POINT_BYTES);
    writeInt64(bytes, 0, point.offset);
    writeInt64(bytes, 8, point.segmentBase);
    writeInt32(bytes, 16, point.position);
    writeInt32(bytes, 20, crc32c(bytes.subarray(0, 20)));
    await this.#file.write(0, [bytes]);
  }

  async load(): Promise<DurablePoint | undefined> {
    const bytes = new Uint8Array(POINT_BYTES);
    if ((await this.#file.read(0, bytes)) < POINT_BYTES) return undefined;
    if (readUint32(bytes, 20) !== crc32c(bytes.subarray(0, 20))) return undefined;
    return { offset: readInt64(bytes, 0), segmentBase: readInt64(bytes, 8), position: readInt32(bytes, 16) };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
