import { type Schema, withSchema } from '../../core/mod.ts';
import { MIN_WATERMARK, type Operator, type OperatorContext } from './operator.ts';

/** Several inputs become one. The watermark is the inputs' minimum. */
export function openUnion(inputs: number, schema: Schema, context: OperatorContext): Operator {
  const watermarks = new MinWatermark(inputs);
  return {
    onBatch: batch => context.output.emit(withSchema(batch, schema)),
    onWatermark: (ms, input) => {
      const combined = watermarks.advance(input, ms);
      if (combined !== null) context.output.watermark(combined);
    },
  };
}

/** The minimum over several inputs' watermarks. */
export class MinWatermark {
  readonly #inputs: Float64Array;
  #current = MIN_WATERMARK;

  constructor(inputs: number) {
    this.#inputs = new Float64Array(inputs).fill(MIN_WATERMARK);
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
