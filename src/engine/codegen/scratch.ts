/** Bytes that a call site computes for one row and overwrites for the next. */
export class Scratch {
  data = new Uint8Array(64);
  length = 0;

  /** Make room for `length` bytes in all, keeping what is there. */
  reserve(length: number): Uint8Array {
    if (length > this.data.length) {
      const grown = new Uint8Array(length * 2);
      grown.set(this.data.subarray(0, this.length));
      this.data = grown;
    }
    return this.data;
  }

  /** Append `data[from, to)`. */
  put(data: Uint8Array, from: number, to: number): void {
    const target = this.reserve(this.length + to - from);
    let at = this.length;
    if (to - from > 32) target.set(data.subarray(from, to), at);
    else for (let i = from; i < to; i++) target[at++] = data[i]!;
    this.length += to - from;
  }
}
