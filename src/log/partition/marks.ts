import { MillraceError } from '../../core/mod.ts';
import { replaceFile, type Storage } from '../storage/storage.ts';

/**
 * Offsets of a partition that no batch tells, each in a small file: where the log begins since records were
 * deleted, and up to where it is compacted.
 */
export type Mark = 'log-start' | 'compacted-to';

/** The stored offset; 0 where there is none. */
export async function loadMark(storage: Storage, directory: string, mark: Mark): Promise<number> {
  const path = `${directory}/${mark}`;
  const bytes = await storage.readFile(path);
  if (bytes === undefined) return 0;
  const text = Buffer.from(bytes).toString().trim();
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw new MillraceError('LOG_CORRUPT', `${path} should hold an offset, not ${JSON.stringify(text)}`);
}

/** Durable when it resolves. */
export async function saveMark(
  storage: Storage,
  directory: string,
  mark: Mark,
  offset: number,
): Promise<void> {
  await replaceFile(storage, directory, mark, Buffer.from(`${offset}\n`));
}
