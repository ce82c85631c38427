/** Exponential delay, as Flink's restart strategy of that name. */
export interface RestartStrategy {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  /** Running this long without a failure forgets earlier ones. */
  readonly resetMs: number;
}

/** What the next decision needs to know of earlier failures. */
export interface RestartState {
  readonly delayMs: number;
  readonly failures: number;
}

/** How long to wait before the next start, after a failure of a job that ran for `ranMs`. */
export function nextRestart(
  strategy: RestartStrategy,
  state: RestartState | null,
  ranMs: number,
): RestartState {
  if (state === null || ranMs >= strategy.resetMs) {
    return { delayMs: strategy.initialMs, failures: (state?.failures ?? 0) + 1 };
  }
  return {
    delayMs: Math.min(strategy.maxMs, state.delayMs * strategy.multiplier),
    failures: state.failures + 1,
  };
}
