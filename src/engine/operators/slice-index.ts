/** The groups of one slice, chained. */
interface Slice {
  readonly end: number;
  head: number;
  count: number;
}

/** Which groups belong to which slice, slices in the order of time. Slices are few, groups many. */
export class SliceIndex {
  /** Ascending. */
  #slices: Slice[] = [];
  readonly #byEnd = new Map<number, Slice>();
  #last: Slice | null = null;
  #next = new Int32Array(16);

  /** Add a group to a slice. */
  add(end: number, id: number): void {
    if (id >= this.#next.length) {
      const grown = new Int32Array(id * 2);
      grown.set(this.#next);
      this.#next = grown;
    }
    const slice = this.#last?.end === end ? this.#last : this.#sliceAt(end);
    this.#next[id] = slice.head;
    slice.head = id;
    slice.count++;
  }

  #sliceAt(end: number): Slice {
    let slice = this.#byEnd.get(end);
    if (slice === undefined) {
      slice = { end, head: 0, count: 0 };
      this.#byEnd.set(end, slice);
      let at = this.#slices.length;
      while (at > 0 && this.#slices[at - 1]!.end > end) at--;
      this.#slices.splice(at, 0, slice);
    }
    this.#last = slice;
    return slice;
  }

  /** End of the first slice, null when there is none. */
  first(): number | null {
    return this.#slices[0]?.end ?? null;
  }

  /** Ends of the slices that end after `from` and not after `to`. */
  ends(from: number, to: number): number[] {
    return this.#slices.filter(slice => slice.end > from && slice.end <= to).map(slice => slice.end);
  }

  /** The groups of a slice in the order they were added. */
  ids(end: number): Int32Array {
    const slice = this.#byEnd.get(end);
    const ids = new Int32Array(slice?.count ?? 0);
    for (let id = slice?.head ?? 0, k = ids.length - 1; id !== 0; id = this.#next[id]!) ids[k--] = id;
    return ids;
  }

  /** Forget a slice: its groups in the order they were added. */
  take(end: number): Int32Array {
    const ids = this.ids(end);
    this.#slices = this.#slices.filter(slice => slice.end !== end);
    this.#byEnd.delete(end);
    this.#last = null;
    return ids;
  }

  clear(): void {
    this.#slices = [];
    this.#byEnd.clear();
    this.#last = null;
  }
}
