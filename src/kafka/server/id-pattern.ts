import { unreachable } from '../../core/mod.ts';
import { Refusal } from '../../log/mod.ts';

/*
 * Regular expressions of clients, in the subset of RE2 that needs no more than one look at each letter:
 * whatever a client sends, its time is bounded by the lengths of pattern and id. JavaScript's own can take
 * for ever.
 *
 *   alternatives: sequence ('|' sequence)*
 *   sequence:     (atom ('*' | '+' | '?' | '{' m (',' n?)? '}')?)*
 *   atom:         letter | '.' | '[' '^'? … ']' | '\' escape | '(' '?:'? alternatives ')' | '^' | '$'
 */

type Test = (letter: string) => boolean;

type Node =
  | { readonly kind: 'letter'; readonly test: Test }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'many'; readonly part: Node }
  | { readonly kind: 'edge'; readonly at: 'start' | 'end' };

/** A step of the machine: a letter to take, or where to go on without one. */
type Step =
  | { readonly kind: 'letter'; readonly test: Test; readonly next: number }
  | { readonly kind: 'go'; readonly next: readonly number[] }
  | { readonly kind: 'edge'; readonly at: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'done' };

const STEPS_MAX = 10_000;
const TIMES_MAX = 1_000;
const DEPTH_MAX = 100;
const CLASSES: Readonly<Record<string, Test>> = {
  d: c => /^[0-9]$/.test(c),
  w: c => /^[0-9A-Za-z_]$/.test(c),
  s: c => /^[\t\n\f\r ]$/.test(c),
};
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' };

/** Whether a text matches the pattern as a whole. INVALID_REGULAR_EXPRESSION. */
export function idPattern(pattern: string): (text: string) => boolean {
  const machine = new Machine(pattern);
  const start = machine.compile(new Parser(pattern).whole(), 0);
  return text => run(machine.steps, start, text);
}

const wrong = (pattern: string, what: string): Refusal =>
  new Refusal('INVALID_REGULAR_EXPRESSION', `the pattern ${JSON.stringify(pattern)} ${what}`);

