import { MillraceError } from '../../../core/mod.ts';
import { parseDouble } from './number-text.ts';

/** SQL string functions on JavaScript strings. Positions and lengths count code points, as Flink's do. */

const points = (text: string): string[] => Array.from(text);
const isPlain = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

export function charLength(text: string): number {
  return isPlain(text) ? text.length : points(text).length;
}

/** SUBSTRING(text FROM start FOR length): 1-based; a start below 0 counts from the end, 0 is 1. */
export function substring(text: string, start: number, length = Number.MAX_SAFE_INTEGER): string | null {
  if (length < 0) return null;
  const chars = isPlain(text) ? text : points(text);
  const from = start > 0 ? start - 1 : start < 0 ? chars.length + start : 0;
  if (from < 0 || from >= chars.length) return '';
  const part = chars.slice(from, from + length);
  return typeof part === 'string' ? part : part.join('');
}

export function left(text: string, count: number): string {
  return count <= 0 ? '' : points(text).slice(0, count).join('');
}
export function right(text: string, count: number): string {
  return count <= 0 ? '' : points(text).slice(-count).join('');
}

/** TRIM: `where` is BOTH, LEADING or TRAILING; `set` holds the characters to take away. */
export function trim(text: string, where: string, set: string): string {
  let from = 0;
  let to = text.length;
  if (where !== 'TRAILING') while (from < to && set.includes(text[from]!)) from++;
  if (where !== 'LEADING') while (to > from && set.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}

/** 1-based position of `part`, 0 when it is not there. */
export function position(part: string, text: string, from = 1): number {
  const at = text.indexOf(part, from - 1);
  return at < 0 ? 0 : charLength(text.slice(0, at)) + 1;
}

export function pad(text: string, length: number, fill: string, atStart: boolean): string | null {
  const chars = points(text);
  if (length < 0 || fill === '') return null;
  if (length <= chars.length) return chars.slice(0, length).join('');
  const missing = length - chars.length;
  const filling = points(fill.repeat(Math.ceil(missing / points(fill).length)))
    .slice(0, missing)
    .join('');
  return atStart ? filling + text : text + filling;
}

export function initcap(text: string): string {
  return text.toLowerCase().replace(/[A-Za-z0-9]+/g, word => word[0]!.toUpperCase() + word.slice(1));
}

/** Upper or lower case, character by character as Flink does: ß becomes S. */
export function changeCase(text: string, up: boolean): string {
  const changed = up ? text.toUpperCase() : text.toLowerCase();
  if (changed.length === text.length) return changed;
  return points(text)
    .map(char => {
      return points(up ? char.toUpperCase() : char.toLowerCase())[0]!;
    })
    .join('');
}

/** Cut to `length` bytes; BINARY is filled up with zeros. */
export function fitBytes(bytes: Uint8Array, length: number, fixed: boolean): Uint8Array {
  if (bytes.length >= length) return bytes.subarray(0, length);
  if (!fixed) return bytes;
  const filled = new Uint8Array(length);
  filled.set(bytes);
  return filled;
}

export function repeat(text: string, count: number): string {
  return count <= 0 ? '' : text.repeat(count);
}

export function reverse(text: string): string {
  return points(text).reverse().join('');
}

/** Cut to `length` code points; CHAR is filled up with blanks. */
export function fitText(text: string, length: number, fixed: boolean): string {
  if (text.length > length) text = left(text, length);
  return fixed ? text + ' '.repeat(Math.max(0, length - charLength(text))) : text;
}

/** OVERLAY(text PLACING part FROM start FOR length): the text itself when it has no such start. */
export function overlay(text: string, part: string, start: number, length: number): string {
  if (start <= 0 || start > text.length) return text;
  const rest = length > 0 && start + length <= text.length ? text.slice(start - 1 + length) : '';
  return text.slice(0, start - 1) + part + rest;
}

/** INSTR: 1-based position of the nth occurrence from `start`, backwards when it is below 0; 0 for none. */
export function instr(text: string, part: string, start = 1, nth = 1): number {
  if (nth <= 0) throw new MillraceError('EXPRESSION_FAILED', 'nthAppearance must be positive!');
  if (start === 0) return 0;
  const [body, wanted] = start > 0 ? [text, part] : [reverse(text), reverse(part)];
  let from = Math.abs(start);
  let found = 0;
  for (let i = 0; i < nth; i++) {
    found = positionFrom(wanted, body, from);
    if (found === 0) return 0;
    from = found + 1;
  }
  return start > 0 ? found : charLength(text) - found - charLength(part) + 2;
}

/** 1-based position of `part` at or after the 1-based character `from`, 0 when there is none. */
export function positionFrom(part: string, text: string, from: number): number {
  const start =
    from <= 1
      ? 0
      : isPlain(text)
        ? from - 1
        : points(text)
            .slice(0, from - 1)
            .join('').length;
  return position(part, text, start + 1);
}

/** Part `index` of a text cut by a separator; null when there is no such part. */
export function splitIndex(text: string, separator: string, index: number): string | null {
  if (index < 0 || text === '') return null;
  return text.split(separator === '' ? /[\s\x1c-\x1f]/ : separator)[index] ?? null;
}

/** The separator is the code of a character. */
export function splitIndexCode(text: string, code: number, index: number): string | null {
  return code > 255 || code < 1 ? null : splitIndex(text, String.fromCharCode(code), index);
}

export const isAlpha = (text: string): boolean => /^\p{L}+$/u.test(text);
export const isDigit = (text: string): boolean => /^\p{Nd}+$/u.test(text);
export const isDecimal = (text: string): boolean => parseDouble(text) !== null;
