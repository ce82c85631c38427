import type { Layout, Slot } from './generate.ts';
import { AFTER, BEFORE, OP } from './generate-envelope.ts';
import type { RowReader } from './row-reader.ts';
import { skipKey, skipSpace, skipString, skipValue, textOf, Unparsable } from './scan.ts';

/** Objects with more keys than this are left to the general code. */
const KEYS_MAX = 256;

/**
 * The layout of the object at `at`: the separators and keys as bytes, the values as columns. Undefined when
 * the object is not well-formed, names a key twice or has too many. With `whole` the tail reaches to the
 * end of the record.
 */
export function learnLayout(reader: RowReader, at: number, end: number, whole: boolean): Layout | undefined {
  try {
    return layoutOf(reader, at, end, whole);
  } catch (error) {
    if (error instanceof Unparsable) return undefined;
    throw error;
  }
}

/** Which special value an envelope's key stands for, if any. */
const ENVELOPE_SLOTS: Readonly<Record<string, number>> = { before: BEFORE, after: AFTER, op: OP };

/**
 * The layout of the Debezium envelope [at, end): `before`, `after` and `op` by their marks, every other
 * value passed over; objects among these (`source`) are taken apart, so that their keys are compared, not
 * parsed.
 */
export function learnEnvelope(u8: Uint8Array, at: number, end: number): Layout | undefined {
  const slots: Slot[] = [];
  let from = at;
  const object = (start: number, isTop: boolean): number => {
    let p = skipSpace(u8, start + 1, end);
    while (u8[p] !== 125) {
      const name = textOf(u8, p + 1, skipString(u8, p, end) - 1);
      const value = skipKey(u8, p, end);
      const mark = isTop ? ENVELOPE_SLOTS[name] : undefined;
      const isApart = mark === undefined && u8[value] === 123;
      let behind = skipValue(u8, value, end);
      if (isApart) behind = object(value, false);
      else {
        slots.push({ before: u8.slice(from, value), column: mark ?? -1 });
        from = behind;
      }
      p = skipSpace(u8, behind, end);
      if (u8[p] === 44) p = skipSpace(u8, p + 1, end);
    }
    return p + 1;
  };
  try {
    const start = skipSpace(u8, at, end);
    skipValue(u8, start, end);
    object(start, true);
  } catch (error) {
    if (error instanceof Unparsable) return undefined;
    throw error;
  }
  const isWhole = [BEFORE, AFTER, OP].every(mark => slots.filter(s => s.column === mark).length === 1);
  return isWhole && slots.length <= KEYS_MAX ? { slots, tail: u8.slice(from, end) } : undefined;
}

function layoutOf(reader: RowReader, at: number, end: number, whole: boolean): Layout | undefined {
  const { u8 } = reader;
  const slots: Slot[] = [];
  const seen = new Set<number>();
  let from = at;
  let p = skipSpace(u8, skipSpace(u8, at, end) + 1, end);
  while (p < end && u8[p] !== 125) {
    const column = reader.key(p, end);
    if (column === -2 || slots.length >= KEYS_MAX) return undefined;
    if (column >= 0 && seen.has(column)) return undefined;
    seen.add(column);
    const value = skipKey(u8, p, end);
    slots.push({ before: u8.slice(from, value), column });
    from = skipValue(u8, value, end);
    p = skipSpace(u8, from, end);
    if (u8[p] !== 44) break;
    p = skipSpace(u8, p + 1, end);
  }
  if (u8[p] !== 125) return undefined;
  return { slots, tail: u8.slice(from, whole ? end : p + 1) };
}

/**
 * Decides when the data has changed its layout: pure counting, so that odd records do not make code be
 * generated anew.
 */
export class LayoutTrial {
  /** Records read by general code before a layout is worth its compilation. */
  static readonly WARM_UP = 32;
  static readonly TRIALS_MAX = 6;
  #trials = 0;
  #hits = 0;
  #misses = 0;

  /** Records that had the layout. */
  hit(count: number): void {
    this.#hits += count;
  }

  /**
   * A record had not (or there is none yet): true when the layout should be learned anew from the next one.
   */
  miss(): boolean {
    this.#misses++;
    if (this.#misses < LayoutTrial.WARM_UP || this.#trials >= LayoutTrial.TRIALS_MAX) return false;
    const isWorse = this.#misses > this.#hits;
    this.#hits = 0;
    this.#misses = 0;
    if (isWorse) this.#trials++;
    return isWorse;
  }
}
