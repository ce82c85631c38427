/**
 * Walking JSON bytes without building anything (RFC 8259). All functions take the buffer, a position and
 * the end of the record, and return the position behind what they read, or throw Unparsable at the
 * offending byte. The buffer has readable bytes behind `end`.
 */

/** Thrown (without a stack, it is no error of ours) where bytes are not what they should be. */
export class Unparsable {
  readonly at: number;
  readonly expected: string;

  constructor(at: number, expected: string) {
    this.at = at;
    this.expected = expected;
  }
}

/** Deeper nesting than this is refused. */
export const DEPTH_MAX = 128;

const isDigit = (c: number): boolean => c >= 48 && c <= 57;

/** Behind spaces, tabs and line ends. */
export function skipSpace(u8: Uint8Array, at: number, end: number): number {
  let p = at;
  for (; p < end; p++) {
    const c = u8[p]!;
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9) break;
  }
  return p;
}

/** Behind any JSON value that starts at `at`. */
export function skipValue(u8: Uint8Array, at: number, end: number, depth = 0): number {
  if (at >= end) throw new Unparsable(at, 'a value');
  const c = u8[at]!;
  if (c === 34) return skipString(u8, at, end);
  if (c === 123 || c === 91) return skipContainer(u8, at, end, depth);
  if (c === 45 || isDigit(c)) return skipNumber(u8, at, end);
  return skipLiteral(u8, at, end);
}

function skipContainer(u8: Uint8Array, at: number, end: number, depth: number): number {
  if (depth >= DEPTH_MAX) throw new Unparsable(at, `at most ${DEPTH_MAX} levels of nesting`);
  const isObject = u8[at] === 123;
  const close = isObject ? 125 : 93;
  let p = skipSpace(u8, at + 1, end);
  if (p < end && u8[p] === close) return p + 1;
  for (;;) {
    if (isObject) p = skipKey(u8, p, end);
    p = skipSpace(u8, skipValue(u8, p, end, depth + 1), end);
    const c = p < end ? u8[p] : 0;
    if (c === close) return p + 1;
    if (c !== 44) throw new Unparsable(p, isObject ? '`,` or `}`' : '`,` or `]`');
    p = skipSpace(u8, p + 1, end);
  }
}

/** Behind a key, its colon and the space after. */
export function skipKey(u8: Uint8Array, at: number, end: number): number {
  if (at >= end || u8[at] !== 34) throw new Unparsable(at, 'a key in quotes');
  const p = skipSpace(u8, skipString(u8, at, end), end);
  if (p >= end || u8[p] !== 58) throw new Unparsable(p, '`:`');
  return skipSpace(u8, p + 1, end);
}

/** Behind the closing quote of the string that opens at `at`. */
export function skipString(u8: Uint8Array, at: number, end: number): number {
  let p = at + 1;
  let high = 0;
  for (;;) {
    const c = u8[p]!;
    if (p >= end || c < 32) throw new Unparsable(Math.min(p, end), '`"`');
    if (c === 34) break;
    p = c === 92 ? skipEscape(u8, p, end) : p + 1;
    high |= c;
  }
  if (high & 0x80 && !isUtf8(u8, at + 1, p)) throw new Unparsable(at + 1, 'UTF-8');
  return p + 1;
}

function skipEscape(u8: Uint8Array, at: number, end: number): number {
  const c = at + 1 < end ? u8[at + 1]! : 0;
  if (c === 117) {
    for (let i = 2; i < 6; i++)
      if (at + i >= end || hexOf(u8[at + i]!) < 0) throw new Unparsable(at, 'an escape');
    return at + 6;
  }
  if (ESCAPED[c] === 0) throw new Unparsable(at, 'an escape');
  return at + 2;
}

/** Bytes that the simple escapes stand for, by the letter behind the backslash; 0 = no such escape. */
const ESCAPED = new Uint8Array(256);
for (const [letter, byte] of [...'"\\/'].map(c => [c, c.charCodeAt(0)] as const)) {
  ESCAPED[letter.charCodeAt(0)] = byte;
}
ESCAPED[98] = 8;
ESCAPED[102] = 12;
ESCAPED[110] = 10;
ESCAPED[114] = 13;
ESCAPED[116] = 9;

