import { expect, test } from 'vitest';
import { restartStrategyOf } from '../../../src/engine/job/restart-strategy.ts';
import {
  type Failure,
  nextRestart,
  type RestartState,
  type RestartStrategy,
} from '../../../src/state/mod.ts';

/** The delays that a strategy gives after failures one after the other; null where it gives up. */
function delays(strategy: RestartStrategy, failures: readonly Failure[]): (number | null)[] {
  let state: RestartState | null = null;
  return failures.map(failure => {
    state = nextRestart(strategy, state, failure);
    return state === null ? null : state.delayMs;
  });
}
const quick = (count: number): Failure[] =>
  Array.from({ length: count }, (_, i) => ({ atMs: i * 10, ranMs: 10 }));
const named = (type: string, more: Record<string, string> = {}): RestartStrategy =>
  restartStrategyOf({ 'restart-strategy.type': type, ...more });

test('without a strategy, restarts wait longer each time and forget after a quiet run', () => {
  const failures = [...quick(9), { atMs: 60_000, ranMs: 20_000 }];
  expect(delays(restartStrategyOf({}), failures)).toEqual([
    50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 50,
  ]);
});

test('none and its other names never restart', () => {
  for (const name of ['none', 'off', 'disable', 'NONE'])
    expect(delays(named(name), quick(1))).toEqual([null]);
});

test('a fixed delay gives up after its attempts: one, where nobody says', () => {
  expect(delays(named('fixed-delay'), quick(2))).toEqual([1000, null]);
  const more = { 'restart-strategy.fixed-delay.attempts': '3', 'restart-strategy.fixed-delay.delay': '2 s' };
  expect(delays(named('fixed-delay', more), quick(4))).toEqual([2000, 2000, 2000, null]);
});

test('a failure rate gives up at as many failures within the interval', () => {
  const strategy = named('failure-rate', {
    'restart-strategy.failure-rate.max-failures-per-interval': '3',
    'restart-strategy.failure-rate.failure-rate-interval': '1 min',
    'restart-strategy.failure-rate.delay': '5 ms',
  });
  expect(delays(strategy, quick(3))).toEqual([5, 5, null]);
  const slow = [0, 50_000, 100_000, 150_000, 155_000].map(atMs => ({ atMs, ranMs: 1 }));
  expect(delays(strategy, slow)).toEqual([5, 5, 5, 5, null]);
});

test('an exponential delay grows by its factor, within its jitter, up to its limits', () => {
  const strategy = named('exponential-delay', {
    'restart-strategy.exponential-delay.max-backoff': '3 s',
    'restart-strategy.exponential-delay.attempts-before-reset-backoff': '4',
  });
  const given = delays(strategy, quick(5));
  expect(given[4]).toBe(null);
  [1000, 1500, 2250, 3000].forEach((plain, i) => {
    expect(given[i]).toBeGreaterThanOrEqual(plain * 0.9);
    expect(given[i]).toBeLessThanOrEqual(Math.min(3000, plain * 1.1));
  });
});
