import { MAX_WATERMARK, MIN_WATERMARK, type Output } from './operator.ts';

/**
 * The rows since a mini-batch began whose changes have not left. Event time that comes meanwhile goes on
 * behind them. It ends by itself with as many rows as are allowed, and with the input.
 */
export class MiniBatch {
  readonly #output: Output;
  readonly #maxRows: number;
  readonly #send: () => void;
  #rows = 0;
  #held = MIN_WATERMARK;

  /** `send` lets the changes leave. */
  constructor(output: Output, maxRows: number, send: () => void) {
    this.#output = output;
    this.#maxRows = maxRows;
    this.#send = send;
  }

  /** How many rows may come before it is full. */
  get room(): number {
    return this.#maxRows - this.#rows;
  }

  /** Rows have been taken. */
  took(rows: number): void {
    this.#rows += rows;
    if (this.#rows >= this.#maxRows) this.finish();
  }

  watermark(ms: number): void {
    if (this.#rows === 0) {
      this.#output.watermark(ms);
      return;
    }
    this.#held = ms;
    if (ms === MAX_WATERMARK) this.finish();
  }

  /** Changes leave now, and event time behind them. */
  finish(): void {
    if (this.#rows === 0) return;
    this.#rows = 0;
    this.#send();
    const ms = this.#held;
    this.#held = MIN_WATERMARK;
    if (ms > MIN_WATERMARK) this.#output.watermark(ms);
  }
}
