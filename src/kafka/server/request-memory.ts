const SMALLEST_BITS = 14;
const LARGEST_BITS = 21;
/** Free memory beyond it goes to the garbage collector. */
const FREE_BYTES_MAX = 8 << 20;

/** Requests of so many bytes and more lie in memory that is used again, up to the largest kind. */
export const REUSED_BYTES_MIN = 4 << 10;
export const REUSED_BYTES_MAX = 1 << LARGEST_BITS;

/**
 * Memory of requests that is used again when they are answered, in kinds of powers of two. New memory for
 * each would be cleared by the system, and makes the garbage collector run over everything again and again.
 */
export class RequestMemory {
  readonly #free = new Map<number, ArrayBuffer[]>();
  #freeBytes = 0;
  #isUsed = false;

  /** At least so many bytes, with anything in them. */
  take(bytes: number): Uint8Array {
    this.#isUsed = true;
    const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(bytes - 1));
    const found = this.#free.get(bits)?.pop();
    if (found !== undefined) this.#freeBytes -= found.byteLength;
    return new Uint8Array(found ?? new ArrayBuffer(bits > LARGEST_BITS ? bytes : 1 << bits));
  }

  /** Nobody reads these bytes any more; those that are none of `take` are left alone. */
  give(bytes: Uint8Array): void {
    const buffer = bytes.buffer as ArrayBuffer;
    const bits = 31 - Math.clz32(buffer.byteLength);
    if (bits < SMALLEST_BITS || bits > LARGEST_BITS || this.#freeBytes >= FREE_BYTES_MAX) return;
    const kind = this.#free.get(bits);
    if (kind === undefined) this.#free.set(bits, [buffer]);
    else kind.push(buffer);
    this.#freeBytes += buffer.byteLength;
  }

  /** Lets go of what nobody used since the last call. */
  tick(): void {
    if (!this.#isUsed) {
      this.#free.clear();
      this.#freeBytes = 0;
    }
    this.#isUsed = false;
  }
}
