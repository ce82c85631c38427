import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read, root } from './sources.ts';

const PAGE = 'docs/reference/sql.md';

test('what the SQL reference calls supported links the file that shows it', () => {
  const page = read(PAGE);
  const links = [...page.matchAll(/\]\(\.\.\/\.\.\/(test\/[^)]+)\)/g)].map(match => match[1]!);
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter(path => !existsSync(join(root, path)))).toEqual([]);
});

test('every row of a table with the column "shown by" has its link', () => {
  const tables = read(PAGE)
    .split(/\n{2,}/)
    .filter(block => block.includes('| shown by |'));
  expect(tables.length).toBeGreaterThan(0);
  const rows = tables.flatMap(table => table.trim().split('\n').slice(2));
  expect(rows.filter(row => !/\]\(\.\.\/\.\.\/test\/[^)]+\) \|$/.test(row))).toEqual([]);
});
