import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadApp, loadFunctions } from '../../../src/app/mod.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-functions-'));
const cache = join(folder, 'cache');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const load = () => loadFunctions({ app: loadApp(folder), cacheFolder: cache });

beforeAll(() => {
  put('app.yaml', 'name: fn\ntitle: Functions\ndatabase: fn\n');
  put('functions/shared/twice.ts', 'export const twice = (n: number): number => n * 2;\n');
  put(
    'functions/numbers.ts',
    `import { defineFunction } from 'millrace/app';
     import { twice } from './shared/twice.ts';
     export const double = defineFunction({ arguments: ['INT NOT NULL'], returns: 'INT', call: twice });
     export const both = defineFunction({ arguments: [], returns: 'STRING', call: () => 'numbers' });
     export const notOne = 5;`,
  );
  put(
    'functions/texts.ts',
    `import { defineFunction } from 'millrace/app';
     export const both = defineFunction({ arguments: [], returns: 'STRING', call: () => 'texts' });`,
  );
});

test("an application's functions are found by export, and by file where several have it", async () => {
  const { library, byId } = await load();
  expect([...byId.keys()].sort()).toEqual([
    'functions/numbers.ts#both',
    'functions/numbers.ts#double',
    'functions/texts.ts#both',
  ]);
  const double = library('double', null);
  expect(double).toMatchObject({
    parameters: [{ kind: 'INT', nullable: false }],
    returns: { kind: 'INT', nullable: true },
  });
  expect(typeof double === 'string' ? double : double.call(21)).toBe(42);
  expect(library('both', null)).toBe("several files export 'both': name one by USING");
  const ofTexts = library('both', 'functions/texts.ts');
  expect(typeof ofTexts === 'string' ? ofTexts : ofTexts.call()).toBe('texts');
  expect(library('notOne', 'functions/numbers.ts')).toContain(
    "functions/numbers.ts exports no function 'notOne'",
  );
});

test.each([
  ["['INTT']", "'INT'", /functions\/wrong\.ts#f: the type of argument 1: .*found 'INTT'/],
  ["['ARRAY<INT>']", "'INT'", /argument 1 of type ARRAY<INT> is not supported yet/],
  ['[]', "'ROW<a INT>'", /the result of type ROW<a INT> is not supported yet/],
])('arguments %s and result %s are refused', async (args, returns, message) => {
  put(
    'functions/wrong.ts',
    `import { defineFunction } from 'millrace/app';
     export const f = defineFunction({ arguments: ${args}, returns: ${returns}, call: () => 1 });`,
  );
  await expect(load()).rejects.toThrow(message);
  rmSync(join(folder, 'functions/wrong.ts'));
});
