/** Bytes to be copied: `view` may be read in whole words beyond `length`. */
export interface Piece {
  readonly view: DataView;
  readonly length: number;
}

const encoder = new TextEncoder();
const WORD = 8;

/** ASCII text as bytes. */
export function ascii(text: string): Piece {
  const bytes = new Uint8Array(text.length + WORD);
  encoder.encodeInto(text, bytes);
  return { view: new DataView(bytes.buffer), length: text.length };
}

/**
 * Bytes being written: `bytes[0 … used)`. The caller reserves room for what it is about to write; a word more
 * is always there.
 */
export class ByteWriter {
  bytes: Uint8Array;
  used = 0;
  #view: DataView;

  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity + WORD);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Make room for `count` more bytes. */
  reserve(count: number): void {
    if (this.used + count + WORD <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.used + count, this.bytes.length * 2) + WORD);
    grown.set(this.bytes.subarray(0, this.used));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  put(piece: Piece): void {
    this.copy(piece.view, 0, piece.length);
  }

  /** Copy words: a double goes through unchanged, since no ASCII bytes are the pattern of a NaN. */
  copy(from: DataView, start: number, length: number): void {
    const to = this.#view;
    const p = this.used;
    for (let i = 0; i < length; i += WORD) to.setFloat64(p + i, from.getFloat64(start + i, true), true);
    this.used = p + length;
  }

  byte(value: number): void {
    this.bytes[this.used++] = value;
  }

  /** A non-negative integer below 2^53. */
  integer(value: number): void {
    let x = value;
    if (x >= 1e9) {
      const high = Math.floor(x / 1e9);
      this.integer(high);
      this.digits(x - high * 1e9, 9);
      return;
    }
    x |= 0;
    let count = 1;
    for (let limit = 10; limit <= x; limit *= 10) count++;
    this.digits(x, count);
  }

  /** The last `count` decimal digits of an integer below 10^9. */
  digits(value: number, count: number): void {
    let x = value | 0;
    const { bytes } = this;
    const end = this.used + count;
    for (let p = end - 1; p >= end - count; p--) {
      const next = (x / 10) | 0;
      bytes[p] = 48 + x - next * 10;
      x = next;
    }
    this.used = end;
  }
}
