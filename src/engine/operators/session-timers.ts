/** Sessions that end in one stretch of time, as far as it was known when they were put there. */
interface Bucket {
  readonly number: number;
  ids: Int32Array;
  count: number;
  /** No session in it ends earlier. */
  earliest: number;
}

/**
 * When sessions end. Their ends move on with each row, so a session is looked at when the end that was known
 * last has come, and put further on if it has moved since. Rebuilt from the sessions after a restore.
 */
export class SessionTimers {
  readonly #widthMs: number;
  /** Ascending. */
  #buckets: Bucket[] = [];
  readonly #byNumber = new Map<number, Bucket>();
  /** The bucket of each session; NaN for none. What is left in other buckets is out of date. */
  #bucketOf = new Float64Array(0);

  constructor(gapMs: number) {
    this.#widthMs = Math.max(1, Math.floor(gapMs / 8));
  }

  add(id: number, end: number): void {
    if (id >= this.#bucketOf.length) {
      const grown = new Float64Array(id * 2 + 16).fill(Number.NaN);
      grown.set(this.#bucketOf);
      this.#bucketOf = grown;
    }
    const bucket = this.#bucketAt(Math.floor(end / this.#widthMs));
    if (bucket.count === bucket.ids.length) {
      const grown = new Int32Array(bucket.count * 2);
      grown.set(bucket.ids);
      bucket.ids = grown;
    }
    bucket.ids[bucket.count++] = id;
    bucket.earliest = Math.min(bucket.earliest, end);
    this.#bucketOf[id] = bucket.number;
  }

  remove(id: number): void {
    this.#bucketOf[id] = Number.NaN;
  }

  clear(): void {
    this.#buckets = [];
    this.#byNumber.clear();
    this.#bucketOf.fill(Number.NaN);
  }

  /** Give out, once, the sessions that are over; `endOf` tells where a session ends by now. */
  takeOver(isOver: (end: number) => boolean, endOf: Float64Array, visit: (id: number) => void): void {
    for (let b = 0; b < this.#buckets.length; b++) {
      const bucket = this.#buckets[b]!;
      if (!isOver(bucket.earliest)) break;
      const { ids, count, number } = bucket;
      bucket.ids = new Int32Array(16);
      bucket.count = 0;
      bucket.earliest = Number.POSITIVE_INFINITY;
      for (let k = 0; k < count; k++) {
        const id = ids[k]!;
        if (this.#bucketOf[id] !== number) continue;
        this.#bucketOf[id] = Number.NaN;
        const end = endOf[id]!;
        if (isOver(end)) visit(id);
        else this.#pending.push(id, end);
      }
      for (let k = 0; k < this.#pending.length; k += 2) this.add(this.#pending[k]!, this.#pending[k + 1]!);
      this.#pending.length = 0;
    }
    this.#dropEmpty();
  }
  readonly #pending: number[] = [];

  #dropEmpty(): void {
    while (this.#buckets[0]?.count === 0) this.#byNumber.delete(this.#buckets.shift()!.number);
  }

  #bucketAt(number: number): Bucket {
    let bucket = this.#byNumber.get(number);
    if (bucket !== undefined) return bucket;
    bucket = { number, ids: new Int32Array(16), count: 0, earliest: Number.POSITIVE_INFINITY };
    this.#byNumber.set(number, bucket);
    let at = this.#buckets.length;
    while (at > 0 && this.#buckets[at - 1]!.number > number) at--;
    this.#buckets.splice(at, 0, bucket);
    return bucket;
  }
}
