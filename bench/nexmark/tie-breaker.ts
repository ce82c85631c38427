/**
 * Keeps the data free of ties, so that every query has one answer: no auction gets the same price twice,
 * no bidder bids twice for an auction in one millisecond.
 */
export class TieBreaker {
  /** By auction modulo SLOTS: which auction it is, how many prices, and an open-addressing set of them. */
  readonly #auctions = new Float64Array(SLOTS).fill(-1);
  readonly #sets: (Int32Array | undefined)[] = new Array(SLOTS);
  readonly #sizes = new Int32Array(SLOTS);
  #nowMs = -1;
  #pairs = new Float64Array(64);
  #pairCount = 0;

  /** The price itself, or the next above it that the auction has not had. */
  price(auction: number, price: number): number {
    const slot = auction % SLOTS;
    let set = this.#sets[slot];
    if (this.#auctions[slot] !== auction || set === undefined) {
      this.#auctions[slot] = auction;
      this.#sizes[slot] = 0;
      if (set === undefined) this.#sets[slot] = set = new Int32Array(256);
      else set.fill(0);
    }
    if (this.#sizes[slot]! * 2 > set.length) this.#sets[slot] = set = grown(set);
    let free = price;
    while (!add(set, free)) free++;
    this.#sizes[slot] = this.#sizes[slot]! + 1;
    return free;
  }

  /** The bidder itself, or the next person who does not bid for the auction in this millisecond. */
  bidder(ms: number, auction: number, bidder: number): number {
    if (ms !== this.#nowMs) {
      this.#nowMs = ms;
      this.#pairCount = 0;
    }
    let free = bidder;
    while (this.#has(auction * 4_194_304 + free)) free++;
    if (this.#pairCount === this.#pairs.length) {
      const pairs = new Float64Array(this.#pairs.length * 2);
      pairs.set(this.#pairs);
      this.#pairs = pairs;
    }
    this.#pairs[this.#pairCount++] = auction * 4_194_304 + free;
    return free;
  }

  #has(pair: number): boolean {
    for (let i = 0; i < this.#pairCount; i++) if (this.#pairs[i] === pair) return true;
    return false;
  }
}

/** More auctions than are ever bid for at the same time. */
const SLOTS = 512;

/** False when the set has the value (above 0) already. */
function add(set: Int32Array, value: number): boolean {
  const mask = set.length - 1;
  let at = Math.imul(value, 0x9e3779b1) >>> 8;
  for (at &= mask; set[at] !== 0; at = (at + 1) & mask) if (set[at] === value) return false;
  set[at] = value;
  return true;
}

function grown(set: Int32Array): Int32Array {
  const larger = new Int32Array(set.length * 2);
  for (const value of set) if (value !== 0) add(larger, value);
  return larger;
}
