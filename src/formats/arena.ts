/** Readable bytes behind the last record, for loads of whole words. */
const PADDING_BYTES = 128;

/** A load, and what is unescaped from it behind. */
const roomFor = (bytes: number): number => bytes * 5 + PADDING_BYTES;

/** Memory from outside that an arena may lie in, behind other things. */
export interface ArenaMemory {
  /** Where the arena begins. */
  readonly begin: number;
  /** All of it, with room for so many bytes of the arena; what was there stays. Earlier buffers are void. */
  withRoom(bytes: number): ArrayBuffer;
}

/**
 * The bytes that records are read from and that string columns point into: each load, then room for what is
 * unescaped from it. A record may be tried twice, each time taking less than twice its length (base64 is
 * unescaped, then decoded).
 */
export class ByteArena {
  u8 = new Uint8Array(0);
  dv = new DataView(this.u8.buffer);
  i32 = new Int32Array(0);
  /** Where the last load begins. */
  base = 0;
  /** Where room for more bytes begins. */
  side = 0;
  readonly #memory: ArenaMemory | null;
  readonly #begin: number;

  constructor(memory: ArenaMemory | null = null) {
    this.#memory = memory;
    this.#begin = memory?.begin ?? 0;
  }

  /** The begin, with room for a load of so many bytes: when they are put there, `load` does not copy them. */
  memory(bytes: number): Uint8Array {
    this.#reserve(this.#begin, bytes);
    return this.u8.subarray(this.#begin, this.#begin + bytes);
  }

  /** Put the bytes behind what is kept; `keep` is false when no row refers to earlier loads. */
  load(bytes: Uint8Array, keep: boolean): void {
    const base = keep ? (this.side + 3) & ~3 : this.#begin;
    this.#reserve(base, bytes.length);
    if (bytes.buffer !== this.u8.buffer || bytes.byteOffset !== base) this.u8.set(bytes, base);
    // Scans for a quote or a digit's end stop here even when a record is cut off.
    this.u8.fill(0, base + bytes.length, base + bytes.length + 8);
    this.base = base;
    this.side = base + bytes.length + 8;
  }

  /** Room for a load at `base`, what lies before it kept. */
  #reserve(base: number, bytes: number): void {
    const needed = base + roomFor(bytes);
    if (needed <= this.u8.length) return;
    const length = (Math.ceil(needed * 1.25) + 3) & ~3;
    if (this.#memory === null) {
      const old = this.u8;
      this.u8 = new Uint8Array(length);
      this.u8.set(old.subarray(0, base));
    } else this.u8 = new Uint8Array(this.#memory.withRoom(length));
    this.dv = new DataView(this.u8.buffer);
    this.i32 = new Int32Array(this.u8.buffer);
  }
}
