import { encodeUtf8, equalBytes } from '../../../core/mod.ts';
import { indexOfBytes } from '../runtime/bytes.ts';
import { negate, single } from './char-set.ts';
import { ANY, LINE_BREAKS } from './classes.ts';
import { Regexp } from './mod.ts';
import type { Node } from './node.ts';

/** Tells whether a pattern takes all of a text. */
export interface Like {
  matches(data: Uint8Array, from: number, length: number): boolean;
}

const PATTERNS_MAX = 1000;
const compiled = new Map<string, Like | null>();
const MANY: Node = { kind: 'repeat', node: { kind: 'set', set: ANY }, min: 0, max: Infinity, mode: 'greedy' };
const ONE: Node = { kind: 'set', set: negate(LINE_BREAKS) };

/**
 * The compiled pattern of LIKE, remembered. Without ESCAPE there is no escape character; null when it stands
 * before another sign than itself, `%` and `_`.
 */
export function likeOf(pattern: string, escapeChar: string | null): Like | null {
  const key = `${escapeChar ?? ''}\u0000${pattern}`;
  let like = compiled.get(key);
  if (like === undefined) {
    const tokens = tokensOf(pattern, escapeChar);
    like = tokens === null ? null : compile(tokens);
    if (compiled.size >= PATTERNS_MAX) compiled.clear();
    compiled.set(key, like);
  }
  return like;
}

/** Literal texts between wildcards. */
type Token = string | Node;

function tokensOf(pattern: string, escapeChar: string | null): readonly Token[] | null {
  const tokens: Token[] = [];
  const chars = Array.from(pattern);
  const literal = (char: string) => {
    const last = tokens.at(-1);
    if (typeof last === 'string') tokens[tokens.length - 1] = last + char;
    else tokens.push(char);
  };
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === escapeChar) {
      const next = chars[++i];
      if (next !== '%' && next !== '_' && next !== escapeChar) return null;
      literal(next);
    } else if (char === '%') tokens.push(MANY);
    else if (char === '_') tokens.push(ONE);
    else literal(char);
  }
  return tokens;
}

/** Plain beginnings, ends and parts are compared as bytes; the rest backtracks. */
function compile(tokens: readonly Token[]): Like {
  const [first, second, third] = tokens;
  if (tokens.length === 0) return exactly(new Uint8Array(0));
  if (typeof first === 'string' && tokens.length === 1) return exactly(encodeUtf8(first));
  if (typeof first === 'string' && second === MANY && tokens.length === 2) return starting(encodeUtf8(first));
  if (first === MANY && typeof second === 'string' && tokens.length === 2) return ending(encodeUtf8(second));
  if (first === MANY && typeof second === 'string' && third === MANY && tokens.length === 3) {
    const part = encodeUtf8(second);
    return {
      matches: (data, from, length) => indexOfBytes(data, from, from + length, part, 0, part.length) >= 0,
    };
  }
  const items = tokens.flatMap((token): readonly Node[] =>
    typeof token === 'string'
      ? Array.from(token, char => ({ kind: 'set', set: single(char.codePointAt(0)!) }))
      : [token],
  );
  return new Regexp({ node: { kind: 'sequence', items }, groups: 0 });
}

const exactly = (text: Uint8Array): Like => ({
  matches: (data, from, length) => equalBytes(data, from, length, text, 0, text.length),
});

const starting = (text: Uint8Array): Like => ({
  matches: (data, from, length) =>
    length >= text.length && equalBytes(data, from, text.length, text, 0, text.length),
});

const ending = (text: Uint8Array): Like => ({
  matches: (data, from, length) =>
    length >= text.length && equalBytes(data, from + length - text.length, text.length, text, 0, text.length),
});