function hexOf(c: number): number {
  if (isDigit(c)) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function skipNumber(u8: Uint8Array, at: number, end: number): number {
  let p = at + (u8[at] === 45 ? 1 : 0);
  const first = p;
  p = skipDigits(u8, p, end);
  if (u8[first] === 48 && p > first + 1) throw new Unparsable(first, 'a number without leading zeros');
  if (p < end && u8[p] === 46) p = skipDigits(u8, p + 1, end);
  if (p < end && (u8[p]! | 32) === 101) {
    const sign = p + 1 < end && (u8[p + 1] === 43 || u8[p + 1] === 45) ? 2 : 1;
    p = skipDigits(u8, p + sign, end);
  }
  return p;
}

function skipDigits(u8: Uint8Array, at: number, end: number): number {
  let p = at;
  while (p < end && isDigit(u8[p]!)) p++;
  if (p === at) throw new Unparsable(p, 'a digit');
  return p;
}

function skipLiteral(u8: Uint8Array, at: number, end: number): number {
  for (const word of ['null', 'true', 'false']) {
    if (at + word.length <= end && startsWith(u8, at, word)) return at + word.length;
  }
  throw new Unparsable(at, 'a value');
}

function startsWith(u8: Uint8Array, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (u8[at + i] !== word.charCodeAt(i)) return false;
  return true;
}

/**
 * Write the string between the quotes [from, to) without its escapes to `out`, at most as many bytes as it
 * had. The string has been skipped before, so it is well-formed. Returns the position behind the last byte
 * written. A lone surrogate becomes U+FFFD.
 */
export function unescapeTo(u8: Uint8Array, from: number, to: number, out: number): number {
  let w = out;
  for (let p = from; p < to; ) {
    const c = u8[p]!;
    if (c !== 92) {
      u8[w++] = c;
      p++;
    } else if (u8[p + 1] !== 117) {
      u8[w++] = ESCAPED[u8[p + 1]!]!;
      p += 2;
    } else {
      let unit = hex4(u8, p + 2);
      p += 6;
      if (unit >= 0xd800 && unit < 0xdc00 && p + 6 <= to && u8[p] === 92 && u8[p + 1] === 117) {
        const low = hex4(u8, p + 2);
        if (low >= 0xdc00 && low < 0xe000) {
          unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
          p += 6;
        }
      }
      w = putCodePoint(u8, w, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
    }
  }
  return w;
}

function hex4(u8: Uint8Array, p: number): number {
  return (hexOf(u8[p]!) << 12) | (hexOf(u8[p + 1]!) << 8) | (hexOf(u8[p + 2]!) << 4) | hexOf(u8[p + 3]!);
}

function putCodePoint(u8: Uint8Array, at: number, code: number): number {
  let w = at;
  if (code < 0x80) u8[w++] = code;
  else if (code < 0x800) {
    u8[w++] = 0xc0 | (code >> 6);
    u8[w++] = 0x80 | (code & 63);
  } else {
    if (code < 0x10000) u8[w++] = 0xe0 | (code >> 12);
    else {
      u8[w++] = 0xf0 | (code >> 18);
      u8[w++] = 0x80 | ((code >> 12) & 63);
    }
    u8[w++] = 0x80 | ((code >> 6) & 63);
    u8[w++] = 0x80 | (code & 63);
  }
  return w;
}

/**
 * Where the quote lies that ends the text from `at` on; -1 where an escape, a control byte or bytes that
 * are not UTF-8 come before. Looks at four bytes at a time: (x - 0xnn…) & ~x & 0x80… finds bytes below nn;
 * after ^ 2 the quote (0x22) is the only byte below 0x21 beside the control bytes. A byte below 32 lies
 * behind the end.
 */
export function textEnd(u8: Uint8Array, i32: Int32Array, at: number): number {
  let p = at;
  let c = u8[p]!;
  let high = 0;
  while ((p & 3) !== 0 && c !== 34 && c !== 92 && c > 31) {
    high |= c;
    c = u8[++p]!;
  }
  if ((p & 3) === 0) {
    let q = p >> 2;
    for (;;) {
      const x = i32[q]!;
      const a = x ^ 0x02020202;
      const b = x ^ 0x5c5c5c5c;
      if (((((a - 0x21212121) & ~a) | ((b - 0x01010101) & ~b)) & 0x80808080) !== 0) break;
      high |= x;
      q++;
    }
    p = q << 2;
    c = u8[p]!;
    while (c !== 34 && c !== 92 && c > 31) {
      high |= c;
      c = u8[++p]!;
    }
  }
  if (c !== 34) return -1;
  return (high & 0x80808080) === 0 || isUtf8(u8, at, p) ? p : -1;
}

/** Whether [from, to) is well-formed UTF-8 (Unicode 15, table 3-7). */
export function isUtf8(u8: Uint8Array, from: number, to: number): boolean {
  let p = from;
  // Most text is ASCII.
  while (p + 4 <= to && (u8[p]! | u8[p + 1]! | u8[p + 2]! | u8[p + 3]!) < 0x80) p += 4;
  while (p < to) {
    const c = u8[p]!;
    if (c < 0x80) {
      p++;
      continue;
    }
    const length = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (length === 0 || p + length > to) return false;
    const second = u8[p + 1]!;
    const low = c === 0xe0 ? 0xa0 : c === 0xf0 ? 0x90 : 0x80;
    const high = c === 0xed ? 0x9f : c === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let i = 2; i < length; i++) if ((u8[p + i]! & 0xc0) !== 0x80) return false;
    p += length;
  }
  return true;
}

/** The bytes [from, to) as text; only for short values off the hot path. */
export function textOf(u8: Uint8Array, from: number, to: number): string {
  return DECODER.decode(u8.subarray(from, to));
}

const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
