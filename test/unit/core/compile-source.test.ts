import { expect, test } from 'vitest';
import { compileFactory, compileOnce } from '../../../src/core/mod.ts';

test('the same text is the same function; other values or another body are another', () => {
  const add = compileOnce<(a: number) => number>({ b: 2 }, 'return a => a + b');
  expect(compileOnce({ b: 2 }, 'return a => a + b')).toBe(add);
  expect(add(1)).toBe(3);
  expect(compileOnce({ c: 2 }, 'return a => a + b')).not.toBe(add);
  expect(compileOnce<(a: number) => number>({ b: 2 }, 'return a => a - b')(1)).toBe(-1);
});

test('a factory makes functions over values of their own', () => {
  const adding = (b: number) => compileFactory<(a: number) => number>(['b'], 'return a => a + b')(b);
  const [two, three] = [adding(2), adding(3)];
  expect([two(1), three(1), two(1)]).toEqual([3, 4, 3]);
});

test('no more than so many are kept, and what was asked for last stays', () => {
  const first = compileOnce({}, 'return () => "first"');
  const second = compileOnce({}, 'return () => "second"');
  for (let i = 0; i < 1023; i++) {
    compileOnce({}, `return () => ${i}`);
    compileOnce({}, 'return () => "second"');
  }
  expect(compileOnce({}, 'return () => "second"')).toBe(second);
  expect(compileOnce({}, 'return () => "first"')).not.toBe(first);
});
