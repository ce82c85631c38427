import { durationMs } from '../../plan/mod.ts';
import type { RestartStrategy } from '../../state/mod.ts';

/** As Flink's exponential delay, with short delays: the peers are on this machine. */
const DEFAULT: RestartStrategy = {
  kind: 'exponential-delay',
  ...{ initialMs: 50, maxMs: 5000, multiplier: 2, resetMs: 10_000, jitter: 0, attempts: Infinity },
};

/** The strategy that the options name, with Flink's defaults for what they leave out. */
export function restartStrategyOf(options: Readonly<Record<string, string>>): RestartStrategy {
  const type = options['restart-strategy.type']?.toLowerCase();
  const text = (key: string): string | undefined => options[`restart-strategy.${key}`];
  const number = (key: string, otherwise: number): number => Number(text(key) ?? otherwise);
  const ms = (key: string, otherwise: number): number => {
    const given = text(key);
    return given === undefined ? otherwise : durationMs(given);
  };
  switch (type) {
    case 'none':
    case 'off':
    case 'disable':
      return { kind: 'none' };
    case 'fixed-delay':
    case 'fixeddelay':
      return {
        kind: 'fixed-delay',
        attempts: number('fixed-delay.attempts', 1),
        delayMs: ms('fixed-delay.delay', 1000),
      };
    case 'failure-rate':
    case 'failurerate':
      return {
        kind: 'failure-rate',
        failures: number('failure-rate.max-failures-per-interval', 1),
        intervalMs: ms('failure-rate.failure-rate-interval', 60_000),
        delayMs: ms('failure-rate.delay', 1000),
      };
    case 'exponential-delay':
    case 'exponentialdelay':
      return {
        kind: 'exponential-delay',
        initialMs: ms('exponential-delay.initial-backoff', 1000),
        maxMs: ms('exponential-delay.max-backoff', 60_000),
        multiplier: number('exponential-delay.backoff-multiplier', 1.5),
        resetMs: ms('exponential-delay.reset-backoff-threshold', 3_600_000),
        jitter: number('exponential-delay.jitter-factor', 0.1),
        attempts: number('exponential-delay.attempts-before-reset-backoff', Infinity),
      };
    default:
      return DEFAULT;
  }
}