class Parser {
  readonly #pattern: string;
  readonly #letters: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#letters = [...pattern];
  }

  whole(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#letters.length) throw wrong(this.#pattern, `has ')' without '('`);
    return node;
  }

  #next(): string {
    const letter = this.#letters[this.#at++];
    if (letter === undefined) throw wrong(this.#pattern, 'ends too early');
    return letter;
  }

  #take(letter: string): boolean {
    if (this.#letters[this.#at] !== letter) return false;
    this.#at++;
    return true;
  }

  #alternatives(): Node {
    if (++this.#depth > DEPTH_MAX) throw wrong(this.#pattern, 'is nested too deeply');
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    this.#depth--;
    return parts.length === 1 ? parts[0]! : { kind: 'either', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (;;) {
      const letter = this.#letters[this.#at];
      if (letter === undefined || letter === '|' || letter === ')') return { kind: 'sequence', parts };
      parts.push(this.#repeated(this.#atom()));
    }
  }

  #repeated(part: Node): Node {
    const empty: Node = { kind: 'sequence', parts: [] };
    const many: Node = { kind: 'many', part };
    let node = part;
    if (this.#take('*')) node = many;
    else if (this.#take('+')) node = { kind: 'sequence', parts: [part, many] };
    else if (this.#take('?')) node = { kind: 'either', parts: [part, empty] };
    else if (this.#take('{')) node = this.#times(part);
    else return part;
    // Lazy or not makes no difference to whether it matches.
    this.#take('?');
    if ('*+?{'.includes(this.#letters[this.#at] ?? ' ')) throw wrong(this.#pattern, 'repeats a repetition');
    return node;
  }

  #times(part: Node): Node {
    const low = this.#number();
    const hasHigh = this.#take(',');
    const isOpen = hasHigh && this.#letters[this.#at] === '}';
    const high = hasHigh && !isOpen ? this.#number() : low;
    if (!this.#take('}') || low > high || high > TIMES_MAX) throw wrong(this.#pattern, 'has a wrong {m,n}');
    const optional: Node = { kind: 'either', parts: [part, { kind: 'sequence', parts: [] }] };
    const parts = [...Array<Node>(low).fill(part), ...Array<Node>(high - low).fill(optional)];
    return { kind: 'sequence', parts: isOpen ? [...parts, { kind: 'many', part }] : parts };
  }

  #number(): number {
    let digits = '';
    while (/^[0-9]$/.test(this.#letters[this.#at] ?? '')) digits += this.#next();
    if (digits === '') throw wrong(this.#pattern, 'has a wrong {m,n}');
    return Number(digits);
  }

  #atom(): Node {
    const letter = this.#next();
    if (letter === '.') return { kind: 'letter', test: c => c !== '\n' };
    if (letter === '^') return { kind: 'edge', at: 'start' };
    if (letter === '$') return { kind: 'edge', at: 'end' };
    if (letter === '[') return { kind: 'letter', test: this.#set() };
    if (letter === '\\') return { kind: 'letter', test: this.#escaped().test };
    if (letter === '(') return this.#group();
    if ('*+?'.includes(letter)) throw wrong(this.#pattern, `repeats nothing at '${letter}'`);
    return { kind: 'letter', test: c => c === letter };
  }

  #group(): Node {
    if (this.#take('?') && !this.#take(':'))
      throw wrong(this.#pattern, "has a group of a kind that isn't known");
    const node = this.#alternatives();
    if (!this.#take(')')) throw wrong(this.#pattern, `has '(' without ')'`);
    return node;
  }

  /** A letter that stands for itself, or a class of them. */
  #escaped(): { readonly letter: string | null; readonly test: Test } {
    const letter = this.#next();
    const ofClass = CLASSES[letter.toLowerCase()];
    if (ofClass !== undefined) {
      return { letter: null, test: letter === letter.toLowerCase() ? ofClass : c => !ofClass(c) };
    }
    const meant = CONTROLS[letter] ?? letter;
    if (CONTROLS[letter] === undefined && /^[0-9A-Za-z]$/.test(letter)) {
      throw wrong(this.#pattern, `has an escape that isn't known: \\${letter}`);
    }
    return { letter: meant, test: c => c === meant };
  }

  #set(): Test {
    const isNot = this.#take('^');
    const tests: Test[] = [];
    for (let isFirst = true; isFirst || this.#letters[this.#at] !== ']'; isFirst = false) {
      const low = this.#member();
      const isRange = this.#letters[this.#at] === '-' && this.#letters[this.#at + 1] !== ']';
      if (!isRange || low.letter === null) {
        tests.push(low.test);
        continue;
      }
      this.#at++;
      const [from, to] = [low.letter, this.#member().letter];
      if (to === null || from > to) throw wrong(this.#pattern, 'has a wrong range');
      tests.push(c => c >= from && c <= to);
    }
    this.#at++;
    return c => tests.some(test => test(c)) !== isNot;
  }

  #member(): { readonly letter: string | null; readonly test: Test } {
    const letter = this.#next();
    return letter === '\\' ? this.#escaped() : { letter, test: c => c === letter };
  }
}

class Machine {
  readonly steps: Step[] = [{ kind: 'done' }];
  readonly #pattern: string;
  /** Counted apart from the steps: a part that is repeated may have none. */
  #visits = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** Adds the steps of a node that goes on at `next`; returns where it begins. */
  compile(node: Node, next: number): number {
    if (++this.#visits > STEPS_MAX) throw wrong(this.#pattern, 'is too large');
    switch (node.kind) {
      case 'letter':
        return this.#add({ kind: 'letter', test: node.test, next });
      case 'edge':
        return this.#add({ kind: 'edge', at: node.at, next });
      case 'sequence':
        return node.parts.reduceRight((then, part) => this.compile(part, then), next);
      case 'either':
        return this.#add({ kind: 'go', next: node.parts.map(part => this.compile(part, next)) });
      case 'many': {
        const ways = [next];
        const loop = this.#add({ kind: 'go', next: ways });
        ways.unshift(this.compile(node.part, loop));
        return loop;
      }
      default:
        return unreachable(node);
    }
  }

  #add(step: Step): number {
    return this.steps.push(step) - 1;
  }
}

/** All places at once, letter by letter. */
function run(steps: readonly Step[], start: number, text: string): boolean {
  const letters = [...text];
  let places = reached(steps, [start], true, letters.length === 0);
  for (const [i, letter] of letters.entries()) {
    const after: number[] = [];
    for (const place of places) {
      const step = steps[place]!;
      if (step.kind === 'letter' && step.test(letter)) after.push(step.next);
    }
    places = reached(steps, after, false, i === letters.length - 1);
  }
  return places.has(0);
}

/** Where one gets without taking a letter. */
function reached(
  steps: readonly Step[],
  from: readonly number[],
  isStart: boolean,
  isEnd: boolean,
): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [...from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (found.has(place)) continue;
    found.add(place);
    const step = steps[place]!;
    if (step.kind === 'go') open.push(...step.next);
    else if (step.kind === 'edge' && (step.at === 'start' ? isStart : isEnd)) open.push(step.next);
  }
  return found;
}
