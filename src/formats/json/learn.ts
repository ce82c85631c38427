import type { InnerObject, Layout, Slot } from './generate.ts';
import { AFTER, BEFORE, OP } from './generate-envelope.ts';
import type { ObjectKey, ObjectNode } from './object-tree.ts';
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
        slots.push({ before: u8.slice(from, value), column: mark ?? -1, inner: null });
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

/** Objects deeper than this are left to the general code. */
const DEPTH_MAX = 8;

function layoutOf(reader: RowReader, at: number, end: number, whole: boolean): Layout | undefined {
  const { u8 } = reader.arena;
  const start = skipSpace(u8, at, end);
  const { layout, behind } = objectLayout(reader, reader.tree.nodes[0]!, at, start, end, 0);
  if (layout === undefined || !whole) return layout;
  return { ...layout, tail: Uint8Array.from([...layout.tail, ...u8.subarray(behind, end)]) };
}

/** The layout of the object whose brace is at `at`; the bytes from `from` on belong to its first key. */
function objectLayout(
  reader: RowReader,
  node: ObjectNode | null,
  from: number,
  at: number,
  end: number,
  depth: number,
): { readonly layout: Layout | undefined; readonly behind: number } {
  const { u8 } = reader.arena;
  const slots: Slot[] = [];
  const seen = new Set<number>();
  let [before, isKnown] = [from, true];
  let p = skipSpace(u8, at + 1, end);
  while (p < end && u8[p] !== 125) {
    const index = node === null ? -1 : reader.key(node.id, p, end);
    if (index === -2 || slots.length >= KEYS_MAX || seen.has(index)) isKnown = false;
    if (index >= 0) seen.add(index);
    const value = skipKey(u8, p, end);
    const behind = skipValue(u8, value, end);
    slots.push({ before: u8.slice(before, value), ...slotOf(reader, node?.keys[index], value, end, depth) });
    before = behind;
    p = skipSpace(u8, behind, end);
    if (u8[p] !== 44) break;
    p = skipSpace(u8, p + 1, end);
  }
  if (u8[p] !== 125) isKnown = false;
  const layout = isKnown ? { slots, tail: u8.slice(before, p + 1) } : undefined;
  return { layout, behind: p + 1 };
}

/** What the value of a key at `at` says; an object that is null, or too deep, has no layout yet. */
function slotOf(
  reader: RowReader,
  key: ObjectKey | undefined,
  at: number,
  end: number,
  depth: number,
): Pick<Slot, 'column' | 'inner'> {
  if (key !== undefined && key.node === null) return { column: key.column, inner: null };
  const isObject = reader.arena.u8[at] === 123;
  const isNull = reader.arena.u8[at] === 110;
  const node = key?.node ?? null;
  if (node === null && !isNull && !isObject) return { column: -1, inner: null };
  const layout =
    isObject && depth < DEPTH_MAX ? objectLayout(reader, node, at, at, end, depth + 1).layout : undefined;
  return { column: -1, inner: { node, layout: layout ?? null } };
}

/**
 * One layout for two records: objects that were null in one have the layout of the other. Undefined when
 * the records differ otherwise.
 */
export function mergeLayouts(a: Layout, b: Layout): Layout | undefined {
  if (a.slots.length !== b.slots.length || !sameBytes(a.tail, b.tail)) return undefined;
  const slots: Slot[] = [];
  for (const [i, slot] of a.slots.entries()) {
    const other = b.slots[i]!;
    if (slot.column !== other.column || !sameBytes(slot.before, other.before)) return undefined;
    const inner = mergeInner(slot.inner, other.inner);
    if (inner === undefined) return undefined;
    slots.push({ ...slot, inner });
  }
  return { slots, tail: a.tail };
}

function mergeInner(a: InnerObject | null, b: InnerObject | null): InnerObject | null | undefined {
  if (a === null || b === null) return a ?? b;
  if (a.layout === null || b.layout === null) return { node: a.node, layout: a.layout ?? b.layout };
  const layout = mergeLayouts(a.layout, b.layout);
  // What nobody asked for is passed over in any other layout, too.
  if (layout === undefined) return a.node === null ? a : undefined;
  return { node: a.node, layout };
}

/** How many objects of the layout are known by more than null. */
export function innerCount(layout: Layout): number {
  return layout.slots.reduce(
    (sum, { inner }) => sum + (inner === null || inner.layout === null ? 0 : 1 + innerCount(inner.layout)),
    0,
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
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

/**
 * Learns the layout of a source's records as they come: objects that are null in one record are filled in
 * from another, and a new layout replaces the old when most records have it.
 */
export class LayoutLearner {
  /** Records that are looked at for objects unknown so far. */
  static readonly FILLS_MAX = 256;
  readonly #reader: RowReader;
  readonly #whole: boolean;
  readonly #trial = new LayoutTrial();
  #layout: Layout | undefined;
  #isCompiled = false;
  #fills = 0;

  constructor(reader: RowReader, whole: boolean) {
    this.#reader = reader;
    this.#whole = whole;
  }

  /** Records that had the layout. */
  hit(count: number): void {
    this.#trial.hit(count);
  }

  /** The record [at, end) had not: the layout to compile now, or undefined. */
  miss(at: number, end: number): Layout | undefined {
    const isDue = this.#trial.miss();
    if (!isDue && this.#fills >= LayoutLearner.FILLS_MAX) return undefined;
    this.#fills++;
    const found = learnLayout(this.#reader, at, end, this.#whole);
    if (found === undefined) return undefined;
    const merged = this.#layout === undefined ? found : mergeLayouts(this.#layout, found);
    const isFuller =
      this.#isCompiled && merged !== undefined && innerCount(merged) > innerCount(this.#layout!);
    if (isFuller || isDue) {
      this.#layout = merged ?? found;
      this.#isCompiled = true;
      return this.#layout;
    }
    if (!this.#isCompiled) this.#layout = merged ?? found;
    return undefined;
  }
}
