import { MillraceError } from '../../../core/mod.ts';

/** A pattern that tries more than this on one text is stopped: it would not end. */
const STEPS_MAX = 20_000_000;

/** The text a matcher works on, as UTF-8 bytes in `data[from, end)`, and what it has found so far. */
export class Subject {
  data: Uint8Array = new Uint8Array(0);
  from = 0;
  end = 0;
  /** Start and end of each group, group 0 first; -1 for none. */
  readonly groups: Int32Array;
  /** Where the expression, or a part tried by itself, ended. */
  matchEnd = 0;
  #steps = 0;

  constructor(groups: number) {
    this.groups = new Int32Array((groups + 1) * 2);
  }

  load(data: Uint8Array, from: number, length: number): void {
    this.data = data;
    this.from = from;
    this.end = from + length;
    this.#steps = 0;
  }

  /** Counts a try. */
  step(): void {
    if (++this.#steps <= STEPS_MAX) return;
    throw new MillraceError('EXPRESSION_FAILED', 'A regular expression tries too much on one text.');
  }

  /** The code point at a place before the end. */
  codeAt(at: number): number {
    const { data } = this;
    const lead = data[at]!;
    if (lead < 0x80) return lead;
    if (lead < 0xe0) return ((lead & 0x1f) << 6) | (data[at + 1]! & 0x3f);
    if (lead < 0xf0) return ((lead & 0x0f) << 12) | ((data[at + 1]! & 0x3f) << 6) | (data[at + 2]! & 0x3f);
    const high = ((lead & 0x07) << 18) | ((data[at + 1]! & 0x3f) << 12);
    return high | ((data[at + 2]! & 0x3f) << 6) | (data[at + 3]! & 0x3f);
  }

  /** The place behind the character at `at`. */
  after(at: number): number {
    const lead = this.data[at]!;
    return at + (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
  }

  /** The place of the character before `at`. */
  before(at: number): number {
    let place = at - 1;
    while (place > this.from && (this.data[place]! & 0xc0) === 0x80) place--;
    return place;
  }
}
