import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeStorage } from '../../../src/log/mod.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-lock-'));
});
afterEach(() => rm(directory, { recursive: true }));
const path = (): string => join(directory, 'lock');

test('a lock is exclusive until released, and leaves no files behind', async () => {
  const lock = await nodeStorage().lock(path());
  await expect(nodeStorage().lock(path())).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
  expect(JSON.parse(await readFile(path(), 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
  await (await nodeStorage().lock(path())).release();
  expect(await readdir(directory)).toEqual([]);
});

test('the lock of a living process holds, that of a dead one is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  await once(child, 'spawn');
  await writeFile(path(), JSON.stringify({ pid: child.pid, started: null }));
  await expect(nodeStorage().lock(path())).rejects.toMatchObject({
    code: 'DATA_DIR_LOCKED',
    message: expect.stringContaining(String(child.pid)),
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await nodeStorage().lock(path())).release();
});

test.runIf(process.platform === 'linux')(
  'a process id that was used again does not hold the lock',
  async () => {
    await writeFile(path(), JSON.stringify({ pid: process.pid, started: 'another-boot/1' }));
    await (await nodeStorage().lock(path())).release();
  },
);

test('a torn lock file is taken over', async () => {
  await writeFile(path(), '{"pi');
  await (await nodeStorage().lock(path())).release();
});
