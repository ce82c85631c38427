import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runSlt } from '../../support/slt.ts';

const folder = new URL('../../slt/', import.meta.url);
const files = readdirSync(folder).filter(name => name.endsWith('.slt'));

for (const name of files) {
  const text = readFileSync(new URL(name, folder), 'utf8');
  test(`${name}, straight`, () => runSlt(text, false));
  test(`${name}, crashing after all rows`, () => runSlt(text, true));
}

test('a wrong answer and a wrong error fail, with the line', async () => {
  expect(files.length).toBeGreaterThan(0);
  const wrong = runSlt('view v\nSELECT 1 AS x\n\nquery v\n----\n1', false);
  await expect(wrong).rejects.toThrow(/^line 4: query v: got/);
  await expect(runSlt('statement error nothing like it\nSELECT x', false)).rejects.toThrow(/^line 1:/);
});
