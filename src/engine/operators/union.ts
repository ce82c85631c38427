import { type Schema, withSchema } from '../../core/mod.ts';
import { least, type StateTables } from '../../state/mod.ts';
import { MAX_WATERMARK, MIN_WATERMARK, type Operator, type OperatorContext } from './operator.ts';

/** Several inputs become one. The watermark is the inputs' minimum. */
export function openUnion(inputs: number, schema: Schema, context: OperatorContext): Operator {
  const watermarks = new MinWatermark(inputs, context.state);
  return {
    onBatch: batch => context.output.emit(withSchema(batch, schema)),
    onWatermark: (ms, input) => {
      const combined = watermarks.advance(input, ms);
      if (combined !== null) context.output.watermark(combined);
    },
  };
}

/**
 * The minimum over several inputs' watermarks. It is kept in the state and never goes back: an input that was
 * idle, and so held nobody back, may begin from behind after a restore.
 */
export class MinWatermark {
  readonly #inputs: Float64Array;
  #current = MIN_WATERMARK;

  constructor(inputs: number, state: StateTables) {
    this.#inputs = new Float64Array(inputs).fill(MIN_WATERMARK);
    state.value('least watermark', {
      read: () => this.#current,
      restore: value => {
        // Inputs that have ended say so again, and one that has more by now has not ended.
        if (value === MAX_WATERMARK) return;
        this.#current = value as number;
        this.#inputs.fill(this.#current);
      },
      merge: least,
    });
  }

  /** Where it is. */
  get current(): number {
    return this.#current;
  }

  /** The new minimum, or null when it did not move. */
  advance(input: number, ms: number): number | null {
    this.#inputs[input] = Math.max(this.#inputs[input]!, ms);
    const least = Math.min(...this.#inputs);
    if (least <= this.#current) return null;
    this.#current = least;
    return least;
  }
}
