import { assert, decodeUtf8, encodeUtf8 } from '../core/mod.ts';

/** Any typed array, as raw memory. */
type Raw = { readonly buffer: ArrayBufferLike; readonly byteOffset: number; readonly byteLength: number };

/**
 * The saved state of an operator: bytes, in pieces. The first is a copy in memory that may be used again.
 */
export interface SavedState {
  readonly pieces: readonly Uint8Array[];
  /**
   * Those of the pieces that stay as they are for ever, and what each is known by: in a later checkpoint the
   * same key means the same bytes.
   */
  readonly lasting: ReadonlyMap<Uint8Array, object>;
}

/**
 * Collects a snapshot in one piece of memory, given or its own. Arrays are copied at once, so the state may
 * go on changing. What lasts is left where it is, if the snapshot is to share memory with the state.
 */
export class BytesWriter {
  #bytes: Uint8Array;
  #used = 0;
  readonly #shares: boolean;
  readonly #lasting: { readonly at: number; readonly piece: Uint8Array; readonly key: object }[] = [];

  constructor(memory: Uint8Array = new Uint8Array(1024), shares = false) {
    this.#bytes = memory;
    this.#shares = shares;
  }

  /** Room for `length` more bytes; where they begin. */
  #take(length: number): number {
    const from = this.#used;
    this.#used += length;
    if (this.#used > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#used * 2, 1024));
      grown.set(this.#bytes.subarray(0, from));
      this.#bytes = grown;
    }
    return from;
  }

  int(value: number): void {
    const at = this.#take(4);
    new DataView(this.#bytes.buffer, this.#bytes.byteOffset).setInt32(at, value, true);
  }

  text(value: string): void {
    const bytes = encodeUtf8(value);
    this.int(bytes.length);
    this.raw(bytes);
  }

  /** The memory of a typed array, without its length: the reader knows it. */
  raw(array: Raw): void {
    const at = this.#take(array.byteLength);
    this.#bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
  }

  /** Memory that never changes any more; `key` is what it is known by. */
  lasting(piece: Uint8Array, key: object): void {
    if (!this.#shares) this.raw(piece);
    else if (piece.length > 0) this.#lasting.push({ at: this.#used, piece, key });
  }

  /** What was written; the rest of the memory lies behind it. */
  finish(): SavedState {
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (const { at, piece } of this.#lasting) {
      if (at > from) pieces.push(this.#bytes.subarray(from, at));
      pieces.push(piece);
      from = at;
    }
    if (this.#used > from) pieces.push(this.#bytes.subarray(from, this.#used));
    return { pieces, lasting: new Map(this.#lasting.map(({ piece, key }) => [piece, key])) };
  }
}

/** Reads back what a BytesWriter wrote, in the same order. */
export class BytesReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  #take(length: number): Uint8Array {
    assert(this.#at + length <= this.#bytes.length, 'a state snapshot is as long as its header says');
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  int(): number {
    const part = this.#take(4);
    return new DataView(part.buffer, part.byteOffset, 4).getInt32(0, true);
  }

  text(): string {
    const length = this.int();
    const part = this.#take(length);
    return decodeUtf8(part, 0, length);
  }

  /** Fill the whole typed array. */
  fill(array: Raw): void {
    const target = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    target.set(this.#take(array.byteLength));
  }
}
