import { bothCases, type CharSet, intersect, negate, range, single, union } from './char-set.ts';
import { letterClass, propertyClass } from './classes.ts';
import { BadPattern } from './node.ts';
import type { PatternText } from './pattern-text.ts';

const EMPTY = negate(range(0, 0x10ffff));

/** A class whose `[` is taken: ranges, nested classes, `&&`. A leading `^` negates all of it. */
export function parseClass(text: PatternText, anyCase: boolean): CharSet {
  const negated = text.accept('^');
  let left: CharSet | null = null;
  let current: CharSet | null = null;
  for (;;) {
    if (text.atEnd) throw new BadPattern('Unclosed character class');
    const isFirst = left === null && current === null;
    if (text.is(']') && !isFirst) break;
    if (text.is('&') && text.is('&', 1)) {
      text.next();
      text.next();
      left = joined(left, current);
      current = null;
      continue;
    }
    const item = parseItem(text, anyCase);
    current = current === null ? item : union(current, item);
  }
  text.next();
  const set = joined(left, current);
  return negated ? negate(set) : set;
}

/** What stands on both sides of `&&`; an empty side changes nothing. */
function joined(left: CharSet | null, right: CharSet | null): CharSet {
  if (left === null) return right ?? EMPTY;
  return right === null ? left : intersect(left, right);
}

function parseItem(text: PatternText, anyCase: boolean): CharSet {
  if (text.accept('[')) return parseClass(text, anyCase);
  const quoted = text.takeQuoted();
  if (quoted !== null) {
    return Array.from(quoted).reduce((set, char) => union(set, single(char.codePointAt(0)!)), EMPTY);
  }
  const low = parseCharacter(text);
  if (typeof low !== 'number') return low;
  const isRange = text.is('-') && !text.is(']', 1) && !text.is('[', 1) && text.peek(1) !== '';
  if (!isRange) return cased(single(low), anyCase);
  text.next();
  const high = parseCharacter(text);
  if (typeof high !== 'number' || high < low) throw new BadPattern('Illegal character range');
  return cased(range(low, high), anyCase);
}

const cased = (set: CharSet, anyCase: boolean) => (anyCase ? bothCases(set) : set);

/** A character or, by an escape, a class of them. */
function parseCharacter(text: PatternText): number | CharSet {
  const char = text.next();
  if (char !== '\\') return char.codePointAt(0)!;
  const letter = text.peek();
  const known = letterClass(letter);
  if (known !== undefined) {
    text.next();
    return known;
  }
  if (letter !== 'p' && letter !== 'P') return text.escapedCode();
  text.next();
  return propertyClass(text.propertyName(), letter === 'P');
}
