import { unsupported } from '../code.ts';
import { anyOf, type CharSet, negate, range, setOf, single, union } from './char-set.ts';
import { BadPattern } from './node.ts';

const DIGIT = range(48, 57);
const LOWER = range(97, 122);
const UPPER = range(65, 90);
const ALPHA = union(LOWER, UPPER);
const ALNUM = union(ALPHA, DIGIT);
const PUNCT = setOf(code => code > 32 && code < 127 && ALNUM.ascii[code] === 0, false);
const GRAPH = range(33, 126);
const SPACE = anyOf(' \t\n\x0b\f\r');

/** Predefined classes by the letter behind the backslash. */
const LETTERS: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  w: union(ALNUM, single(95)),
  s: SPACE,
  h: anyOf(
    ' \t\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000',
  ),
  v: anyOf('\n\x0b\f\r\u0085\u2028\u2029'),
};

const POSIX: Readonly<Record<string, CharSet>> = {
  Lower: LOWER,
  Upper: UPPER,
  ASCII: range(0, 127),
  Alpha: ALPHA,
  Digit: DIGIT,
  Alnum: ALNUM,
  Punct: PUNCT,
  Graph: GRAPH,
  Print: range(32, 126),
  Blank: anyOf(' \t'),
  Cntrl: union(range(0, 31), single(127)),
  XDigit: union(DIGIT, union(range(97, 102), range(65, 70))),
  Space: SPACE,
};

/** Line breaks, which a dot does not match. */
export const LINE_BREAKS = anyOf('\n\r\u0085\u2028\u2029');
export const ANY = range(0, 0x10ffff);

/** `\d`, `\W` and their like; undefined for another letter. */
export function letterClass(letter: string): CharSet | undefined {
  const set = LETTERS[letter.toLowerCase()];
  if (set === undefined) return undefined;
  return letter === letter.toLowerCase() ? set : negate(set);
}

/** `\p{name}` and, when `negated`, `\P{name}`. */
export function propertyClass(name: string, negated: boolean): CharSet {
  const set = POSIX[name] ?? unicodeProperty(name);
  return negated ? negate(set) : set;
}

function unicodeProperty(name: string): CharSet {
  if (/^(java|In|blk=|block=)/.test(name)) unsupported(`The class \\p{${name}} in a regular expression`);
  const [, key = '', value = ''] = /^(?:(\w+)=)?(\w+)$/.exec(name) ?? [];
  const script = key === 'sc' || key === 'script';
  const plain = value.replace(/^Is/, '');
  const candidates = script
    ? [`Script=${plain}`]
    : key === 'gc' || key === 'general_category' || value.length <= 2
      ? [`General_Category=${plain}`]
      : [plain, `Script=${plain}`];
  for (const candidate of candidates) {
    const test = matcher(candidate);
    if (test !== null) return setOf(code => test.test(String.fromCodePoint(code)));
  }
  throw new BadPattern(`Unknown character property name {${name}}`);
}

/** The platform's test of a Unicode property; null when it knows none of the name. */
function matcher(property: string): RegExp | null {
  try {
    return new RegExp(`^\\p{${property}}$`, 'u');
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
