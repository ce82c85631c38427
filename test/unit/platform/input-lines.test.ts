import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { unlessAborted } from '../../../src/platform/cli/topics/cluster-connection.ts';
import { linesOf } from '../../../src/platform/cli/topics/input-lines.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function* chunks(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text as string);
}
async function all(...texts: readonly (string | Uint8Array)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunks(...texts))) lines.push(line);
  return lines;
}

test('lines end with a newline alone, whatever chunks they come in', async () => {
  expect(await all('a\nb', 'c\r', '\n\n', 'd\re\u2028f')).toEqual(['a', 'bc', 'd\re\u2028f']);
  const text = 'größe €\n𝄞\n';
  expect(await all(...Array.from(Buffer.from(text), byte => Uint8Array.of(byte)))).toEqual(['größe €', '𝄞']);
  expect(await all()).toEqual([]);
  await expect(all('a\nb\n', 'c\n', Uint8Array.of(0xe2, 0x82), '\nd')).rejects.toThrow(
    /^line 4 of the input/,
  );
});

test('lines that were read are not kept', async () => {
  async function* large(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 400; i++) yield Buffer.from(`${String(i % 10).repeat(999)}\n`.repeat(100));
  }
  collectGarbage();
  const { heapUsed: before } = process.memoryUsage();
  let chars = 0;
  let kept = 0;
  for await (const line of linesOf(large())) {
    chars += line.length;
    if (chars < 39_000_000 || kept > 0) continue;
    collectGarbage();
    kept = process.memoryUsage().heapUsed - before;
  }
  expect(chars).toBe(400 * 100 * 999);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(10_000_000);
});

test('answers are not kept by the signal that might have ended them', async () => {
  const stop = new AbortController();
  const answers: WeakRef<object>[] = [];
  for (let i = 0; i < 20; i++) {
    const answer = await unlessAborted(stop.signal, async () => ({ i }));
    answers.push(new WeakRef(answer));
  }
  // A weak reference holds what it refers to until the job that made it is over.
  await new Promise(resolve => setImmediate(resolve));
  collectGarbage();
  expect(answers.filter(answer => answer.deref() !== undefined).length).toBeLessThan(3);

  const never = unlessAborted(stop.signal, () => new Promise(() => undefined));
  stop.abort(new Error('enough'));
  await expect(never).rejects.toThrow('enough');
  await expect(unlessAborted(stop.signal, async () => 1)).rejects.toThrow('enough');
});
