import type { Column } from '../../core/mod.ts';
import type { RowCompare, RowLists } from '../../state/mod.ts';

/**
 * An index over sorted lists of rows: finds the place of a row among many in few steps. A treap a list, whose
 * order of visits is the list's own; it is no state, but built again from the lists after a restore.
 */
export class OrderTree {
  readonly #lists: RowLists;
  readonly #compare: RowCompare;
  #left = new Int32Array(16);
  #right = new Int32Array(16);
  #parent = new Int32Array(16);
  /** By key: the topmost row of its tree. */
  #roots = new Int32Array(16);

  constructor(lists: RowLists, compare: RowCompare) {
    this.#lists = lists;
    this.#compare = compare;
  }

  /** The last row of a key that does not come behind the given one, 0 for none. */
  lastUpTo(key: number, columns: readonly Column[], row: number): number {
    const kept = this.#lists.rows.columns;
    let found = 0;
    for (let id = this.#rootOf(key); id !== 0; ) {
      if (this.#compare(kept, id, columns, row) > 0) id = this.#left[id]!;
      else {
        found = id;
        id = this.#right[id]!;
      }
    }
    return found;
  }

  /** The first row of a key that orders as the given one or behind it, 0 for none. */
  firstFrom(key: number, columns: readonly Column[], row: number): number {
    const kept = this.#lists.rows.columns;
    let found = 0;
    for (let id = this.#rootOf(key); id !== 0; ) {
      if (this.#compare(kept, id, columns, row) < 0) id = this.#right[id]!;
      else {
        found = id;
        id = this.#left[id]!;
      }
    }
    return found;
  }

  #rootOf(key: number): number {
    return key < this.#roots.length ? this.#roots[key]! : 0;
  }

  /** Add a row that the list holds right behind `before` (0: as its first). */
  add(key: number, id: number, before: number): void {
    this.#reserve(key, id);
    this.#left[id] = 0;
    this.#right[id] = 0;
    const root = this.#roots[key]!;
    if (root === 0) {
      this.#parent[id] = 0;
      this.#roots[key] = id;
      return;
    }
    let above = before === 0 ? root : before;
    if (before !== 0 && this.#right[before] === 0) this.#right[before] = id;
    else {
      if (before !== 0) above = this.#right[before]!;
      while (this.#left[above] !== 0) above = this.#left[above]!;
      this.#left[above] = id;
    }
    this.#parent[id] = above;
    while (this.#parent[id] !== 0 && weight(id) > weight(this.#parent[id]!)) this.#lift(key, id);
  }

  /** Take a row out. */
  remove(key: number, id: number): void {
    for (;;) {
      const [left, right] = [this.#left[id]!, this.#right[id]!];
      if (left === 0 && right === 0) break;
      const child = left === 0 || (right !== 0 && weight(right) > weight(left)) ? right : left;
      this.#lift(key, child);
    }
    const parent = this.#parent[id]!;
    if (parent === 0) this.#roots[key] = 0;
    else if (this.#left[parent] === id) this.#left[parent] = 0;
    else this.#right[parent] = 0;
  }

  /** A row takes the place of its parent. */
  #lift(key: number, id: number): void {
    const [left, right, parent] = [this.#left, this.#right, this.#parent];
    const above = parent[id]!;
    const top = parent[above]!;
    const wasLeft = left[above] === id;
    const inner = wasLeft ? right[id]! : left[id]!;
    if (wasLeft) {
      left[above] = inner;
      right[id] = above;
    } else {
      right[above] = inner;
      left[id] = above;
    }
    if (inner !== 0) parent[inner] = above;
    parent[above] = id;
    parent[id] = top;
    if (top === 0) this.#roots[key] = id;
    else if (left[top] === above) left[top] = id;
    else right[top] = id;
  }

  /** Build all trees from the lists. */
  rebuild(): void {
    const { live, end } = this.#lists.rows;
    this.#roots = new Int32Array(16);
    const { keyOf, next, previous } = this.#lists;
    for (let first = 1; first < end; first++) {
      if (live[first] !== 1 || previous[first] !== 0) continue;
      for (let id = first, before = 0; id !== 0; before = id, id = next[id]!)
        this.add(keyOf[id]!, id, before);
    }
  }

  #reserve(key: number, id: number): void {
    if (id >= this.#left.length) {
      this.#left = grown(this.#left, id * 2);
      this.#right = grown(this.#right, id * 2);
      this.#parent = grown(this.#parent, id * 2);
    }
    if (key >= this.#roots.length) this.#roots = grown(this.#roots, key * 2);
  }
}

/** Decides who stands above whom: spread evenly, and the same for an id at all times. */
function weight(id: number): number {
  const mixed = Math.imul(id ^ (id >>> 15), 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 13), 0x85ebca6b) >>> 0;
}

function grown(from: Int32Array, length: number) {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}
