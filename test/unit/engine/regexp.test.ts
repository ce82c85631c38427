import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../../src/core/mod.ts';
import { likeOf } from '../../../src/engine/codegen/regexp/like.ts';
import { regexpOf } from '../../../src/engine/codegen/regexp/mod.ts';
import { similarOf } from '../../../src/engine/codegen/regexp/similar.ts';
import { replaceMatches } from '../../../src/engine/codegen/regexp/use.ts';
import { Scratch } from '../../../src/engine/codegen/scratch.ts';

/** The groups of the first match, null for none, 'bad' for a pattern that is none. */
function groups(pattern: string, text: string): (string | null)[] | null | 'bad' {
  const regexp = regexpOf(pattern);
  if (regexp === null) return 'bad';
  const data = encodeUtf8(`<${text}>`);
  if (!regexp.find(data, 1, data.length - 2)) return null;
  const found: (string | null)[] = [];
  for (let g = 0; g < 4; g++) {
    const from = regexp.groupStart(g);
    found.push(from < 0 ? null : decodeUtf8(data, from, regexp.groupEnd(g) - from));
  }
  return found;
}

function replaced(pattern: string, text: string, by: string): string {
  const scratch = new Scratch();
  const data = encodeUtf8(text);
  replaceMatches(regexpOf(pattern)!, data, 0, data.length, encodeUtf8(by), scratch);
  return decodeUtf8(scratch.data, 0, scratch.length);
}

const first = (pattern: string, text: string) => {
  const found = groups(pattern, text);
  return found === null || found === 'bad' ? found : found[0];
};

test('what java.util.regex finds first is found', () => {
  expect(first('b+', 'abbbc')).toBe('bbb');
  expect(first('b+?', 'abbbc')).toBe('b');
  expect(first('(?:ab)*', 'ababa')).toBe('abab');
  expect(first('a{2,3}', 'aaaa')).toBe('aaa');
  expect(first('a{2,3}?', 'aaaa')).toBe('aa');
  expect(first('colou?r', 'the color')).toBe('color');
  expect(first('^b', 'ab')).toBe(null);
  expect(first('x|y|', 'zy')).toBe('');
  expect(first('.', '\u0085x')).toBe('x');
  expect(first('(?s).', '\n')).toBe('\n');
  expect(first('é+', 'caféé')).toBe('éé');
  expect(first('[^a]', 'a😀b')).toBe('😀');
  expect(first('\\Qa.b\\E+', 'xa.bb')).toBe('a.bb');
});

test('groups are those of Java: an iteration keeps what an earlier one found', () => {
  expect(groups('(&|^)channel_id=([^&]*)', 'a=1&channel_id=7&b')).toEqual(['&channel_id=7', '&', '7', null]);
  expect(groups('(&|^)channel_id=([^&]*)', 'channel_id=')).toEqual(['channel_id=', '', '', null]);
  expect(groups('(?:(a)|(b))+', 'ab')).toEqual(['ab', 'a', 'b', null]);
  expect(groups('(a*)*', 'aa')).toEqual(['aa', '', null, null]);
  expect(groups('(?<year>\\d{4})-(?<month>\\d\\d)', 'on 2024-02')).toEqual(['2024-02', '2024', '02', null]);
  expect(groups('(a+)(a+)', 'aaaa')).toEqual(['aaaa', 'aaa', 'a', null]);
});

test('lookaround, possessive and atomic parts, and references', () => {
  expect(first('a(?=b)', 'ac ab')).toBe('a');
  expect(first('a(?!b).', 'ab ac')).toBe('ac');
  expect(first('(?<=\\$)\\d+', 'a1 $23')).toBe('23');
  expect(first('(?<!\\$)\\b\\d+', '$23 45')).toBe('45');
  expect(first('a*+a', 'aaa')).toBe(null);
  expect(first('(?>a+)b', 'aab')).toBe('aab');
  expect(first('(\\w)\\1', 'abccd')).toBe('cc');
  expect(first('(?:(a)|b)\\1', 'bb')).toBe(null);
  expect(first('(?<c>.)\\k<c>', 'xyyz')).toBe('yy');
  expect(groups('(?<=a+)b', 'aab')).toBe('bad');
});

