import type { Position } from './ast/position.ts';
import { sqlInvalid } from './errors.ts';
import type { Token } from './token.ts';

const OPERATORS = [
  '=>',
  '<>',
  '!=',
  '<=',
  '>=',
  '||',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  ';',
  '.',
  '=',
  '<',
  '>',
];
const MORE_OPERATORS = ['+', '-', '*', '/', '%', '?', ':', '@', '$', '|', '^', '!'];
const ALL_OPERATORS = [...OPERATORS, ...MORE_OPERATORS];
const WORD_START = /[\p{L}_]/u;
const WORD = /[\p{L}_][\p{L}\p{N}\p{M}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;

/** Splits a script into tokens, the last of kind `end`. Comments and white space are dropped, hints kept. */
export function tokenize(text: string): Token[] {
  return new Lexer(text).run();
}

class Lexer {
  readonly #text: string;
  #offset = 0;
  #line = 1;
  #lineStart = 0;
  #inHint = false;
  readonly #tokens: Token[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    while (this.#skipBlank()) this.#token();
    this.#push('end', '', this.#at());
    return this.#tokens;
  }

  #at(): Position {
    return { line: this.#line, column: this.#offset - this.#lineStart + 1 };
  }

  #push(kind: Token['kind'], text: string, at: Position): void {
    this.#tokens.push({ kind, text, upper: kind === 'word' ? text.toUpperCase() : '', at });
  }

  /** Moves to `offset`, counting the lines passed. */
  #moveTo(offset: number): void {
    for (let i = this.#offset; i < offset; i++) {
      if (this.#text.charCodeAt(i) !== 10) continue;
      this.#line++;
      this.#lineStart = i + 1;
    }
    this.#offset = offset;
  }

  /** Skips white space and comments; false at the end of the text. */
  #skipBlank(): boolean {
    const text = this.#text;
    while (this.#offset < text.length) {
      const offset = this.#offset;
      if (/\s/.test(text[offset]!)) this.#moveTo(offset + 1);
      else if (text.startsWith('--', offset)) this.#moveTo(indexOrEnd(text, '\n', offset));
      else if (text.startsWith('/*', offset) && text[offset + 2] !== '+') this.#skipBlockComment();
      else return true;
    }
    return false;
  }

  #skipBlockComment(): void {
    const at = this.#at();
    const end = this.#text.indexOf('*/', this.#offset + 2);
    if (end < 0) throw sqlInvalid(at, "a comment '/*' is not closed, expected '*/'");
    this.#moveTo(end + 2);
  }

  #token(): void {
    const text = this.#text;
    const offset = this.#offset;
    const char = text[offset]!;
    const next = text[offset + 1];
    if (char === "'") this.#string('string', offset);
    else if (char === '`') this.#quoted();
    else if (/[xX]/.test(char) && next === "'") this.#hex();
    else if (/[nN]/.test(char) && next === "'") this.#string('string', offset + 1);
    else if (/[uU]/.test(char) && text.startsWith("&'", offset + 1)) this.#unicode();
    else if (/\d/.test(char) || (char === '.' && /\d/.test(next ?? ''))) this.#number();
    else if (WORD_START.test(String.fromCodePoint(text.codePointAt(offset)!))) this.#word();
    else this.#operator();
  }

  #word(): void {
    WORD.lastIndex = this.#offset;
    const found = WORD.exec(this.#text)![0];
    this.#push('word', found, this.#at());
    this.#moveTo(this.#offset + found.length);
  }

  #number(): void {
    NUMBER.lastIndex = this.#offset;
    const found = NUMBER.exec(this.#text)![0];
    const at = this.#at();
    const end = this.#offset + found.length;
    if (WORD_START.test(this.#text[end] ?? '')) {
      throw sqlInvalid(at, `found '${found}${this.#text[end]}', expected a number`);
    }
    this.#push('number', found, at);
    this.#moveTo(end);
  }

  /** Reads '…' with doubled quotes; `open` is the offset of the first quote. */
  #string(kind: 'string' | 'hex', open: number): void {
    const at = this.#at();
    this.#push(kind, this.#delimited(open, "'", at, 'a string'), at);
  }

  #delimited(open: number, quote: string, at: Position, what: string): string {
    let value = '';
    let from = open + 1;
    for (;;) {
      const close = this.#text.indexOf(quote, from);
      if (close < 0) throw sqlInvalid(at, `${what} is not closed, expected a closing ${quote}`);
      value += this.#text.slice(from, close);
      if (this.#text[close + 1] !== quote) {
        this.#moveTo(close + 1);
        return value;
      }
      value += quote;
      from = close + 2;
    }
  }

  #quoted(): void {
    const at = this.#at();
    const name = this.#delimited(this.#offset, '`', at, 'a quoted identifier');
    if (name === '') throw sqlInvalid(at, 'found an empty quoted identifier, expected a name');
    this.#push('quoted', name, at);
  }

  #hex(): void {
    const at = this.#at();
    const digits = this.#delimited(this.#offset + 1, "'", at, 'a binary string');
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) {
      throw sqlInvalid(at, `found X'${digits}', expected an even number of hexadecimal digits`);
    }
    this.#push('hex', digits.toUpperCase(), at);
  }

  /** U&'…' with \XXXX escapes. */
  #unicode(): void {
    const at = this.#at();
    const raw = this.#delimited(this.#offset + 2, "'", at, 'a string');
    const value = raw.replace(/\\(?:\\|([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|)/g, (found, four, six) => {
      if (found === '\\\\') return '\\';
      const digits: string | undefined = four ?? six;
      const point = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
      if (!(point <= 0x10ffff))
        throw sqlInvalid(at, "found a wrong escape in U&'…', expected \\ and 4 hex digits");
      return String.fromCodePoint(point);
    });
    this.#push('string', value, at);
  }

  #operator(): void {
    const at = this.#at();
    const hint = this.#inHint ? '*/' : '/*+';
    const isHint = this.#text.startsWith(hint, this.#offset);
    const found = isHint
      ? hint
      : ALL_OPERATORS.find(operator => this.#text.startsWith(operator, this.#offset));
    if (found === undefined) throw this.#unknown(at);
    if (isHint) this.#inHint = !this.#inHint;
    this.#push('operator', found, at);
    this.#moveTo(this.#offset + found.length);
  }

  #unknown(at: Position): Error {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#offset)!);
    const advice = char === '"' ? "; names are quoted by backticks, strings by '…'" : '';
    return sqlInvalid(at, `found the character ${char}, which starts nothing${advice}`);
  }
}

function indexOrEnd(text: string, needle: string, from: number): number {
  const found = text.indexOf(needle, from);
  return found < 0 ? text.length : found;
}
