import { unreachable } from '../../../core/mod.ts';
import { anchorTest } from './anchors.ts';
import type { CharSet } from './char-set.ts';
import { longest, type Node } from './node.ts';
import { compileRepeat } from './repeat.ts';
import type { Subject } from './subject.ts';

/** Tries to match at a place, together with all that follows. */
export type Matcher = (at: number) => boolean;

/**
 * Turns a node into a matcher that goes on with `next`: backtracking in the order of java.util.regex, so that
 * the groups it finds are Java's too.
 */
export function compileNode(node: Node, subject: Subject, next: Matcher): Matcher {
  switch (node.kind) {
    case 'set':
      return compileSet(node.set, subject, next);
    case 'sequence':
      return compileSequence(node.items, subject, next);
    case 'choice':
      return compileChoice(node.options, subject, next);
    case 'repeat':
      return compileRepeat(node, subject, next);
    case 'capture':
      return compileCapture(node.index, node.node, subject, next);
    case 'atomic':
      return compileAtomic(node.node, subject, next);
    case 'look':
      return node.behind ? compileBehind(node, subject, next) : compileAhead(node, subject, next);
    case 'backReference':
      return compileBackReference(node.index, node.anyCase, subject, next);
    case 'anchor': {
      const holds = anchorTest(node.anchor, subject);
      return at => holds(at) && next(at);
    }
    default:
      return unreachable(node);
  }
}

/** The end of one character of the set at a place, -1 when there is none. */
export function setStep(set: CharSet, subject: Subject): (at: number) => number {
  const { ascii, rest } = set;
  return at => {
    if (at >= subject.end) return -1;
    const lead = subject.data[at]!;
    if (lead < 0x80) return ascii[lead] === 1 ? at + 1 : -1;
    if (rest === false) return -1;
    return rest === true || rest(subject.codeAt(at)) ? subject.after(at) : -1;
  };
}

function compileSet(set: CharSet, subject: Subject, next: Matcher): Matcher {
  const step = setStep(set, subject);
  return at => {
    const after = step(at);
    return after >= 0 && next(after);
  };
}

/** Runs of single ASCII characters are compared as bytes. */
function compileSequence(items: readonly Node[], subject: Subject, next: Matcher): Matcher {
  let matcher = next;
  for (let end = items.length; end > 0; ) {
    let begin = end;
    while (begin > 0 && literalByte(items[begin - 1]!) >= 0) begin--;
    if (end - begin > 1) {
      const bytes = Uint8Array.from(items.slice(begin, end), literalByte);
      matcher = compileBytes(bytes, subject, matcher);
      end = begin;
    } else {
      matcher = compileNode(items[end - 1]!, subject, matcher);
      end--;
    }
  }
  return matcher;
}

/** The byte of a set that holds one ASCII character alone, -1 for other nodes. */
function literalByte(node: Node): number {
  if (node.kind !== 'set' || node.set.rest !== false) return -1;
  const first = node.set.ascii.indexOf(1);
  return first >= 0 && node.set.ascii.lastIndexOf(1) === first ? first : -1;
}

function compileBytes(bytes: Uint8Array, subject: Subject, next: Matcher): Matcher {
  const { length } = bytes;
  return at => {
    if (at + length > subject.end) return false;
    const { data } = subject;
    for (let i = 0; i < length; i++) if (data[at + i] !== bytes[i]) return false;
    return next(at + length);
  };
}

function compileChoice(options: readonly Node[], subject: Subject, next: Matcher): Matcher {
  const matchers = options.map(option => compileNode(option, subject, next));
  if (matchers.length === 2) {
    const [first, second] = matchers as [Matcher, Matcher];
    return at => {
      subject.step();
      return first(at) || second(at);
    };
  }
  return at => {
    subject.step();
    for (const matcher of matchers) if (matcher(at)) return true;
    return false;
  };
}

function compileCapture(index: number, node: Node, subject: Subject, next: Matcher): Matcher {
  const { groups } = subject;
  let begin = -1;
  const body = compileNode(node, subject, at => {
    const [from, to] = [groups[index * 2]!, groups[index * 2 + 1]!];
    groups[index * 2] = begin;
    groups[index * 2 + 1] = at;
    if (next(at)) return true;
    groups[index * 2] = from;
    groups[index * 2 + 1] = to;
    return false;
  });
  return at => {
    const outer = begin;
    begin = at;
    const found = body(at);
    begin = outer;
    return found;
  };
}

/** A matcher of a part by itself: where it ended is in `matchEnd`. */
function alone(node: Node, subject: Subject): Matcher {
  return compileNode(node, subject, at => {
    subject.matchEnd = at;
    return true;
  });
}

function compileAtomic(node: Node, subject: Subject, next: Matcher): Matcher {
  const body = alone(node, subject);
  return at => body(at) && next(subject.matchEnd);
}

function compileAhead(node: Node & { kind: 'look' }, subject: Subject, next: Matcher): Matcher {
  const body = alone(node.node, subject);
  return at => body(at) !== node.negated && next(at);
}

/** Starts at each place that is not too far back, the nearest first. */
function compileBehind(node: Node & { kind: 'look' }, subject: Subject, next: Matcher): Matcher {
  let wanted = 0;
  const body = compileNode(node.node, subject, at => at === wanted);
  const most = longest(node.node);
  return at => {
    const outer = wanted;
    wanted = at;
    let found = body(at);
    let start = at;
    for (let back = 0; !found && back < most && start > subject.from; back++) {
      start = subject.before(start);
      found = body(start);
    }
    wanted = outer;
    return found !== node.negated && next(at);
  };
}

/** A group that has not matched makes the reference fail. */
function compileBackReference(index: number, anyCase: boolean, subject: Subject, next: Matcher): Matcher {
  const { groups } = subject;
  const folded = (byte: number) => (byte >= 65 && byte <= 90 ? byte + 32 : byte);
  return at => {
    const [from, to] = [groups[index * 2] ?? -1, groups[index * 2 + 1] ?? -1];
    if (from < 0 || at + to - from > subject.end) return false;
    const { data } = subject;
    for (let i = 0; i < to - from; i++) {
      const [a, b] = [data[from + i]!, data[at + i]!];
      if (a !== b && !(anyCase && folded(a) === folded(b))) return false;
    }
    return next(at + to - from);
  };
}
