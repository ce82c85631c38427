import { decodeUtf8, encodeUtf8Into } from '../../../core/mod.ts';
import type { Scratch } from '../scratch.ts';
import { changeCase } from './text.ts';

/**
 * SQL string functions on UTF-8 bytes in place, without a JavaScript string for each row. A text is
 * `data[from, from + length)`; a part of it goes into a `Part`, new bytes into a `Scratch`.
 */
export interface Part {
  from: number;
  length: number;
}

/** The code points of a text. */
export function charLengthOf(data: Uint8Array, from: number, length: number): number {
  const end = from + length;
  let signs = 0;
  let i = from;
  for (; i + 4 <= end; i += 4) signs |= data[i]! | data[i + 1]! | data[i + 2]! | data[i + 3]!;
  for (; i < end; i++) signs |= data[i]!;
  if (signs < 0x80) return length;
  let count = 0;
  for (i = from; i < end; i++) if ((data[i]! & 0xc0) !== 0x80) count++;
  return count;
}

/** Where `wanted` begins in the text at or after `start`, -1 when it does not. */
export function indexOfBytes(
  data: Uint8Array,
  start: number,
  end: number,
  wanted: Uint8Array,
  wantedFrom: number,
  wantedLength: number,
): number {
  if (wantedLength === 0) return start;
  const first = wanted[wantedFrom]!;
  const last = end - wantedLength;
  for (let at = start; at <= last; at++) {
    if (data[at] !== first) continue;
    let i = 1;
    while (i < wantedLength && data[at + i] === wanted[wantedFrom + i]) i++;
    if (i === wantedLength) return at;
  }
  return -1;
}

/** UPPER and LOWER. */
export function changeCaseInto(
  data: Uint8Array,
  from: number,
  length: number,
  up: boolean,
  into: Scratch,
): void {
  const target = into.reserve(length);
  const first = up ? 97 : 65;
  for (let i = 0; i < length; i++) {
    const byte = data[from + i]!;
    if (byte > 127) {
      scratchText(into, changeCase(decodeUtf8(data, from, length), up));
      return;
    }
    target[i] = byte >= first && byte < first + 26 ? byte ^ 0x20 : byte;
  }
  into.length = length;
}

/** The scratch becomes the text's bytes. */
export function scratchText(into: Scratch, text: string): void {
  into.length = 0;
  into.length = encodeUtf8Into(text, into.reserve(text.length * 3), 0);
}

/** REPLACE; an empty part stands between any two characters, as in Java. */
export function replaceInto(
  data: Uint8Array,
  from: number,
  length: number,
  part: Uint8Array,
  partFrom: number,
  partLength: number,
  by: Uint8Array,
  byFrom: number,
  byLength: number,
  into: Scratch,
): void {
  const end = from + length;
  into.length = 0;
  if (partLength === 1 && byLength === 0) {
    dropByte(data, from, end, part[partFrom]!, into);
    return;
  }
  let copied = from;
  for (;;) {
    const at = indexOfBytes(data, copied, end, part, partFrom, partLength);
    if (at < 0) break;
    if (partLength === 0) {
      into.put(by, byFrom, byFrom + byLength);
      if (at === end) break;
      const next = skip(data, at, end, 1);
      into.put(data, at, next);
      copied = next;
      continue;
    }
    into.put(data, copied, at);
    into.put(by, byFrom, byFrom + byLength);
    copied = at + partLength;
  }
  into.put(data, copied, end);
}

/** The text without a byte. */
function dropByte(data: Uint8Array, from: number, end: number, byte: number, into: Scratch): void {
  const target = into.reserve(end - from);
  let at = 0;
  for (let i = from; i < end; i++) {
    const sign = data[i]!;
    target[at] = sign;
    // Without a branch: the next sign overwrites one that is dropped.
    at += sign === byte ? 0 : 1;
  }
  into.length = at;
}

/** Part `index` of a text cut by a separator that is not empty; false when there is no such part. */
export function splitPart(
  data: Uint8Array,
  from: number,
  length: number,
  separator: Uint8Array,
  separatorFrom: number,
  separatorLength: number,
  index: number,
  part: Part,
): boolean {
  if (index < 0 || length === 0) return false;
  const end = from + length;
  let start = from;
  for (let left = index; left > 0; left--) {
    const at = indexOfBytes(data, start, end, separator, separatorFrom, separatorLength);
    if (at < 0) return false;
    start = at + separatorLength;
  }
  const at = indexOfBytes(data, start, end, separator, separatorFrom, separatorLength);
  part.from = start;
  part.length = (at < 0 ? end : at) - start;
  return true;
}

/** The place `count` characters behind `at`, at most `end`. */
function skip(data: Uint8Array, at: number, end: number, count: number): number {
  let place = at;
  for (let left = count; left > 0 && place < end; left--) {
    place++;
    while (place < end && (data[place]! & 0xc0) === 0x80) place++;
  }
  return place;
}

/** SUBSTRING: 1-based; a start below 0 counts from the end, 0 is 1. False for a length below 0. */
export function substringPart(
  data: Uint8Array,
  from: number,
  length: number,
  start: number,
  count: number,
  part: Part,
): boolean {
  if (count < 0) return false;
  const end = from + length;
  let first = start > 0 ? start - 1 : 0;
  if (start < 0) first = charLengthOf(data, from, length) + start;
  const begin = first < 0 ? end : skip(data, from, end, first);
  part.from = begin;
  part.length = skip(data, begin, end, Math.min(count, length)) - begin;
  return true;
}

/** LEFT, and RIGHT when `fromEnd`. */
export function sidePart(
  data: Uint8Array,
  from: number,
  length: number,
  count: number,
  fromEnd: boolean,
  part: Part,
): boolean {
  const end = from + length;
  const left = fromEnd ? Math.max(0, charLengthOf(data, from, length) - Math.max(0, count)) : 0;
  const begin = skip(data, from, end, left);
  part.from = begin;
  part.length = fromEnd ? end - begin : skip(data, begin, end, count) - begin;
  return true;
}

/** TRIM of blanks. */
export function trimPart(
  data: Uint8Array,
  from: number,
  length: number,
  start: boolean,
  end: boolean,
  part: Part,
): boolean {
  let first = from;
  let last = from + length;
  if (start) while (first < last && data[first] === 0x20) first++;
  if (end) while (last > first && data[last - 1] === 0x20) last--;
  part.from = first;
  part.length = last - first;
  return true;
}

/** 1-based position of the wanted text in characters, 0 when it is not there. */
export function positionOf(
  wanted: Uint8Array,
  wantedFrom: number,
  wantedLength: number,
  data: Uint8Array,
  from: number,
  length: number,
): number {
  const at = indexOfBytes(data, from, from + length, wanted, wantedFrom, wantedLength);
  return at < 0 ? 0 : charLengthOf(data, from, at - from) + 1;
}

/** Appends a text's bytes. */
export const append = (into: Scratch, data: Uint8Array, from: number, length: number): void =>
  into.put(data, from, from + length);

export function appendText(into: Scratch, text: string): void {
  into.reserve(into.length + text.length * 3);
  into.length += encodeUtf8Into(text, into.data, into.length);
}
