import { MAX_WATERMARK, MIN_WATERMARK } from '../operators/mod.ts';

/** What a valve tells: watermarks by input, and whether all inputs are idle. */
export interface ValveOutput {
  watermark(ms: number, input: number): void;
  idle(isIdle: boolean): void;
}

/**
 * Stands in front of whoever takes several inputs, each with its own event time. An input that is idle holds
 * nobody back: it counts as being where the slowest active one is. When all are idle, event time is where the
 * furthest has come. Watermarks of an input never go back.
 */
export class WatermarkValve {
  readonly #output: ValveOutput;
  readonly #reached: Float64Array;
  readonly #told: Float64Array;
  readonly #idle: Uint8Array;
  #allIdle = false;

  constructor(inputs: number, output: ValveOutput) {
    this.#output = output;
    this.#reached = new Float64Array(inputs).fill(MIN_WATERMARK);
    this.#told = new Float64Array(inputs).fill(MIN_WATERMARK);
    this.#idle = new Uint8Array(inputs);
  }

  watermark(ms: number, input: number): void {
    if (ms > this.#reached[input]!) this.#reached[input] = ms;
    this.#tell(input, ms);
    this.#lift();
    this.#tellIdle();
  }

  idle(isIdle: boolean, input: number): void {
    if ((this.#idle[input] === 1) === isIdle) return;
    this.#idle[input] = isIdle ? 1 : 0;
    if (!isIdle) this.#tellIdle();
    this.#lift();
    this.#tellIdle();
  }

  /** Inputs that have ended say nothing about how far the others are. */
  #open(): number[] {
    return [...this.#idle.keys()].filter(input => this.#reached[input] !== MAX_WATERMARK);
  }

  #tellIdle(): void {
    if (!this.#allIdle && !this.#idle.includes(1)) return;
    const open = this.#open();
    const allIdle = open.length > 0 && open.every(input => this.#idle[input] === 1);
    if (allIdle === this.#allIdle) return;
    this.#allIdle = allIdle;
    this.#output.idle(allIdle);
  }

  /** Take the idle inputs along. */
  #lift(): void {
    if (!this.#idle.includes(1)) return;
    const open = this.#open();
    const reached = (inputs: readonly number[]) => inputs.map(input => this.#reached[input]!);
    const active = reached(open.filter(input => this.#idle[input] === 0));
    const target = active.length > 0 ? Math.min(...active) : Math.max(...reached(open));
    for (const input of open) if (this.#idle[input] === 1) this.#tell(input, target);
  }

  #tell(input: number, ms: number): void {
    if (ms <= this.#told[input]!) return;
    this.#told[input] = ms;
    this.#output.watermark(ms, input);
  }
}
