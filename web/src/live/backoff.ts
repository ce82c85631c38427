const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * The wait before attempt `attempt` (0 is the first), doubling to 10 s; `random` in [0, 1) spreads it by ±20
 * %.
 */
export function backoffMs(attempt: number, random: number): number {
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(base * (0.8 + 0.4 * random));
}
