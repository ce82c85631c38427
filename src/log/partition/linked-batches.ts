import { MillraceError } from '../../core/mod.ts';
import { BATCH_HEADER_BYTES, batchSizeAt, type EncodedBatch, recordCountAt } from '../codec/mod.ts';
import type { Storage, StorageFile } from '../storage/storage.ts';

/** The batches of a file that has a name among the partition's: their headers are at hand, to be rewritten. */
export interface LinkedBatches {
  readonly path: string;
  readonly batches: readonly EncodedBatch[];
}

/**
 * Gives the file at `path`, of finished batches back to back, the name `temporary`, and reads their headers.
 * Null where that name can't be given, or the file or a batch is not of the size it may have. A start of the
 * log removes what has a temporary name still.
 */
export async function linkBatches(
  storage: Storage,
  path: string,
  temporary: string,
  sizeBytes: number,
  batchBytesMax: number,
): Promise<LinkedBatches | null> {
  await storage.remove(temporary);
  if (!(await storage.link?.(path, temporary))) return null;
  let batches: readonly EncodedBatch[] | null = null;
  try {
    if ((await storage.size(temporary)) === sizeBytes) {
      batches = await reading(storage, temporary, file => readHeaders(file, sizeBytes, batchBytesMax));
    }
  } finally {
    if (batches === null) await storage.remove(temporary);
  }
  return batches === null ? null : { path: temporary, batches };
}

async function reading<T>(
  storage: Storage,
  path: string,
  use: (file: StorageFile) => Promise<T>,
): Promise<T> {
  const file = await storage.open(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readHeaders(
  file: StorageFile,
  sizeBytes: number,
  batchBytesMax: number,
): Promise<EncodedBatch[] | null> {
  const batches: EncodedBatch[] = [];
  for (let position = 0; position < sizeBytes; ) {
    const bytes = new Uint8Array(BATCH_HEADER_BYTES);
    const read = await file.read(position, bytes);
    const size = batchSizeAt(bytes, 0);
    if (read < bytes.length || size < 0 || position + size > sizeBytes) {
      throw new MillraceError('FORMAT_INVALID', `staged batches are cut off at byte ${position}`);
    }
    if (size > batchBytesMax) return null;
    batches.push({ bytes, recordCount: recordCountAt(bytes, 0), maxTimestamp: 0, sizeBytes: size });
    position += size;
  }
  return batches;
}

/** Writes the headers over those in the file, durably. */
export async function writeHeaders(
  storage: Storage,
  path: string,
  batches: readonly { readonly bytes: Uint8Array; readonly sizeBytes: number }[],
): Promise<void> {
  await reading(storage, path, async file => {
    let position = 0;
    for (const { bytes, sizeBytes } of batches) {
      await file.write(position, [bytes]);
      position += sizeBytes;
    }
    await file.datasync();
  });
}
