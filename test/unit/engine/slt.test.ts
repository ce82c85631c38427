import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runSlt } from '../../support/slt.ts';

const folder = new URL('../../slt/', import.meta.url);
const sltFiles = (names: readonly string[]) => names.filter(name => name.endsWith('.slt'));
/** What once failed runs first. */
const regressions = existsSync(new URL('regressions/', folder))
  ? sltFiles(readdirSync(new URL('regressions/', folder))).map(name => `regressions/${name}`)
  : [];
const files = [...regressions, ...sltFiles(readdirSync(folder))];

for (const name of files) {
  const text = readFileSync(new URL(name, folder), 'utf8');
  test(`${name}, straight`, () => runSlt(text, {}));
  test(`${name}, crashing after all rows`, () => runSlt(text, { crashing: true }));
  test(`${name}, at parallelism 2`, () => runSlt(text, { parallelism: [2] }));
  test(`${name}, crashing, each time to another parallelism`, () =>
    runSlt(text, { crashing: true, parallelism: [3, 2, 1, 5] }));
  if (text.includes('# arrival order matters')) continue;
  test(`${name}, arriving by turns from two splits`, () =>
    runSlt(text, { shuffled: true, parallelism: [2] }));
}

test('a wrong answer and a wrong error fail, with the line', async () => {
  expect(files.length).toBeGreaterThan(0);
  const wrong = runSlt('view v\nSELECT 1 AS x\n\nquery v\n----\n2', {});
  await expect(wrong).rejects.toThrow(/^line 4: query v: got/);
  await expect(runSlt('statement error nothing like it\nSELECT x', {})).rejects.toThrow(/^line 1:/);
});
