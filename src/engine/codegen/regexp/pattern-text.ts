import { BadPattern } from './node.ts';

const REPEATS_MAX = 2 ** 31 - 1;

/** A walk over the characters of a pattern. */
export class PatternText {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#chars = Array.from(pattern);
  }

  get atEnd(): boolean {
    return this.#at >= this.#chars.length;
  }

  /** The character `ahead` places on, '' beyond the end. */
  peek(ahead = 0): string {
    return this.#chars[this.#at + ahead] ?? '';
  }

  is(char: string, ahead = 0): boolean {
    return this.peek(ahead) === char;
  }

  next(): string {
    if (this.atEnd) throw new BadPattern('Unexpected end of the pattern');
    return this.#chars[this.#at++]!;
  }

  accept(char: string): boolean {
    if (!this.is(char)) return false;
    this.#at++;
    return true;
  }

  expect(char: string): void {
    if (!this.accept(char)) throw new BadPattern(`'${char}' expected`);
  }

  /** The text up to a character, which is taken too. */
  until(char: string): string {
    let text = '';
    while (!this.is(char)) text += this.next();
    this.next();
    return text;
  }

  /** What `\Q…\E` quotes, null when none comes next. */
  takeQuoted(): string | null {
    if (!this.is('\\') || !this.is('Q', 1)) return null;
    this.#at += 2;
    let text = '';
    while (!this.atEnd && !(this.is('\\') && this.is('E', 1))) text += this.next();
    this.#at += 2;
    return text;
  }

  /** White space and `# …` under the flag x. */
  skipComments(): void {
    for (;;) {
      if (this.peek() !== '' && /^[ \t\n\x0b\f\r]$/.test(this.peek())) this.#at++;
      else if (this.is('#')) while (!this.atEnd && !/^[\n\r]$/.test(this.peek())) this.#at++;
      else return;
    }
  }

  /** The name behind `\p`: one letter or `{name}`. */
  propertyName(): string {
    return this.accept('{') ? this.until('}') : this.next();
  }

  /** `?`, `*`, `+`, `{n}`, `{n,}`, `{n,m}`; null when none comes next. */
  takeQuantifier(): { readonly min: number; readonly max: number } | null {
    if (this.accept('?')) return { min: 0, max: 1 };
    if (this.accept('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.accept('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (!this.accept('{')) return null;
    const body = /^(\d+)(,(\d*))?$/.exec(this.until('}'));
    if (body === null) throw new BadPattern('Illegal repetition');
    const min = Number(body[1]);
    const max = body[2] === undefined ? min : body[3] === '' ? Number.POSITIVE_INFINITY : Number(body[3]);
    const tooMany = min > REPEATS_MAX || (max > REPEATS_MAX && max !== Number.POSITIVE_INFINITY);
    if (tooMany || max < min) throw new BadPattern('Illegal repetition range');
    return { min, max };
  }

  /** The code point of an escape whose backslash is taken. */
  escapedCode(): number {
    const char = this.next();
    const plain: Record<string, number> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };
    if (plain[char] !== undefined) return plain[char];
    switch (char) {
      case '0':
        return this.#octal();
      case 'x':
        return this.accept('{') ? codePoint(this.until('}'), 16) : this.#hex(2);
      case 'u':
        return this.#unicode();
      case 'c':
        return this.next().codePointAt(0)! ^ 64;
      default:
        if (/[A-Za-z]/.test(char)) throw new BadPattern('Illegal/unsupported escape sequence');
        return char.codePointAt(0)!;
    }
  }

  #hex(digits: number): number {
    let text = '';
    for (let i = 0; i < digits; i++) text += this.next();
    if (!/^[0-9A-Fa-f]+$/.test(text)) throw new BadPattern('Illegal hexadecimal escape sequence');
    return Number.parseInt(text, 16);
  }

  /** `\uhhhh`; two surrogates make one character. */
  #unicode(): number {
    const high = this.#hex(4);
    if (high < 0xd800 || high > 0xdbff || !this.is('\\') || !this.is('u', 1)) return high;
    this.#at += 2;
    const low = this.#hex(4);
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  }

  #octal(): number {
    let text = '';
    while (/^[0-7]$/.test(this.peek()) && text.length < (text[0] !== undefined && text[0] > '3' ? 2 : 3)) {
      text += this.next();
    }
    if (text === '') throw new BadPattern('Illegal octal escape sequence');
    return Number.parseInt(text, 8);
  }
}

function codePoint(digits: string, base: number): number {
  const code = /^[0-9A-Fa-f]+$/.test(digits) ? Number.parseInt(digits, base) : Number.NaN;
  if (!(code <= 0x10ffff)) throw new BadPattern('Illegal hexadecimal escape sequence');
  return code;
}
