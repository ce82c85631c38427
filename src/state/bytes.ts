import { assert, decodeUtf8, encodeUtf8 } from '../core/mod.ts';

/** Any typed array, as raw memory. */
type Raw = { readonly buffer: ArrayBufferLike; readonly byteOffset: number; readonly byteLength: number };

/** Collects a snapshot as chunks. Arrays are copied at once, so the state may go on changing. */
export class BytesWriter {
  readonly chunks: Uint8Array[] = [];
  byteLength = 0;

  #push(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.byteLength += bytes.length;
  }

  int(value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, value, true);
    this.#push(bytes);
  }

  text(value: string): void {
    const bytes = encodeUtf8(value);
    this.int(bytes.length);
    this.#push(bytes);
  }

  /** The memory of a typed array, without its length: the reader knows it. */
  raw(array: Raw): void {
    this.#push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice());
  }
}

/** All chunks as one run of bytes. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
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
