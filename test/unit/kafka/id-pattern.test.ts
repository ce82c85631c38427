import { expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import { idPattern } from '../../../src/kafka/server/id-pattern.ts';

/** Patterns that JavaScript reads as RE2 does: its own answers are the reference. */
const PATTERNS = [
  '',
  'a',
  'a|b',
  'a*b+c?',
  '(a|b)*c',
  '(?:ab){2,3}',
  'a{2}',
  'a{1,}',
  '[a-c]+',
  '[^a-c]+',
  '[]a]'.replace('[]', '[\\]'),
  '[a-]+',
  '\\d+-\\w*',
  '\\D',
  '.*-[0-9]+',
  'a\\.b',
  '^ab$',
  '(^a|b)c',
  '()*a',
  'a*?b',
];

test('an id matches a pattern as JavaScript says, as a whole', () => {
  const rng = seededRng(7);
  let matched = 0;
  for (const pattern of PATTERNS) {
    const matches = idPattern(pattern);
    const reference = new RegExp(`^(?:${pattern})$`, 'u');
    for (let i = 0; i < 500; i++) {
      const text = Array.from({ length: rng.int(0, 6) }, () => 'abc01-._]\n'[rng.int(0, 9)]).join('');
      const expected = reference.test(text);
      expect(matches(text), `${pattern} on ${JSON.stringify(text)}`).toBe(expected);
      if (expected) matched++;
    }
  }
  expect(matched).toBeGreaterThan(200);
});

test.each(['(', ')', '[', 'a**', '*', 'a{2,1}', 'a{1001}', '\\', '(?<n>a)', '[b-a]', '\\q', '(?=a)'])(
  'the pattern %s is refused',
  pattern => {
    expect(() => idPattern(pattern)).toThrow('the pattern');
  },
);

test('a pattern made to take for ever takes no time', () => {
  expect(idPattern('(a*)*b')('a'.repeat(5_000))).toBe(false);
  const empty = '('.repeat(8) + '){1000}'.repeat(8);
  expect(() => idPattern(empty)).toThrow('too large');
});
