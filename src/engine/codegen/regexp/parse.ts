import { unsupported } from '../code.ts';
import { anyOf, bothCases, type CharSet, negate, single, union } from './char-set.ts';
import { ANY, LINE_BREAKS, letterClass, propertyClass } from './classes.ts';
import { type Anchor, BadPattern, longest, type Mode, type Node, type ParsedRegexp } from './node.ts';
import { parseClass } from './parse-class.ts';
import { PatternText } from './pattern-text.ts';

/** Flags that hold from a place on, up to the end of its group. */
interface Flags {
  readonly anyCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly comments: boolean;
}

const NO_FLAGS: Flags = { anyCase: false, multiline: false, dotAll: false, comments: false };
const FLAG_NAMES: Readonly<Record<string, keyof Flags>> = {
  i: 'anyCase',
  m: 'multiline',
  s: 'dotAll',
  x: 'comments',
};
const NESTING_MAX = 200;

/** Reads a pattern of java.util.regex. Throws BadPattern where Java would refuse it. */
export function parseRegexp(pattern: string): ParsedRegexp {
  return new Parser(pattern).parse();
}

class Parser {
  readonly #text: PatternText;
  readonly #names = new Map<string, number>();
  #groups = 0;
  #depth = 0;
  #flags = NO_FLAGS;

  constructor(pattern: string) {
    this.#text = new PatternText(pattern);
  }

