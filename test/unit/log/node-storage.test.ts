import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodeStorage } from '../../../src/log/mod.ts';

/** How often the system has no descriptor left. */
const faults = vi.hoisted(() => ({ opens: 0 }));

vi.mock('node:fs/promises', async importOriginal => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (...args) => {
    if (faults.opens-- > 0) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    return real.open(...args);
  };
  return { ...real, open };
});

let path: string;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-storage-'));
  path = join(directory, 'file');
});
afterEach(() => rm(directory, { recursive: true }));

test('a file that could not be opened holds what it held', async () => {
  await writeFile(path, 'records');
  faults.opens = 1;
  await expect(nodeStorage().open(path)).rejects.toMatchObject({ code: 'EMFILE' });
  expect(await readFile(path, 'utf8')).toBe('records');
});

test('a file is made when it is missing, and kept when it is there', async () => {
  for (const [position, text] of ['rec', 'ords'].entries()) {
    const file = await nodeStorage().open(path);
    await file.write(3 * position, [Buffer.from(text)]);
    await file.close();
  }
  expect(await readFile(path, 'utf8')).toBe('records');
});
