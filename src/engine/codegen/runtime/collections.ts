import { decodeUtf8, encodeUtf8, MillraceError, type RowValue } from '../../../core/mod.ts';
import { regexpOf } from '../regexp/mod.ts';
import { equalPlain } from './nested.ts';

/** A plain ARRAY. */
export type List = readonly RowValue[];
/** A plain MAP: keys are there once. */
export type Entries = readonly (readonly [RowValue, RowValue])[];

/** Values that were seen, by what they are: plain ones by themselves, others by their parts. */
class Seen {
  readonly #plain = new Set<RowValue>();
  readonly #others: RowValue[] = [];

  has(value: RowValue): boolean {
    if (Number.isNaN(value)) return false;
    if (typeof value !== 'object' || value === null) return this.#plain.has(value);
    return this.#others.some(other => equalPlain(other, value, false));
  }

  /** False when the value was there. */
  add(value: RowValue): boolean {
    if (this.has(value)) return false;
    if (typeof value !== 'object' || value === null) this.#plain.add(value);
    else this.#others.push(value);
    return true;
  }
}

function seenOf(list: List): Seen {
  const seen = new Seen();
  for (const item of list) seen.add(item);
  return seen;
}

/** As `=` on columns: NaN equals nothing; null equals null here. */
const isSame = (a: RowValue, b: RowValue): boolean => !Number.isNaN(a) && equalPlain(a, b, false);

const indexOf = (list: List, item: RowValue): number => list.findIndex(other => isSame(other, item));

/** Order of two values that are not null: numbers, texts, binaries, booleans and times. */
function order(a: RowValue, b: RowValue): number {
  if (typeof a === 'string' && typeof b === 'string') return orderBytes(encodeUtf8(a), encodeUtf8(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return orderBytes(a, b);
  if (isTime(a) && isTime(b)) return a.millis - b.millis || a.nanos - b.nanos;
  const [x, y] = [a as number, b as number];
  return x < y ? -1 : x > y ? 1 : 0;
}

const isTime = (value: RowValue): value is { readonly millis: number; readonly nanos: number } =>
  typeof value === 'object' && value !== null && 'millis' in value;

function orderBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

export const arrayContains = (list: List, item: RowValue): boolean => indexOf(list, item) >= 0;
export const arrayPosition = (list: List, item: RowValue): number => indexOf(list, item) + 1;
export const arrayAppend = (list: List, item: RowValue): List => [...list, item];
export const arrayPrepend = (list: List, item: RowValue): List => [item, ...list];
export const arrayRemove = (list: List, item: RowValue): List => list.filter(other => !isSame(other, item));
export const arrayReverse = (list: List): List => [...list].reverse();
export const arrayConcat = (...lists: readonly List[]): List => lists.flat(1) as List;

/** The elements in the order they first came, each once. */
export function arrayDistinct(...lists: readonly List[]): List {
  const seen = new Seen();
  return (lists.flat(1) as List).filter(item => seen.add(item));
}

export function arrayExcept(list: List, others: List): List {
  const seen = seenOf(others);
  return list.filter(item => seen.add(item));
}

export function arrayIntersect(list: List, others: List): List {
  const wanted = seenOf(others);
  const seen = new Seen();
  return list.filter(item => wanted.has(item) && seen.add(item));
}

/** From `start` to `end`, both counted from 1 and included; negative ones from the end; 0 is the start. */
export function arraySlice(list: List, start: number, end = list.length): List {
  const size = list.length;
  const at = (offset: number): number => (offset < 0 ? size + offset + 1 : offset === 0 ? 1 : offset);
  const [from, to] = [at(start), at(end)];
  if (from > to || from > size || to < 1) return [];
  return list.slice(Math.max(from, 1) - 1, Math.min(to, size));
}

export function arraySort(list: List, ascending = true, nullsFirst = ascending): List {
  const nulls = list.filter(item => item === null);
  const sorted = list.filter(item => item !== null).sort((a, b) => (ascending ? order(a, b) : order(b, a)));
  return nullsFirst ? [...nulls, ...sorted] : [...sorted, ...nulls];
}

/** The greatest element, or the least; null when there is none but nulls. */
export function arrayExtreme(list: List, greatest: boolean): RowValue {
  let best: RowValue = null;
  for (const item of list) {
    if (item === null) continue;
    if (best === null || (greatest ? order(item, best) > 0 : order(item, best) < 0)) best = item;
  }
  return best;
}

export function arrayJoin(list: List, delimiter: string, replacement: string | null = null): string {
  const texts = list.flatMap(item => (item === null ? (replacement === null ? [] : [replacement]) : [item]));
  return texts.join(delimiter);
}

export const mapKeys = (map: Entries): List => map.map(([key]) => key);
export const mapValues = (map: Entries): List => map.map(([, value]) => value);

/** Later entries of a key replace its value. */
export function mapUnion(...maps: readonly Entries[]): RowValue {
  return merged(maps.flat(1));
}

function merged(entries: Entries): RowValue {
  const known: RowValue[] = [];
  const result: [RowValue, RowValue][] = [];
  for (const [key, value] of entries) {
    const at = indexOf(known, key);
    if (at >= 0) result[at] = [key, value];
    else {
      known.push(key);
      result.push([key, value]);
    }
  }
  return result;
}

export function mapFromArrays(keys: List, values: List): RowValue {
  if (keys.length !== values.length) {
    throw new MillraceError(
      'EXPRESSION_FAILED',
      'Invalid function MAP_FROM_ARRAYS call:\n' +
        `The length of the keys array ${keys.length} is not equal to the length of the values array ${values.length}`,
    );
  }
  return keys.map((key, i) => [key, values[i]!]);
}

/** Texts between delimiters; an empty delimiter takes the text apart into its characters. */
export function split(text: string, delimiter: string): List {
  if (text === '') return [];
  return delimiter === '' ? Array.from(text) : text.split(delimiter);
}

/** `a=1,b=2` as a map; the delimiters are Java's regular expressions. */
export function strToMap(text: string, listDelimiter = ',', keyValueDelimiter = '='): RowValue {
  if (text === '') return [];
  const entries = splitByPattern(text, listDelimiter, 0).map((pair): [RowValue, RowValue] => {
    const [key, ...rest] = splitByPattern(pair, keyValueDelimiter, 2);
    return rest.length === 0 ? [pair, null] : [key!, rest[0]!];
  });
  return merged(entries);
}

/** Java's String.split: without a limit (0) empty parts at the end are dropped. */
function splitByPattern(text: string, pattern: string, limit: number): string[] {
  const regexp = regexpOf(pattern);
  if (regexp === null) {
    throw new MillraceError('EXPRESSION_FAILED', `'${pattern}' is no regular expression.`);
  }
  const data = encodeUtf8(text);
  const parts: string[] = [];
  let [from, start] = [0, 0];
  while (start <= data.length && (limit === 0 || parts.length < limit - 1)) {
    if (!regexp.find(data, 0, data.length, start)) break;
    const [first, last] = [regexp.groupStart(0), regexp.groupEnd(0)];
    start = last === first ? last + 1 : last;
    // An empty match at the very beginning gives no empty part.
    if (last === first && first === 0) continue;
    parts.push(decodeUtf8(data, from, first - from));
    from = last;
  }
  if (parts.length === 0) return [text];
  parts.push(decodeUtf8(data, from, data.length - from));
  if (limit === 0) while (parts.at(-1) === '') parts.pop();
  return parts;
}
