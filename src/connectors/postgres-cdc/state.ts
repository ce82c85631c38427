/**
 * What capture does next, decided without I/O. The loop in `capture.ts` carries an action out and comes back
 * with the
 * event it ended in.
 *
 *   connecting ─► snapshotRead ─► handoff ─► streamRead ─┐
 *       ▲  └───────────────────────────────────▲         │
 *       └──────────── retrying ◄── (any, broke) ◄────────┘     failed: only a person can help; stopped: asked
 * to
 */
export type Phase =
  | 'connecting'
  | 'snapshotRead'
  | 'handoff'
  | 'streamRead'
  | 'retrying'
  | 'failed'
  | 'stopped';

export interface CaptureState {
  readonly phase: Phase;
  /** Failures since the last progress: they lengthen the wait. */
  readonly failures: number;
}

/** How the initial read is done: with a new slot, again beside the slot that is there, or not at all. */
export type StartPlan = 'freshRead' | 'readAgain' | 'freshStream' | 'resume';

export type CaptureEvent =
  | { readonly kind: 'planned'; readonly plan: StartPlan }
  | { readonly kind: 'readCommitted' }
  | { readonly kind: 'streaming' }
  | { readonly kind: 'progressed' }
  | { readonly kind: 'broke'; readonly retry: boolean }
  | { readonly kind: 'waited' }
  | { readonly kind: 'stop' };

export type CaptureAction =
  | { readonly kind: 'connect' }
  | { readonly kind: 'read'; readonly plan: StartPlan }
  | { readonly kind: 'stream' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'end' };

export const INITIAL_STATE: CaptureState = { phase: 'connecting', failures: 0 };

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 5_000;

/** The wait before attempt `failures` + 1. */
export function retryDelayMs(failures: number): number {
  return Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(failures - 1, 20));
}

/** The transition. Events that a phase does not know leave it as it is. */
export function step(
  state: CaptureState,
  event: CaptureEvent,
): { readonly state: CaptureState; readonly action: CaptureAction } {
  const to = (phase: Phase, action: CaptureAction, failures = state.failures) => ({
    state: { phase, failures },
    action,
  });
  if (state.phase === 'stopped' || state.phase === 'failed') {
    return event.kind === 'stop' ? to('stopped', { kind: 'end' }) : { state, action: { kind: 'end' } };
  }
  switch (event.kind) {
    case 'stop':
      return to('stopped', { kind: 'end' });
    case 'broke': {
      const failures = state.failures + 1;
      if (!event.retry) return to('failed', { kind: 'end' }, failures);
      return to('retrying', { kind: 'wait', ms: retryDelayMs(failures) }, failures);
    }
    case 'planned':
      if (state.phase !== 'connecting') break;
      if (event.plan === 'resume') return to('handoff', { kind: 'stream' });
      return to('snapshotRead', { kind: 'read', plan: event.plan });
    case 'readCommitted':
      if (state.phase === 'snapshotRead') return to('handoff', { kind: 'stream' });
      break;
    case 'streaming':
      if (state.phase === 'handoff') return to('streamRead', { kind: 'none' });
      break;
    case 'progressed':
      if (state.phase === 'streamRead') return to('streamRead', { kind: 'none' }, 0);
      break;
    case 'waited':
      if (state.phase === 'retrying') return to('connecting', { kind: 'connect' });
      break;
  }
  return { state, action: { kind: 'none' } };
}

/** What is known when a session begins. */
export interface StartFacts {
  readonly mode: 'initial' | 'always' | 'never';
  readonly dropSlotOnStop: boolean;
  /** The log holds a position: the initial read, if any, was committed. */
  readonly hasPosition: boolean;
  readonly slotExists: boolean;
  /** This run has streamed or read already: `always` means once per run. */
  readonly startedBefore: boolean;
}

/** How to start; `slotLost` where changes are gone for good and only a person can decide. */
export function planStart(facts: StartFacts): StartPlan | 'slotLost' {
  if (facts.hasPosition && facts.slotExists) {
    return facts.mode === 'always' && !facts.startedBefore ? 'readAgain' : 'resume';
  }
  if (!facts.hasPosition) return facts.mode === 'never' ? 'freshStream' : 'freshRead';
  // The slot is gone: what happened meanwhile is lost, unless everything is read anew.
  if (facts.mode === 'always' || (facts.mode === 'initial' && facts.dropSlotOnStop)) return 'freshRead';
  return facts.dropSlotOnStop ? 'freshStream' : 'slotLost';
}
