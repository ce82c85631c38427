/** Java's regular expressions over UTF-8 bytes. */
import { MillraceError } from '../../../core/mod.ts';
import { compileNode, type Matcher } from './compile.ts';
import { BadPattern, type ParsedRegexp } from './node.ts';
import { parseRegexp } from './parse.ts';
import { type Places, placesOf } from './starts.ts';
import { Subject } from './subject.ts';

/** Patterns computed for each row must not fill the memory. */
const PATTERNS_MAX = 1000;
const compiled = new Map<string, Regexp | null>();

/** The compiled pattern, remembered; null when Java would refuse it. */
export function regexpOf(pattern: string): Regexp | null {
  let regexp = compiled.get(pattern);
  if (regexp === undefined) {
    regexp = compile(pattern);
    if (compiled.size >= PATTERNS_MAX) compiled.clear();
    compiled.set(pattern, regexp);
  }
  return regexp;
}

function compile(pattern: string): Regexp | null {
  try {
    return new Regexp(parseRegexp(pattern));
  } catch (error) {
    if (error instanceof BadPattern) return null;
    throw error;
  }
}

/** A pattern ready to search texts, one at a time. */
export class Regexp {
  readonly #subject: Subject;
  readonly #find: Matcher;
  readonly #whole: Matcher;
  readonly #places: Places;

  constructor({ node, groups }: ParsedRegexp) {
    const subject = new Subject(groups);
    this.#subject = subject;
    this.#find = compileNode(node, subject, at => {
      subject.matchEnd = at;
      return true;
    });
    this.#whole = compileNode(node, subject, at => at === subject.end);
    this.#places = placesOf(node);
  }

  /** Searches `data[from, from + length)`, from `start` on; the groups of the first match are kept. */
  find(data: Uint8Array, from: number, length: number, start = from): boolean {
    const subject = this.#subject;
    subject.load(data, from, length);
    const { bytes, empty, anchored } = this.#places;
    const end = from + length;
    const last = anchored ? from : empty ? end : end - 1;
    for (let at = start; at <= last; at++) {
      if (at < end && bytes[data[at]!] === 0) continue;
      if (this.#startsAt(at)) return true;
    }
    return false;
  }

  #startsAt(at: number): boolean {
    const { groups } = this.#subject;
    groups.fill(-1);
    if (!this.#try(this.#find, at)) return false;
    groups[0] = at;
    groups[1] = this.#subject.matchEnd;
    return true;
  }

  /** True when the pattern takes all of the text. */
  matches(data: Uint8Array, from: number, length: number): boolean {
    this.#subject.load(data, from, length);
    this.#subject.groups.fill(-1);
    return this.#try(this.#whole, from);
  }

  /** Where the group of the last match begins, -1 when it took no part or there is none of the number. */
  groupStart(group: number): number {
    return this.#subject.groups[group * 2] ?? -1;
  }

  groupEnd(group: number): number {
    return this.#subject.groups[group * 2 + 1] ?? -1;
  }

  #try(matcher: Matcher, at: number): boolean {
    try {
      return matcher(at);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new MillraceError('EXPRESSION_FAILED', 'A regular expression nests too deep on this text.', {
        cause: error,
      });
    }
  }
}
