import { unreachable } from '../../core/mod.ts';

/**
 * When checkpoints happen and in which order their steps go. Pure: the loop around it carries the effects
 * out.
 *
 * Invariants: 1. At most one checkpoint is under way. 2. Epoch n is committed only after it is stored, and
 * epoch n+1 begins only after n is committed. 3. Older checkpoints are discarded only after commit. 4.
 * Without
 * a change since the last barrier, nothing is due. 5. A request made while one is under way is answered by
 * the
 * next, because its own barrier has passed already.
 */
export interface CheckpointState {
  readonly phase: 'idle' | 'preparing' | 'storing' | 'committing' | 'stopped';
  /** Epoch of the checkpoint under way, or of the last one. */
  readonly epoch: number;
  /** Something changed since the last barrier. */
  readonly changed: boolean;
  /** The timer for the next checkpoint runs. */
  readonly scheduled: boolean;
  /** The timer rang while a checkpoint was under way. */
  readonly due: boolean;
  /** Requests that the checkpoint under way answers. */
  readonly serving: readonly number[];
  /** Requests that wait for the next barrier. */
  readonly waiting: readonly number[];
}

export type CheckpointEvent =
  | { readonly kind: 'changed' }
  | { readonly kind: 'due' }
  /** Someone waits for a checkpoint without being answered: it is due before its time. */
  | { readonly kind: 'wanted' }
  /** Asked for by name; answered even when nothing changed. */
  | { readonly kind: 'requested'; readonly request: number }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'stored' }
  | { readonly kind: 'committed' }
  | { readonly kind: 'stop' };

export type CheckpointEffect =
  /** Ring (`due`) after the interval. */
  | { readonly kind: 'schedule' }
  /** Put the barrier through the task and let the sinks prepare; then `prepared`. */
  | { readonly kind: 'prepare'; readonly epoch: number }
  /** Make it durable; then `stored`. */
  | { readonly kind: 'store'; readonly epoch: number }
  /** Let committers apply the staged output; then `committed`. */
  | { readonly kind: 'commit'; readonly epoch: number }
  | { readonly kind: 'discardBelow'; readonly epoch: number }
  | { readonly kind: 'answer'; readonly request: number; readonly epoch: number };

interface Decision {
  readonly state: CheckpointState;
  readonly effects: readonly CheckpointEffect[];
}

/** After a start (epoch 0) or a restore of `epoch`. */
export function initialCheckpointState(epoch: number): CheckpointState {
  return { phase: 'idle', epoch, changed: false, scheduled: false, due: false, serving: [], waiting: [] };
}

export function decideCheckpoint(state: CheckpointState, event: CheckpointEvent): Decision {
  if (state.phase === 'stopped') return { state, effects: [] };
  switch (event.kind) {
    case 'changed':
      return schedule({ ...state, changed: true });
    case 'due':
      return begin({ ...state, scheduled: false, due: state.changed });
    case 'wanted':
      return begin({ ...state, due: state.due || state.changed });
    case 'requested':
      return begin({ ...state, waiting: [...state.waiting, event.request] });
    case 'prepared':
      return step(state, 'storing', { kind: 'store', epoch: state.epoch });
    case 'stored':
      return step(state, 'committing', { kind: 'commit', epoch: state.epoch });
    case 'committed':
      return finish(state);
    case 'stop':
      return { state: { ...state, phase: 'stopped' }, effects: [] };
    default:
      return unreachable(event);
  }
}

function step(state: CheckpointState, phase: CheckpointState['phase'], effect: CheckpointEffect): Decision {
  return { state: { ...state, phase }, effects: [effect] };
}

function schedule(state: CheckpointState): Decision {
  const ring = state.changed && !state.scheduled && !state.due && state.phase === 'idle';
  return ring
    ? { state: { ...state, scheduled: true }, effects: [{ kind: 'schedule' }] }
    : { state, effects: [] };
}

function begin(state: CheckpointState): Decision {
  if (state.phase !== 'idle' || (!state.due && state.waiting.length === 0)) return { state, effects: [] };
  const epoch = state.epoch + 1;
  const next: CheckpointState = {
    ...state,
    phase: 'preparing',
    epoch,
    changed: false,
    due: false,
    serving: state.waiting,
    waiting: [],
  };
  return { state: next, effects: [{ kind: 'prepare', epoch }] };
}

function finish(state: CheckpointState): Decision {
  const { epoch } = state;
  const done: CheckpointEffect[] = [
    { kind: 'discardBelow', epoch },
    ...state.serving.map(request => ({ kind: 'answer' as const, request, epoch })),
  ];
  const idle: CheckpointState = { ...state, phase: 'idle', serving: [] };
  const begun = begin(idle);
  const next = begun.effects.length > 0 ? begun : schedule(idle);
  return { state: next.state, effects: [...done, ...next.effects] };
}
