import { expect, test } from 'vitest';
import { drawnRows } from '../../../web/src/parts/drawn-rows.ts';

const NOW = 1_000_000;
const items = (count: number, changedMs: (index: number) => number | null) =>
  Array.from({ length: count }, (_, index) => ({ index, changedMs: changedMs(index) }));
const draw = (list: ReturnType<typeof items>) =>
  drawnRows(list, 10, 20, item => item.changedMs, NOW - 60_000).map(row => row.index);

test('the window is drawn, and what has changed elsewhere', () => {
  const list = items(1000, index => (index === 900 ? NOW - 5 : index === 901 ? NOW - 60_001 : null));
  expect(draw(list)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 900]);
});

test('when all has changed the latest changed are drawn, and no more than the bound', () => {
  const list = items(1000, index => (index === 999 ? NOW : NOW - 1000));
  const drawn = draw(list);
  expect(drawn).toContain(999);
  expect(drawn).toHaveLength(30);
});
