import { assert } from '../core/mod.ts';
import type { Identifier, Position, QualifiedName } from './ast/position.ts';
import { sqlInvalid } from './errors.ts';
import { RESERVED } from './reserved.ts';
import { describeToken, type Token } from './token.ts';

/** How deep parentheses, queries and operators may stand in each other: the stack must hold them. */
const NESTING_MAX = 400;

/** A walk over tokens with the questions a recursive-descent parser asks. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    assert(tokens.at(-1)?.kind === 'end', 'tokens end with an end token');
    this.#tokens = tokens;
  }

  /** The token `ahead` places on, the end token beyond the end. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)]!;
  }

  get at(): Position {
    return this.peek().at;
  }

  next(): Token {
    const token = this.peek();
    this.#index = Math.min(this.#index + 1, this.#tokens.length - 1);
    return token;
  }

  /** True when the next tokens are these bare words. */
  isWord(...words: string[]): boolean {
    return words.every((word, i) => this.peek(i).upper === word);
  }

  /** True when the next token is one of these bare words. */
  isOneOf(...words: string[]): boolean {
    const { upper } = this.peek();
    return upper !== '' && words.includes(upper);
  }

  isOperator(operator: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'operator' && token.text === operator;
  }

  /** Takes the words if they come next. */
  acceptWord(...words: string[]): boolean {
    if (!this.isWord(...words)) return false;
    for (const _ of words) this.next();
    return true;
  }

  acceptOperator(operator: string): boolean {
    if (!this.isOperator(operator)) return false;
    this.next();
    return true;
  }

  expectWord(...words: string[]): Position {
    const { at } = this;
    for (const word of words) {
      if (!this.acceptWord(word)) throw this.unexpected(word);
    }
    return at;
  }

  expectOperator(operator: string): Position {
    const { at } = this;
    if (!this.acceptOperator(operator)) throw this.unexpected(`'${operator}'`);
    return at;
  }

  /** The next of several words, taken; an error that lists them otherwise. */
  expectOneOf(...words: string[]): string {
    if (!this.isOneOf(...words)) throw this.unexpected(words.join(' or '));
    return this.next().upper;
  }

  expectString(what = 'a string'): string {
    if (this.peek().kind !== 'string') throw this.unexpected(what);
    return this.next().text;
  }

  /** A whole number without sign. */
  expectInteger(what: string): number {
    const token = this.peek();
    if (token.kind !== 'number' || !/^\d{1,10}$/.test(token.text)) throw this.unexpected(what);
    this.next();
    return Number(token.text);
  }

  /** True when an identifier comes next: quoted, or a word that is not reserved. */
  isIdentifier(ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.upper));
  }

  identifier(what = 'a name'): Identifier {
    const token = this.peek();
    if (token.kind === 'word' && RESERVED.has(token.upper) && what !== 'an expression') {
      throw this.unexpected(`${what} ('${token.text}' is a reserved word: write \`${token.text}\`)`);
    }
    if (!this.isIdentifier()) throw this.unexpected(what);
    this.next();
    return { name: token.text, at: token.at };
  }

  /** A name after a dot, where reserved words cannot be mistaken but Flink refuses them all the same. */
  qualifiedName(what = 'a name'): QualifiedName {
    const first = this.identifier(what);
    const parts = [first.name];
    while (this.acceptOperator('.')) parts.push(this.identifier(what).name);
    return { parts, at: first.at };
  }

  /** `item {, item}`. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.acceptOperator(',')) items.push(item());
    return items;
  }

  /** Parses something that may hold itself. */
  nested<T>(parse: () => T): T {
    if (this.#depth >= NESTING_MAX) {
      throw sqlInvalid(this.at, `the text is nested too deeply: at most ${NESTING_MAX} levels`);
    }
    this.#depth++;
    const result = parse();
    this.#depth--;
    return result;
  }

  /** `( item {, item} )`. */
  parenthesized<T>(item: () => T): T[] {
    this.expectOperator('(');
    const items = this.list(item);
    this.expectOperator(')');
    return items;
  }

  /** The error of meeting what does not fit here. */
  unexpected(expected: string): Error {
    const token = this.peek();
    return sqlInvalid(token.at, `found ${describeToken(token)}, expected ${expected}`);
  }
}
