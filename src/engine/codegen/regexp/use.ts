import type { SourcePosition } from '../../../plan/mod.ts';
import { expressionFailed } from '../failure.ts';
import type { Scratch } from '../scratch.ts';
import type { Regexp } from './mod.ts';

/** REGEXP_REPLACE: each match, the empty ones too, gives way to the replacement as it is. */
export function replaceMatches(
  regexp: Regexp,
  data: Uint8Array,
  from: number,
  length: number,
  replacement: Uint8Array,
  into: Scratch,
): void {
  const end = from + length;
  let copied = from;
  let start = from;
  into.length = 0;
  while (start <= end && regexp.find(data, from, length, start)) {
    const [first, last] = [regexp.groupStart(0), regexp.groupEnd(0)];
    into.put(data, copied, first);
    into.put(replacement, 0, replacement.length);
    copied = last;
    start = last === first ? last + 1 : last;
  }
  into.put(data, copied, end);
}

/** REGEXP: false for a pattern that is none or empty. */
export function regexpTest(
  regexp: Regexp | null,
  pattern: string,
  data: Uint8Array,
  from: number,
  length: number,
): boolean {
  return regexp !== null && pattern !== '' && regexp.find(data, from, length);
}

/** LIKE and SIMILAR TO: true when the pattern takes all of the text. */
export function fits(
  compiled: { matches(data: Uint8Array, from: number, length: number): boolean } | null,
  pattern: string,
  data: Uint8Array,
  from: number,
  length: number,
  at: SourcePosition,
): boolean {
  if (compiled !== null) return compiled.matches(data, from, length);
  throw expressionFailed(at, `Invalid regular expression or escape sequence '${pattern}'`);
}