test('classes: ranges, negation, union, intersection, POSIX and Unicode names', () => {
  expect(first('[a-c[x-z]]+', '-bxy-')).toBe('bxy');
  expect(first('[a-z&&[^aeiou]]+', 'aeibcd')).toBe('bcd');
  expect(first('[\\w&&[^\\d]]+', '12ab')).toBe('ab');
  expect(first('[]a]+', 'x]a]')).toBe(']a]');
  expect(first('[a-]+', 'b-a-')).toBe('-a-');
  expect(first('\\p{Punct}+', 'a?!b')).toBe('?!');
  expect(first('\\p{L}+', '1éß2')).toBe('éß');
  expect(first('\\p{IsGreek}', 'aω')).toBe('ω');
  expect(first('\\P{Lower}', 'abC')).toBe('C');
  expect(first('(?i)STRASSE', 'strasse')).toBe('strasse');
  expect(first('(?i)É', 'é')).toBe(null);
  expect(first('a(?i:b)c', 'aBc')).toBe('aBc');
});

test('anchors see the line break that ends the text as Java does', () => {
  expect(first('b$', 'ab\n')).toBe('b');
  expect(first('b\\z', 'ab\n')).toBe(null);
  expect(first('(?m)^b$', 'a\nb\nc')).toBe('b');
  expect(first('^b$', 'a\nb\nc')).toBe(null);
  expect(first('(?m)^$', 'a\n')).toBe(null);
  expect(first('\\bä', 'ä')).toBe('ä');
  expect(first('\\Aa', 'ba')).toBe(null);
});

test('a pattern that Java refuses is none', () => {
  for (const pattern of [
    '(',
    'a)',
    '*a',
    'a{2',
    '{',
    '[a',
    '\\',
    '\\y',
    'a**',
    '[b-a]',
    '(?<1>a)',
    'a{3,2}',
  ]) {
    expect([pattern, regexpOf(pattern)]).toEqual([pattern, null]);
  }
  expect(() => regexpOf('\\Ga')).toThrow(/\\G in a regular expression is not supported/);
  expect(() => regexpOf('(?u)a')).toThrow(/not supported/);
});

test('each match gives way, the empty ones too', () => {
  expect(replaced('o+', 'foobar', 'X')).toBe('fXbar');
  expect(replaced('(o)(o)', 'foobar', '$2-$1')).toBe('f$2-$1bar');
  expect(replaced('a*', 'aab', 'X')).toBe('XXbX');
  expect(replaced('', 'é1', '-')).toBe('-é-1-');
});

test('LIKE and SIMILAR TO take all of the text', () => {
  const like = (text: string, pattern: string, mark: string | null = null) => {
    const data = encodeUtf8(text);
    return likeOf(pattern, mark)?.matches(data, 0, data.length) ?? null;
  };
  expect(like('abc', 'a%')).toBe(true);
  expect(like('abc', '%c')).toBe(true);
  expect(like('abc', '%b%')).toBe(true);
  expect(like('abc', 'a_c')).toBe(true);
  expect(like('aéc', 'a_c')).toBe(true);
  expect(like('a\nc', 'a_c')).toBe(false);
  expect(like('a\nc', 'a%c')).toBe(true);
  expect(like('abc', 'ab')).toBe(false);
  expect(like('', '')).toBe(true);
  expect(like('abab', '%a%b')).toBe(true);
  expect(like('50%', '50!%', '!')).toBe(true);
  expect(like('50', '5!0', '!')).toBe(null);
  const similar = (text: string, pattern: string) => {
    const data = encodeUtf8(text);
    return similarOf(pattern, null)?.matches(data, 0, data.length) ?? null;
  };
  expect(similar('abc', 'a(b|x)c')).toBe(true);
  expect(similar('a1', '[[:ALPHA:]][[:DIGIT:]]')).toBe(true);
  expect(similar('a$', 'a$')).toBe(true);
  expect(similar('x', ']')).toBe(null);
});

test('a pattern that would try without end is stopped', () => {
  const data = encodeUtf8('a'.repeat(60));
  expect(() => regexpOf('(a|aa)+b')!.find(data, 0, data.length)).toThrow(/tries too much/);
});
