import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow, read, root } from './sources.ts';

interface FeatureRow {
  readonly table: string;
  readonly id: string;
  readonly shown: string;
}

const rows: FeatureRow[] = filesBelow('docs/features', '.md').flatMap(table =>
  [...read(table).matchAll(/^\| ([A-Z]+-X?\d+) \| .* \| ([^|]+) \|$/gm)].map(match => ({
    table,
    id: match[1] as string,
    shown: (match[2] as string).trim(),
  })),
);

/** The titles of `test(…)`, `it(…)` and `describe(…)` in a test file. */
const titlesOf = (path: string): string =>
  [
    ...read(path).matchAll(
      /\b(?:test|it|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g,
    ),
  ]
    .map(match => match[2])
    .join('\n');

test('every feature of the five applications has one row', () => {
  expect(rows).toHaveLength(638);
  expect(new Set(rows.map(row => row.id)).size).toBe(638);
});

test('a feature marked as shown names a test whose title has its id', () => {
  const complaints = rows.flatMap(({ table, id, shown }) => {
    if (shown === 'planned') return [];
    const path = shown.replace(/[`[\]]|\(.*\)/g, '');
    if (!/^test\/.*\.test\.ts$/.test(path) || !existsSync(join(root, path)))
      return [`${table}: ${id}: no test ${path}`];
    return new RegExp(`\\b${id}\\b`).test(titlesOf(path))
      ? []
      : [`${table}: ${id}: not in a title of ${path}`];
  });
  expect(complaints).toEqual([]);
});

test('every id in a test title is a known feature', () => {
  const known = new Set(rows.map(row => row.id));
  const unknown = filesBelow('test', '.test.ts').flatMap(path =>
    [...titlesOf(path).matchAll(/\b(?:FT|DSP|PA|FO|CS)-X?\d+\b/g)]
      .map(match => match[0])
      .filter(id => !known.has(id))
      .map(id => `${path}: ${id}`),
  );
  expect(unknown).toEqual([]);
});