  parse(): ParsedRegexp {
    const node = this.#choice();
    if (!this.#text.atEnd) throw new BadPattern("Unmatched closing ')'");
    return { node, groups: this.#groups };
  }

  #choice(): Node {
    if (++this.#depth > NESTING_MAX) throw new BadPattern('Too deep');
    const flags = this.#flags;
    const options = [this.#sequence()];
    while (this.#text.accept('|')) options.push(this.#sequence());
    this.#flags = flags;
    this.#depth--;
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  #sequence(): Node {
    const items: Node[] = [];
    for (;;) {
      if (this.#flags.comments) this.#text.skipComments();
      if (this.#text.atEnd || this.#text.is('|') || this.#text.is(')')) break;
      const literal = this.#text.takeQuoted();
      if (literal !== null) {
        items.push(...Array.from(literal, char => this.#set(single(char.codePointAt(0)!))));
        if (items.length > 0 && literal !== '') items.push(this.#quantified(items.pop()!));
        continue;
      }
      const atom = this.#atom();
      if (atom !== null) items.push(this.#quantified(atom));
    }
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  #set(set: CharSet): Node {
    return { kind: 'set', set: this.#flags.anyCase ? bothCases(set) : set };
  }

  /** One atom; null for a group that only sets flags. */
  #atom(): Node | null {
    const char = this.#text.next();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', set: parseClass(this.#text, this.#flags.anyCase) };
      case '.':
        return { kind: 'set', set: this.#flags.dotAll ? ANY : negate(LINE_BREAKS) };
      case '^':
        return anchor(this.#flags.multiline ? 'lineBegin' : 'begin');
      case '$':
        return anchor(this.#flags.multiline ? 'lineEnd' : 'lastLineEnd');
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new BadPattern(`Dangling meta character '${char}'`);
      case '{':
        throw new BadPattern('Illegal repetition');
      default:
        return this.#set(single(char.codePointAt(0)!));
    }
  }

  #escape(): Node {
    const letter = this.#text.peek();
    const anchors: Record<string, Anchor> = {
      A: 'begin',
      z: 'end',
      Z: 'lastLineEnd',
      b: 'wordBoundary',
      B: 'noWordBoundary',
    };
    if (anchors[letter] !== undefined) {
      this.#text.next();
      if (this.#text.is('{') && letter === 'b') unsupported('\\b{g} in a regular expression');
      return anchor(anchors[letter]);
    }
    if (/[1-9]/.test(letter)) return this.#backReference();
    if (letter === 'k') return this.#namedReference();
    if (letter === 'G' || letter === 'X' || letter === 'N') {
      unsupported(`\\${letter} in a regular expression`);
    }
    if (letter === 'R') {
      this.#text.next();
      const crlf: Node = { kind: 'sequence', items: [13, 10].map(c => ({ kind: 'set', set: single(c) })) };
      const one: Node = { kind: 'set', set: union(LINE_BREAKS, anyOf('\x0b\f')) };
      return { kind: 'choice', options: [crlf, one] };
    }
    const known = letterClass(letter);
    if (known !== undefined) this.#text.next();
    else if (letter === 'p' || letter === 'P') {
      this.#text.next();
      return this.#set(propertyClass(this.#text.propertyName(), letter === 'P'));
    }
    return this.#set(known ?? single(this.#text.escapedCode()));
  }

  /** As many digits as name a group that there is already. */
  #backReference(): Node {
    let index = Number(this.#text.next());
    while (/\d/.test(this.#text.peek()) && index * 10 + Number(this.#text.peek()) <= this.#groups) {
      index = index * 10 + Number(this.#text.next());
    }
    return { kind: 'backReference', index, anyCase: this.#flags.anyCase };
  }

  #namedReference(): Node {
    this.#text.next();
    this.#text.expect('<');
    const index = this.#names.get(this.#text.until('>'));
    if (index === undefined) throw new BadPattern('named capturing group does not exist');
    return { kind: 'backReference', index, anyCase: this.#flags.anyCase };
  }

  #group(): Node | null {
    if (!this.#text.accept('?')) return this.#capture();
    if (this.#text.accept(':')) return this.#closed();
    if (this.#text.accept('=')) return this.#look(false, false);
    if (this.#text.accept('!')) return this.#look(false, true);
    if (this.#text.accept('>')) return { kind: 'atomic', node: this.#closed() };
    if (this.#text.accept('<')) {
      if (this.#text.accept('=')) return this.#look(true, false);
      if (this.#text.accept('!')) return this.#look(true, true);
      const name = this.#text.until('>');
      if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name) || this.#names.has(name)) {
        throw new BadPattern('named capturing group is missing its name or has one twice');
      }
      this.#names.set(name, this.#groups + 1);
      return this.#capture();
    }
    return this.#flagGroup();
  }

  #capture(): Node {
    const index = ++this.#groups;
    return { kind: 'capture', index, node: this.#closed() };
  }

  #closed(): Node {
    const node = this.#choice();
    if (!this.#text.accept(')')) throw new BadPattern('Unclosed group');
    return node;
  }

  #look(behind: boolean, negated: boolean): Node {
    const node = this.#closed();
    if (behind && longest(node) === Number.POSITIVE_INFINITY) {
      throw new BadPattern('Look-behind group does not have an obvious maximum length');
    }
    return { kind: 'look', node, behind, negated };
  }

  /** `(?i)` from here on, `(?i:…)` for a group. */
  #flagGroup(): Node | null {
    const before = this.#flags;
    let on = true;
    for (;;) {
      const char = this.#text.next();
      if (char === '-') on = false;
      else if (char === ')') return null;
      else if (char === ':') {
        const node = this.#closed();
        this.#flags = before;
        return node;
      } else if (char === 'u' || char === 'U' || char === 'd') {
        unsupported(`The flag (?${char}) in a regular expression`);
      } else {
        const flag = FLAG_NAMES[char];
        if (flag === undefined) throw new BadPattern('Unknown inline modifier');
        this.#flags = { ...this.#flags, [flag]: on };
      }
    }
  }

  #quantified(node: Node): Node {
    if (this.#flags.comments) this.#text.skipComments();
    const bounds = this.#text.takeQuantifier();
    if (bounds === null) return node;
    const mode: Mode = this.#text.accept('?') ? 'lazy' : this.#text.accept('+') ? 'possessive' : 'greedy';
    return { kind: 'repeat', node, ...bounds, mode };
  }
}

const anchor = (name: Anchor): Node => ({ kind: 'anchor', anchor: name });
