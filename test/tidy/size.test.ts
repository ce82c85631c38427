import { expect, test } from 'vitest';
import { filesBelow, read } from './sources.ts';

const FILE_LINES_MAX = 400;
const LINE_LENGTH_MAX = 110;
/** A sentence for people may stand on one line. */
const TEXT_LENGTH_MAX = 150;
const hasText = (line: string): boolean => /(['"`]).{30,}/.test(line);
/** A row of a Markdown table has no other form. */
const isTableRow = (line: string): boolean => /^\|.*\|$/.test(line);

const files = ['src', 'apps', 'web', 'test', 'bench', 'scripts'].flatMap(folder =>
  filesBelow(folder, '.ts', '.tsx'),
);

test(`files have at most ${FILE_LINES_MAX} lines`, () => {
  const long = files
    .map(path => ({ path, lines: read(path).split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  expect(long).toEqual([]);
});

test(`lines have at most ${LINE_LENGTH_MAX} characters`, () => {
  const long = files.flatMap(path =>
    read(path)
      .split('\n')
      .flatMap((line, i) =>
        !isTableRow(line) && line.length > (hasText(line) ? TEXT_LENGTH_MAX : LINE_LENGTH_MAX)
          ? [`${path}:${i + 1}: ${line.length}`]
          : [],
      ),
  );
  expect(long).toEqual([]);
});

test('no focused or silenced tests, no unchecked types', () => {
  const marks = /\b(?:test|it|describe)\.only\(|@ts-(?:ignore|nocheck)|:\s*any\b|\bas any\b/;
  const found = files
    .filter(path => !path.startsWith('test/tidy/'))
    .flatMap(path =>
      read(path)
        .split('\n')
        .flatMap((line, i) => (marks.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});
