/** Somebody who holds bytes of the shared memory: a connection. */
export interface MemoryHolder {
  /** What it holds now. */
  readonly heldBytes: number;
  /** True where it waits for its peer: for the rest of a request, or to take an answer. */
  readonly isStuck: boolean;
  /** There is room again, or it is this one's turn to go on although there is none. */
  resume(): void;
  /** Gives back everything. */
  shed(why: string): void;
}

/** So much everybody may hold whenever it likes: small requests pass also when large ones have to wait. */
export const HELD_BYTES_FREE = 64 << 10;
/** How long a holder whose turn it is may keep the others waiting. */
const TURN_MS_MAX = 2_000;
const TURN_BYTES_PER_MS_MIN = 10_000;

/**
 * The bytes that all connections hold together: requests arrived, under way, and answers not taken yet. Above
 * the bound nobody with more than `HELD_BYTES_FREE` reads on. Where all the memory lies with holders that
 * wait for their peers, one after the other has its turn to go on, and is shed when its peer lets it pass: a
 * slow or hostile client costs the others moments, and never their connection.
 */
export class SharedMemory {
  readonly #bytesMax: number;
  #bytes = 0;
  readonly #waiting = new Set<MemoryHolder>();
  #turn: { readonly holder: MemoryHolder; readonly endMs: number } | null = null;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What all hold. */
  get bytes(): number {
    return this.#bytes;
  }

  get isShort(): boolean {
    return this.#bytes >= this.#bytesMax;
  }

  /** True where this holder has to wait before it takes more. */
  mustWait(holder: MemoryHolder): boolean {
    return this.isShort && holder.heldBytes > HELD_BYTES_FREE && this.#turn?.holder !== holder;
  }

  /** Some bytes were taken, or given back (negative). Never refuses. */
  change(bytes: number): void {
    const wasShort = this.isShort;
    this.#bytes += bytes;
    if (!wasShort || this.isShort) return;
    const resumed = [...this.#waiting];
    this.#waiting.clear();
    for (const holder of resumed) holder.resume();
  }

  /** The holder is resumed when there is room, or when it is its turn. */
  wait(holder: MemoryHolder): void {
    this.#waiting.add(holder);
  }

  /** The holder is gone. */
  forget(holder: MemoryHolder): void {
    this.#waiting.delete(holder);
    if (this.#turn?.holder === holder) this.#turn = null;
  }

  /** To be called every second or so: sees to it that short memory does not stay short. */
  tick(nowMs: number, holders: Iterable<MemoryHolder>): void {
    if (!this.isShort) {
      this.#turn = null;
      return;
    }
    if (this.#turn !== null && !this.#turn.holder.isStuck) this.#turn = null;
    if (this.#turn !== null && nowMs < this.#turn.endMs) return;
    this.#turn?.holder.shed('it kept memory that others wait for');
    this.#turn = null;
    const next = largestStuck(holders);
    if (next === null) return;
    this.#turn = { holder: next, endMs: nowMs + TURN_MS_MAX + next.heldBytes / TURN_BYTES_PER_MS_MIN };
    this.#waiting.delete(next);
    next.resume();
  }
}

function largestStuck(holders: Iterable<MemoryHolder>): MemoryHolder | null {
  let largest: MemoryHolder | null = null;
  for (const holder of holders) {
    if (!holder.isStuck || holder.heldBytes <= HELD_BYTES_FREE) continue;
    if (largest === null || holder.heldBytes > largest.heldBytes) largest = holder;
  }
  return largest;
}
