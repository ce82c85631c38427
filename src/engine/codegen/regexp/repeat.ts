import type { CharSet } from './char-set.ts';
import { compileNode, type Matcher, setStep } from './compile.ts';
import type { Node } from './node.ts';
import type { Subject } from './subject.ts';

type Repeat = Node & { kind: 'repeat' };

/** `x*`, `x+?`, `x{2,5}+` and their like. */
export function compileRepeat(node: Repeat, subject: Subject, next: Matcher): Matcher {
  const inner = node.node;
  if (inner.kind === 'set') {
    if (node.mode === 'lazy') return compileLazySet(node, inner.set, subject, next);
    return compileGreedySet(node, inner.set, subject, next);
  }
  if (node.mode === 'possessive') {
    const all: Node = { ...node, mode: 'greedy' };
    return compileNode({ kind: 'atomic', node: all }, subject, next);
  }
  return compileLoop(node, subject, next);
}

/** One character many times: as many as there are, then one less each time what follows fails. */
function compileGreedySet(node: Repeat, set: CharSet, subject: Subject, next: Matcher): Matcher {
  const { min, max, mode } = node;
  const { ascii, rest } = set;
  const step = setStep(set, subject);
  return at => {
    let place = at;
    let count = 0;
    const { data, end } = subject;
    while (count < max && place < end) {
      const lead = data[place]!;
      if (lead < 0x80) {
        if (ascii[lead] === 0) break;
        place++;
      } else {
        if (rest === false) break;
        const after = step(place);
        if (after < 0) break;
        place = after;
      }
      count++;
    }
    if (count < min) return false;
    if (mode === 'possessive') return next(place);
    for (;;) {
      if (next(place)) return true;
      if (count-- === min) return false;
      subject.step();
      place = subject.before(place);
    }
  };
}

function compileLazySet(node: Repeat, set: CharSet, subject: Subject, next: Matcher): Matcher {
  const { min, max } = node;
  const step = setStep(set, subject);
  return at => {
    let place = at;
    for (let count = 0; ; count++) {
      if (count >= min && next(place)) return true;
      if (count >= max) return false;
      subject.step();
      place = step(place);
      if (place < 0) return false;
    }
  };
}

/**
 * A group many times, as Java's Loop and LazyLoop: an iteration that took nothing ends the loop, and groups
 * keep what an earlier iteration found.
 */
function compileLoop(node: Repeat, subject: Subject, next: Matcher): Matcher {
  const { min, max } = node;
  const lazy = node.mode === 'lazy';
  let count = 0;
  let begin = -1;
  const iterate = (at: number): boolean => {
    const outer = begin;
    begin = at;
    const found = body(at);
    begin = outer;
    return found;
  };
  const again = (at: number): boolean => {
    const before = count;
    count = before + 1;
    if (iterate(at)) return true;
    count = before;
    return false;
  };
  const loop: Matcher = at => {
    subject.step();
    if (at <= begin) return next(at);
    if (count < min) return again(at);
    if (lazy) return next(at) || (count < max && again(at));
    return (count < max && again(at)) || next(at);
  };
  const body = compileNode(node.node, subject, loop);
  return at => {
    const save = count;
    count = 0;
    const begins = begin;
    const found =
      min > 0 ? first(at) : lazy ? next(at) || (max > 0 && first(at)) : (max > 0 && first(at)) || next(at);
    count = save;
    begin = begins;
    return found;
  };
  function first(at: number): boolean {
    count = 1;
    return iterate(at);
  }
}
