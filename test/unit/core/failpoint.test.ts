import { afterEach, expect, test } from 'vitest';
import { armFailpoints, failpoint, failpointHook } from '../../../src/core/mod.ts';

afterEach(() => {
  armFailpoints(null);
});

test('strikes at the counted passing of the named point, once', () => {
  const struck: string[] = [];
  const hook = failpointHook('checkpoint.rename.before:2', name => struck.push(name));
  armFailpoints(hook ?? null);
  failpoint('checkpoint.rename.before');
  failpoint('checkpoint.rename.after');
  expect(struck).toEqual([]);
  failpoint('checkpoint.rename.before');
  failpoint('checkpoint.rename.before');
  expect(struck).toEqual(['checkpoint.rename.before']);
});

test('refuses an unknown name and a wrong count', () => {
  expect(failpointHook('no.such.point', () => {})).toBeUndefined();
  expect(failpointHook('checkpoint.rename.before:0', () => {})).toBeUndefined();
  expect(failpointHook('checkpoint.rename.before:x', () => {})).toBeUndefined();
});

test('arming returns the former hook', () => {
  const hook = (): void => {};
  expect(armFailpoints(hook)).toBeNull();
  expect(armFailpoints(null)).toBe(hook);
});
