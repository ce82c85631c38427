import { expect, test } from 'vitest';
import { compileSource } from '../../../src/core/mod.ts';

test('the same text is the same function; other parameters or another body are another', () => {
  const add = compileSource(['a', 'b'], 'return a + b');
  expect(compileSource(['a', 'b'], 'return a + b')).toBe(add);
  expect(add(1, 2)).toBe(3);
  expect(compileSource(['b', 'a'], 'return a + b')).not.toBe(add);
  expect(compileSource(['a', 'b'], 'return a - b')(1, 2)).toBe(-1);
});

test('no more than so many are kept, and what was asked for last stays', () => {
  const first = compileSource([], 'return "first"');
  const second = compileSource([], 'return "second"');
  for (let i = 0; i < 1023; i++) {
    compileSource([], `return ${i}`);
    compileSource([], 'return "second"');
  }
  expect(compileSource([], 'return "second"')).toBe(second);
  expect(compileSource([], 'return "first"')).not.toBe(first);
});
