import { setOf } from './char-set.ts';
import type { Anchor } from './node.ts';
import type { Subject } from './subject.ts';

const LF = 10;
const CR = 13;
const LETTER_OR_DIGIT = /^[\p{L}\p{Nd}_]$/u;
const WORD = setOf(code => LETTER_OR_DIGIT.test(String.fromCodePoint(code)));

/** Length in bytes of the line break at a place, 0 when there is none. */
function breakAt(subject: Subject, at: number): number {
  const { data, end } = subject;
  if (at >= end) return 0;
  const lead = data[at]!;
  if (lead === LF) return 1;
  if (lead === CR) return at + 1 < end && data[at + 1] === LF ? 2 : 1;
  if (lead === 0xc2) return data[at + 1] === 0x85 ? 2 : 0;
  return lead === 0xe2 && data[at + 1] === 0x80 && (data[at + 2]! & 0xfe) === 0xa8 ? 3 : 0;
}

/** True between the two signs of one line break. */
const insideBreak = ({ data, from }: Subject, at: number): boolean =>
  at > from && data[at - 1] === CR && data[at] === LF;

function isWordAt(subject: Subject, at: number): boolean {
  const lead = subject.data[at]!;
  if (lead < 0x80) return WORD.ascii[lead] === 1;
  return LETTER_OR_DIGIT.test(String.fromCodePoint(subject.codeAt(at)));
}

function isBoundary(subject: Subject, at: number): boolean {
  const left = at > subject.from && isWordAt(subject, subject.before(at));
  const right = at < subject.end && isWordAt(subject, at);
  return left !== right;
}

/** The test of an anchor at a place. */
export function anchorTest(anchor: Anchor, subject: Subject): (at: number) => boolean {
  switch (anchor) {
    case 'begin':
      return at => at === subject.from;
    case 'end':
      return at => at === subject.end;
    case 'lastLineEnd':
      return at => {
        if (at === subject.end) return true;
        const length = breakAt(subject, at);
        return length > 0 && at + length === subject.end && !insideBreak(subject, at);
      };
    case 'lineBegin':
      // Java sees no line behind the break that ends the text.
      return at => at === subject.from || (at < subject.end && endsBreak(subject, at));
    case 'lineEnd':
      return at => at === subject.end || (breakAt(subject, at) > 0 && !insideBreak(subject, at));
    case 'wordBoundary':
      return at => isBoundary(subject, at);
    case 'noWordBoundary':
      return at => !isBoundary(subject, at);
  }
}

/** True right behind a line break. */
function endsBreak(subject: Subject, at: number): boolean {
  const before = subject.before(at);
  return breakAt(subject, before) > 0 && !insideBreak(subject, at);
}
