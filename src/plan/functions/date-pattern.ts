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

/** Why a pattern can't be followed: in Java's words where it is wrong, by name where it is only not supported. */
export interface PatternFault {
  readonly sentence: string;
  readonly isUnsupported: boolean;
}

const wrong = (sentence: string): PatternFault => ({ sentence, isUnsupported: false });
const unsupported = (sentence: string): PatternFault => ({ sentence, isUnsupported: true });

/** Refuses a pattern that is known while planning and that DATE_FORMAT can't follow. */
export function checkDatePattern(pattern: string, at: SourcePosition): void {
  const fault = datePatternFault(pattern);
  if (fault === null) return;
  throw fault.isUnsupported ? sqlUnsupported(at, fault.sentence) : sqlInvalid(at, fault.sentence);
}

/** What is wrong with a pattern of Java's DateTimeFormatter, by which DATE_FORMAT shows a timestamp; or null. */
export function datePatternFault(pattern: string): PatternFault | null {
  const bare = pattern.replaceAll(/'(?:[^']|'')*'/g, '');
  if (bare.includes("'")) return wrong(`Pattern ends with an incomplete string literal: ${pattern}`);
  const reserved = /[{}#]/.exec(bare);
  if (reserved !== null) return wrong(`Pattern includes reserved character: '${reserved[0]}'`);
  for (const [run, letter] of bare.matchAll(/([A-Za-z])\1*/g)) {
    const longest = LONGEST[letter!];
    if (longest === undefined) return wrong(`Unknown pattern letter: ${letter}`);
    if (run.length > longest) return wrong(`Too many pattern letters: ${letter}`);
    if (NOT_YET.includes(letter!)) return unsupported(`the letter ${letter} in a pattern of DATE_FORMAT`);
  }
  return /[[\]]/.test(bare) ? unsupported('an optional section in a pattern of DATE_FORMAT') : null;
}

/** Letters of Java's SimpleDateFormat that are not read or written here. */
const SIMPLE_NOT_YET = 'GWFXzZ';

/** What is wrong with a pattern of Java's SimpleDateFormat, by which texts are read and written anew; or null. */
export function simplePatternFault(pattern: string): PatternFault | null {
  const bare = pattern.replaceAll(/'(?:[^']|'')*'/g, '');
  if (bare.includes("'")) return wrong('Unterminated quote');
  for (const [letter] of bare.matchAll(/[A-Za-z]/g)) {
    if (SIMPLE_NOT_YET.includes(letter)) return unsupported(`the letter ${letter} in a pattern of a time`);
    if (!'yYMLwDdEuaHkKhmsS'.includes(letter)) return wrong(`Illegal pattern character '${letter}'`);
  }
  return null;
}
