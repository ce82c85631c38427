/** As much as clients ask of a partition by default. */
const BUFFER_BYTES = 1 << 20;
/** More are out at the same time only in memory of their own: slow clients must not pile up whole buffers. */
const BUFFERS_MAX = 8;
/** With less room than this another buffer is begun. */
const ROOM_BYTES_MIN = 64 << 10;

/**
 * Memory that answers to Fetch are read into again and again. New memory for each would be cleared by the
 * system, and collected by the garbage collector, at more cost than the reading itself.
 */
export class ReadMemory {
  readonly #free: Uint8Array[] = [];
  #out = 0;
  #isUsed = false;

  /** A buffer, null where enough are out. */
  take(): Uint8Array | null {
    if (this.#out >= BUFFERS_MAX) return null;
    this.#out++;
    this.#isUsed = true;
    return this.#free.pop() ?? new Uint8Array(BUFFER_BYTES);
  }

  /** Back again; it may be overwritten where nobody can be reading it any more. */
  give(buffer: Uint8Array, mayBeOverwritten: boolean): void {
    this.#out--;
    if (mayBeOverwritten) this.#free.push(buffer);
  }

  /** Lets go of what nobody used since the last call. */
  tick(): void {
    if (!this.#isUsed) this.#free.length = 0;
    this.#isUsed = false;
  }
}

/** The buffers of one answer. */
export class ReadLease {
  readonly #memory: ReadMemory;
  readonly #buffers: Uint8Array[] = [];
  readonly #hold: (bytes: number) => void;
  #used = 0;
  #held = 0;

  /** `hold` is told how many bytes more (or fewer, negative) are held for an answer that is not made yet. */
  constructor(memory: ReadMemory, hold: (bytes: number) => void) {
    this.#memory = memory;
    this.#hold = hold;
  }

  /** Where to read to; undefined: where the log likes. */
  room(): Uint8Array | undefined {
    const last = this.#buffers.at(-1);
    if (last !== undefined && last.length - this.#used >= ROOM_BYTES_MIN) return last.subarray(this.#used);
    const next = this.#memory.take();
    if (next === null) return undefined;
    this.#buffers.push(next);
    this.#used = 0;
    return next;
  }

  /** What was read, maybe into the room. */
  took(bytes: Uint8Array): void {
    this.#held += bytes.length;
    this.#hold(bytes.length);
    const last = this.#buffers.at(-1);
    if (last === undefined) return;
    if (bytes.buffer === last.buffer) this.#used += bytes.length;
    if (this.#used > 0) return;
    // Nothing lies in it: others may need it while this answer waits for more.
    this.#buffers.pop();
    this.#memory.give(last, true);
    this.#used = BUFFER_BYTES;
  }

  /** The answer is made: whoever sends it counts its bytes from now on. */
  made(): void {
    this.#hold(-this.#held);
    this.#held = 0;
  }

  /** The answer is gone; with `isSent` nobody reads the buffers any more. */
  end(isSent: boolean): void {
    this.made();
    for (const buffer of this.#buffers.splice(0)) this.#memory.give(buffer, isSent);
  }
}
