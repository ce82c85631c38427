import { type Json, JsonProblem } from './value.ts';

const NESTING_MAX = 1000;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** The first JSON value of a text; what follows it is not read, as Jackson does. Throws JsonProblem. */
export function parseJson(text: string): Json {
  return new Reader(text).read(0);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(depth: number): Json {
    if (depth > NESTING_MAX) throw new JsonProblem('the JSON text nests too deep');
    switch (this.#next()) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  /** The next sign that is no blank, not taken. */
  #next(): string {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '.')) this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #take(sign: string): boolean {
    if (this.#next() !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#problem();
  }

  #problem(): JsonProblem {
    return new JsonProblem(`Unexpected character at ${this.#at + 1} of the JSON text`);
  }

  #object(depth: number): Json {
    const object = new Map<string, Json>();
    this.#at++;
    if (this.#take('}')) return object;
    do {
      if (this.#next() !== '"') throw this.#problem();
      const key = this.#string();
      this.#expect(':');
      object.set(key, this.read(depth + 1));
    } while (this.#take(','));
    this.#expect('}');
    return object;
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#at++;
    if (this.#take(']')) return items;
    do items.push(this.read(depth + 1));
    while (this.#take(','));
    this.#expect(']');
    return items;
  }

  /** The platform reads the escapes of a string whose end is found here. */
  #string(): string {
    const from = this.#at;
    let at = from + 1;
    while (at < this.#text.length && this.#text[at] !== '"') at += this.#text[at] === '\\' ? 2 : 1;
    this.#at = at + 1;
    try {
      return JSON.parse(this.#text.slice(from, at + 1)) as string;
    } catch (error) {
      if (error instanceof SyntaxError) throw new JsonProblem('Bad string in the JSON text');
      throw error;
    }
  }

  #scalar(): Json {
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      if (/\w/.test(this.#text[this.#at] ?? '')) throw this.#problem();
      return value;
    }
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw this.#problem();
    this.#at += found[0].length;
    if (/[\w.]/.test(this.#text[this.#at] ?? '')) throw this.#problem();
    const whole = found[1] === undefined && found[2] === undefined;
    return whole ? BigInt(found[0]) : Number(found[0]);
  }
}
