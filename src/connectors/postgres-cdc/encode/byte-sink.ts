/** Bytes taken from one slab; a record larger than that gets a slab of its own. */
const SLAB_BYTES = 256 * 1024;

/**
 * Where records are written. A record reserves its upper bound first, so that writing never has to grow;
 * finished records are views into the slab, which lives as long as one of them.
 */
export class ByteSink {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;

  /** Make room for `size` bytes in one piece; returns where they begin. */
  reserve(size: number): number {
    if (this.bytes.length - this.at < size) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(size, SLAB_BYTES));
      this.at = 0;
    }
    return this.at;
  }

  /** The bytes written since `from`. */
  taken(from: number): Uint8Array {
    return this.bytes.subarray(from, this.at);
  }

  put(source: Uint8Array): void {
    if (source.length < 32) {
      const { bytes } = this;
      let { at } = this;
      for (let i = 0; i < source.length; i++) bytes[at++] = source[i]!;
      this.at = at;
    } else {
      this.bytes.set(source, this.at);
      this.at += source.length;
    }
  }

  /** Copy a range, byte by byte where that is quicker than a call. */
  copy(source: Uint8Array, from: number, end: number): void {
    if (end - from > 48) {
      this.bytes.set(source.subarray(from, end), this.at);
      this.at += end - from;
      return;
    }
    const { bytes } = this;
    let { at } = this;
    for (let i = from; i < end; i++) bytes[at++] = source[i]!;
    this.at = at;
  }

  ascii(text: string): void {
    const { bytes } = this;
    let { at } = this;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.at = at;
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  /** A whole number within ±2^53. */
  integer(value: number): void {
    if (value < 0) {
      this.byte(0x2d);
      value = -value;
    }
    if (value < 1e9) {
      this.#digits(value, 1);
      return;
    }
    const high = Math.floor(value / 1e9);
    if (high < 1e9) this.#digits(high, 1);
    else this.ascii(String(high));
    this.#digits(value - high * 1e9, 9);
  }

  #digits(value: number, widthMin: number): void {
    let width = widthMin;
    let bound = 10 ** width;
    while (value >= bound) {
      width++;
      bound *= 10;
    }
    const { bytes } = this;
    let rest = value;
    for (let i = this.at + width - 1; i >= this.at; i--) {
      const next = (rest / 10) | 0;
      bytes[i] = 48 + rest - next * 10;
      rest = next;
    }
    this.at += width;
  }
}
