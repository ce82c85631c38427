import { MillraceError } from '../core/mod.ts';
import { replaceFile, type Storage, type StorageLock } from './storage/storage.ts';
import { freshUuid } from './uuid.ts';

/** Version of the log's files. Raise it when an older program could not read what is written. */
const DATA_VERSION = 1;

/**
 * Take a data directory for this process. DATA_DIR_NEWER, with nothing touched, when a newer program wrote
 * it; DATA_DIR_LOCKED when another process uses it.
 */
export async function takeDataDirectory(storage: Storage, directory: string): Promise<StorageLock> {
  const found = await readVersion(storage, directory);
  await storage.mkdir(directory);
  const lock = await storage.lock(`${directory}/lock`);
  try {
    if (found === undefined)
      await replaceFile(storage, directory, 'version', Buffer.from(`${DATA_VERSION}\n`));
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Kafka's id of the cluster that this log is: made once, kept with the data. */
export async function clusterIdOf(storage: Storage, directory: string): Promise<string> {
  const stored = await storage.readFile(`${directory}/cluster-id`);
  if (stored !== undefined) return Buffer.from(stored).toString().trim();
  const made = freshUuid();
  await replaceFile(storage, directory, 'cluster-id', Buffer.from(`${made}\n`));
  return made;
}

async function readVersion(storage: Storage, directory: string): Promise<number | undefined> {
  const bytes = await storage.readFile(`${directory}/version`);
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes).toString().trim();
  if (!/^[0-9]+$/.test(text)) {
    throw new MillraceError(
      'LOG_CORRUPT',
      `${directory}/version should hold a number, not ${JSON.stringify(text)}`,
    );
  }
  if (Number(text) > DATA_VERSION) {
    throw new MillraceError(
      'DATA_DIR_NEWER',
      `${directory} has version ${text}, this program knows ${DATA_VERSION}; it is left untouched`,
    );
  }
  return Number(text);
}
