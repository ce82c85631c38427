import type { Clock } from '../core/mod.ts';

/** Turns a growing counter into a rate over the last seconds. */
export interface Rate {
  /**
   * Takes the counter's value now and answers the rate per second; null before there is a span to measure.
   */
  update(counter: number): number | null;
}

const WINDOW_MS = 5000;
const STEP_MS = 500;

/** A rate over about five seconds. */
export function createRate(clock: Clock): Rate {
  const samples: { readonly atMs: number; readonly counter: number }[] = [];
  return {
    update: counter => {
      const atMs = clock.monotonicMs();
      const last = samples.at(-1);
      if (!last || atMs - last.atMs >= STEP_MS) samples.push({ atMs, counter });
      while (samples.length > 2 && samples[1]!.atMs < atMs - WINDOW_MS) samples.shift();
      const first = samples[0]!;
      const spanMs = atMs - first.atMs;
      return spanMs < STEP_MS ? null : Math.max(0, ((counter - first.counter) * 1000) / spanMs);
    },
  };
}
