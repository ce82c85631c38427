import { unreachable } from '../../core/assert.ts';
import { seededRng } from '../../core/rng.ts';

/** What happens after a failure: Flink's restart strategies. */
export type RestartStrategy =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed-delay'; readonly attempts: number; readonly delayMs: number }
  /** Fails for good at the `failures`-th failure within the interval. */
  | {
      readonly kind: 'failure-rate';
      readonly failures: number;
      readonly intervalMs: number;
      readonly delayMs: number;
    }
  | ExponentialDelay;

export interface ExponentialDelay {
  readonly kind: 'exponential-delay';
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  /** Running this long without a failure forgets earlier ones. */
  readonly resetMs: number;
  /** Share of the delay that it is made longer or shorter by, at most. */
  readonly jitter: number;
  /** Failures between two quiet runs that the job may have; infinite where nobody says. */
  readonly attempts: number;
}

/** What the next decision needs to know of earlier failures. */
export interface RestartState {
  readonly delayMs: number;
  /** Since the start, or since the last quiet run. */
  readonly failures: number;
  /** When the last ones were. */
  readonly failedAtMs: readonly number[];
}

/** A failure: when, and how long the job had run. */
export interface Failure {
  readonly atMs: number;
  readonly ranMs: number;
}

/** How long to wait before the next start; null when there is none. */
export function nextRestart(
  strategy: RestartStrategy,
  state: RestartState | null,
  failure: Failure,
): RestartState | null {
  const failures = (state?.failures ?? 0) + 1;
  switch (strategy.kind) {
    case 'none':
      return null;
    case 'fixed-delay':
      return failures > strategy.attempts ? null : { delayMs: strategy.delayMs, failures, failedAtMs: [] };
    case 'failure-rate': {
      const failedAtMs = [...(state?.failedAtMs ?? []), failure.atMs].slice(-strategy.failures);
      const tooMany =
        failedAtMs.length === strategy.failures && failure.atMs - failedAtMs[0]! <= strategy.intervalMs;
      return tooMany ? null : { delayMs: strategy.delayMs, failures, failedAtMs };
    }
    case 'exponential-delay':
      return afterExponential(strategy, state, failure);
    default:
      return unreachable(strategy);
  }
}

function afterExponential(
  strategy: ExponentialDelay,
  state: RestartState | null,
  { ranMs }: Failure,
): RestartState | null {
  const { initialMs, maxMs, multiplier, jitter, attempts } = strategy;
  const before = state === null || ranMs >= strategy.resetMs ? null : state;
  const failures = (before?.failures ?? 0) + 1;
  if (failures > attempts) return null;
  const plainMs = Math.min(maxMs, initialMs * multiplier ** (failures - 1));
  const spread = jitter * (2 * seededRng(failures).next() - 1);
  return { delayMs: Math.min(maxMs, plainMs * (1 + spread)), failures, failedAtMs: [] };
}
