/** The least that is taken, and the sizes are its doubles: what one batch needed fits others. */
const LEAST_BYTES = 1 << 14;
/** Free memory that a task keeps. */
const KEPT_BYTES_MAX = 8 << 20;

/**
 * Memory of rows between tasks, used again: a task that works off what others send uses its memory for what
 * it
 * sends itself. Memory made anew for each batch would be cleared, and make the collector run.
 */
export class WireMemory {
  /** By size. */
  readonly #free = new Map<number, ArrayBuffer[]>();
  #kept = 0;

  take(bytes: number): ArrayBuffer {
    let size = LEAST_BYTES;
    while (size < bytes) size *= 2;
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return new ArrayBuffer(size);
    this.#kept -= size;
    return free;
  }

  /** Nobody reads it any more. */
  giveBack(memory: ArrayBuffer): void {
    const size = memory.byteLength;
    if (this.#kept + size > KEPT_BYTES_MAX) return;
    this.#kept += size;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [memory]);
    else free.push(memory);
  }
}
