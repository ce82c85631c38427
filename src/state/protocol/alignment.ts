import { assert } from '../../core/assert.ts';

/**
 * When a stage of a task may save its state: once the barrier of an epoch has come on each of its inputs. An
 * input whose barrier has come is blocked until then, so that no row behind the barrier is in the state.
 *
 * Invariants: 1. Barriers of one epoch only are under way. 2. An input gives one barrier per epoch. 3. After
 * the last one nothing is blocked.
 */
export interface AlignmentState {
  readonly inputs: number;
  /** The epoch under way, null between checkpoints. */
  readonly epoch: number | null;
  /** Inputs whose barrier has come; they are blocked. */
  readonly arrived: ReadonlySet<number>;
}

export function initialAlignment(inputs: number): AlignmentState {
  return { inputs, epoch: null, arrived: new Set() };
}

/** The barrier of `epoch` has come on `input`. `aligned`: it was the last one. */
export function decideAlignment(
  state: AlignmentState,
  input: number,
  epoch: number,
): { readonly state: AlignmentState; readonly aligned: boolean } {
  assert(state.epoch === null || state.epoch === epoch, 'barriers of one epoch are under way at a time');
  assert(!state.arrived.has(input), 'an input gives one barrier per epoch');
  const arrived = new Set([...state.arrived, input]);
  if (arrived.size < state.inputs) return { state: { ...state, epoch, arrived }, aligned: false };
  return { state: initialAlignment(state.inputs), aligned: true };
}
