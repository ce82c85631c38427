import { describe, expect, test } from 'vitest';
import { createStack } from '../../../src/platform/stack.ts';

describe('undoing a start', () => {
  test('goes backwards, over a step that fails, and says so', async () => {
    const seen: string[] = [];
    const stack = createStack(line => seen.push(line));
    stack.push('a', () => void seen.push('a'));
    stack.push('b', () => Promise.reject(new Error('stuck')));
    stack.push('c', async () => void seen.push('c'));
    await stack.unwind();
    await stack.unwind();
    expect(seen).toEqual(['c', 'stopping b: stuck', 'a']);
  });

  test('passes over a step that takes too long', async () => {
    const seen: string[] = [];
    const stack = createStack(line => seen.push(line), 20);
    stack.push('a', () => void seen.push('a'));
    stack.push('b', () => new Promise(() => undefined));
    await stack.unwind();
    expect(seen).toEqual(['stopping b: not done within 0.02 s', 'a']);
  });

  test('a step that ends after the unwinding is undone at once', async () => {
    const seen: string[] = [];
    const stack = createStack(line => seen.push(line));
    await stack.unwind();
    stack.push('late', () => void seen.push('late'));
    expect(seen).toEqual(['late']);
  });
});
