import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { armFailpoints, seededRng } from '../../../src/core/mod.ts';
import { nodeCheckpointStorage } from '../../../src/engine/mod.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-checkpoints-'));
});
afterEach(() => {
  armFailpoints(null);
  rmSync(folder, { recursive: true, force: true });
});

const bytes = (epoch: number, length: number): Uint8Array => new Uint8Array(length).fill(epoch);

test('a checkpoint is written over the file of one that is not needed any more, whatever their sizes', async () => {
  const storage = nodeCheckpointStorage(folder);
  for (const [k, length] of [1000, 10, 5000, 0, 300].entries()) {
    const epoch = k + 1;
    await storage.store(epoch, [bytes(epoch, length), bytes(99, 3)]);
    await storage.discardBelow(epoch);
    expect(statSync(join(folder, `chk-${epoch}`)).size).toBe(length + 3);
    expect(await storage.latest()).toEqual(Uint8Array.from([...bytes(epoch, length), 99, 99, 99]));
    expect(readdirSync(folder).length).toBeLessThanOrEqual(2);
  }
});

test('a staged file is written over once it is released, but not one that has another name', async () => {
  const storage = nodeCheckpointStorage(folder);
  const names = ['staged-0a.0-1', 'staged-0b.0-1', 'staged-0b.1-2'];
  for (const name of names) writeFileSync(join(folder, name), name);
  linkSync(join(folder, 'staged-0a.0-1'), join(folder, 'taken'));
  await storage.discardBelow(2);
  expect(readdirSync(folder).sort()).toEqual(['staged-0b.1-2', 'staged-0b.spare', 'taken']);
  expect(readFileSync(join(folder, 'taken'), 'utf8')).toBe('staged-0a.0-1');
});

const STEPS = [
  'checkpoint.write.before',
  'checkpoint.kept.after',
  'checkpoint.rename.before',
  'checkpoint.rename.after',
] as const;

test('stopped dead at any step, the last checkpoint that was whole is there', async () => {
  const rng = seededRng(11);
  let whole = 0;
  for (let epoch = 1; epoch <= 60; epoch++) {
    const storage = nodeCheckpointStorage(folder);
    const step = rng.pick(STEPS);
    armFailpoints(name => {
      if (name === step) throw new Error('stopped dead');
    });
    const isStopped = rng.int(0, 1) === 0;
    if (!isStopped) armFailpoints(null);
    const stored = storage.store(epoch, [bytes(epoch, rng.int(0, 2000) + 1)]);
    if (isStopped) await expect(stored).rejects.toThrow('stopped dead');
    else await stored;
    if (!isStopped || step === 'checkpoint.rename.after') whole = epoch;
    armFailpoints(null);
    if (rng.int(0, 1) === 0) await storage.discardBelow(whole);
    const latest = await nodeCheckpointStorage(folder).latest();
    expect(latest === null ? 0 : latest[0]).toBe(whole);
    if (latest !== null) expect(new Set(latest)).toEqual(new Set([whole]));
  }
});

test('what is still being written is through before the next attempt reads', async () => {
  const storage = nodeCheckpointStorage(folder);
  const storing = storage.store(1, [bytes(1, 1_000_000)]);
  expect((await storage.latest())?.length).toBe(1_000_000);
  await storing;
});

test('a checkpoint that can not be written fails by its name, and later ones are tried again', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  const storage = nodeCheckpointStorage(join(path, 'inside'));
  await expect(storage.store(1, [bytes(1, 10)])).rejects.toMatchObject({ code: 'CHECKPOINT_FAILED' });
  rmSync(path);
  await storage.store(1, [bytes(1, 10)]);
  expect((await storage.latest())?.length).toBe(10);
});

const keptIn = (): string[] => readdirSync(folder).filter(name => name.startsWith('kept-'));

test('what lasts is stored once, and goes with the last checkpoint that has it', async () => {
  const storage = nodeCheckpointStorage(folder);
  const [a, b] = [{ key: 'a' }, { key: 'b' }];
  const store = async (epoch: number, parts: readonly (readonly [Uint8Array, object | null])[]) => {
    const lasting = new Map(parts.flatMap(([part, key]) => (key === null ? [] : [[part, key] as const])));
    await storage.store(
      epoch,
      parts.map(([part]) => part),
      lasting,
    );
    await storage.discardBelow(epoch);
    const whole = Uint8Array.from(parts.flatMap(([part]) => [...part]));
    expect(await storage.latest()).toEqual(whole);
    expect(await nodeCheckpointStorage(folder).latest()).toEqual(whole);
  };
  await store(1, [
    [bytes(1, 10), null],
    [bytes(2, 1000), a],
    [bytes(3, 5), null],
  ]);
  // The bytes of `a` are not looked at again: their key says what they are.
  await store(2, [
    [bytes(4, 20), null],
    [bytes(2, 1000), a],
    [bytes(5, 3000), b],
  ]);
  expect(keptIn()).toEqual(['kept-1', 'kept-2']);
  expect(statSync(join(folder, 'kept-2')).size).toBe(3000);
  await store(3, [
    [bytes(5, 3000), b],
    [bytes(6, 1), null],
  ]);
  expect(keptIn()).toEqual(['kept-2']);
  await store(4, [[bytes(7, 100), null]]);
  expect(keptIn()).toEqual([]);
});

test('stopped dead at any step, the last whole checkpoint has all that lasts', async () => {
  const rng = seededRng(12);
  let [whole, expected] = [0, new Uint8Array(0)];
  for (let epoch = 1; epoch <= 80; ) {
    // Each attempt begins without knowing what is stored.
    const storage = nodeCheckpointStorage(folder);
    const runs: (readonly [object, Uint8Array])[] = [];
    for (let isStopped = false; !isStopped; epoch++) {
      runs.push([{}, bytes(epoch, rng.int(1, 500))]);
      if (runs.length > 4) runs.splice(0, 3, [{}, bytes(epoch, 900)]);
      const own = bytes(100 + (epoch % 100), rng.int(1, 100));
      const step = rng.pick([...STEPS, 'checkpoint.discard.after'] as const);
      isStopped = rng.int(0, 3) === 0;
      if (isStopped) {
        armFailpoints(name => {
          if (name === step) throw new Error('stopped dead');
        });
      }
      const parts = [own, ...runs.map(([, part]) => part)];
      const stored = storage
        .store(epoch, parts, new Map(runs.map(([key, part]) => [part, key])))
        .then(() => storage.discardBelow(epoch));
      if (isStopped) await expect(stored).rejects.toThrow('stopped dead');
      else await stored;
      armFailpoints(null);
      const isWhole = !isStopped || step === 'checkpoint.rename.after' || step === 'checkpoint.discard.after';
      if (isWhole) [whole, expected] = [epoch, Uint8Array.from(parts.flatMap(part => [...part]))];
      if (whole === 0) continue;
      expect(await nodeCheckpointStorage(folder).latest()).toEqual(expected);
    }
    epoch = Math.max(epoch, whole + 1);
  }
  expect(keptIn().length).toBeLessThan(8);
});
