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

test('a wrong answer and a wrong error fail, with the line', () => {
  expect(files.length).toBeGreaterThan(0);
  expect(() => runSlt('view v\nSELECT 1 AS x\n\nquery v\n----\n1', false)).toThrow(/^line 4: query v: got/);
  expect(() => runSlt('statement error nothing like it\nSELECT x', false)).toThrow(/^line 1:/);
});
