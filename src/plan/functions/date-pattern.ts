import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import type { SourcePosition } from '../expression.ts';

/** How often Java's DateTimeFormatter lets a letter stand in a row. */
const LONGEST: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from('GMLQqEec', letter => [letter, 5])),
  ...Object.fromEntries(Array.from('dhHkKmswW', letter => [letter, 2])),
  ...Object.fromEntries(Array.from('yuYAnN', letter => [letter, 19])),
  ...Object.fromEntries(Array.from('XxZB', letter => [letter, 5])),
  ...Object.fromEntries(Array.from('zvVO', letter => [letter, 4])),
  ...{ D: 3, F: 1, a: 1, S: 9, g: 19, p: 19 },
};
/** Letters of Java's that are not written here. */
const NOT_YET = 'GWcFAnNgVvzOXxZpB';

/**
 * Refuses a pattern that is known while planning and that DATE_FORMAT can't follow: in Java's words where it is
 * wrong, by name where it is only not supported.
 */
export function checkDatePattern(pattern: string, at: SourcePosition): void {
  const bare = pattern.replaceAll(/'(?:[^']|'')*'/g, '');
  if (bare.includes("'")) {
    throw sqlInvalid(at, `Pattern ends with an incomplete string literal: ${pattern}`);
  }
  const reserved = /[{}#]/.exec(bare);
  if (reserved !== null) throw sqlInvalid(at, `Pattern includes reserved character: '${reserved[0]}'`);
  for (const [run, letter] of bare.matchAll(/([A-Za-z])\1*/g)) {
    const longest = LONGEST[letter!];
    if (longest === undefined) throw sqlInvalid(at, `Unknown pattern letter: ${letter}`);
    if (run.length > longest) throw sqlInvalid(at, `Too many pattern letters: ${letter}`);
    if (NOT_YET.includes(letter!))
      throw sqlUnsupported(at, `the letter ${letter} in a pattern of DATE_FORMAT`);
  }
  if (/[[\]]/.test(bare)) throw sqlUnsupported(at, 'an optional section in a pattern of DATE_FORMAT');
}
