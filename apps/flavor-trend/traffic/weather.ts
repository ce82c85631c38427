import { type Rng, seededRng } from 'millrace/app';

/** The eight states of the sky, and how often each is drawn. */
const STATES = ['Sunny', 'Cloudy', 'Rainy', 'Hot', 'Windy', 'Fog', 'Stormy', 'Sandstorms'] as const;
const WEIGHTS = [0.3, 0.2, 0.15, 0.12, 0.1, 0.05, 0.04, 0.04];

/** Extra delivery minutes and the chance of a cancelled order. */
const EFFECTS: Readonly<
  Record<string, { readonly minutes: readonly [number, number]; readonly cancel: number }>
> = {
  Rainy: { minutes: [10, 15], cancel: 0.2 },
  Windy: { minutes: [8, 12], cancel: 0.15 },
  Fog: { minutes: [5, 10], cancel: 0.1 },
  Stormy: { minutes: [15, 20], cancel: 0.25 },
  Sandstorms: { minutes: [12, 18], cancel: 0.18 },
};
const CANCEL_BASE = 0.1;

/**
 * The one truth about the weather: of a city at an instant. It changes with each cycle and depends on the
 * seed
 * alone, so orders and the weather table agree without asking each other.
 */
export function weatherAt(
  seed: number,
  cityId: number,
  atMs: number,
  cycleMs: number,
  forcedRain: boolean,
): string {
  if (forcedRain) return 'Rainy';
  const cycle = Math.floor(atMs / cycleMs);
  const rng = seededRng(seed).fork(`weather ${cityId} ${cycle}`);
  return STATES[rng.weighted(WEIGHTS)] as string;
}

/** Extra minutes drawn for the weather, 0 for a harmless one. */
export function extraMinutes(rng: Rng, weather: string): number {
  const effect = EFFECTS[weather];
  return effect ? rng.int(effect.minutes[0], effect.minutes[1]) : 0;
}

export const cancelChance = (weather: string): number => EFFECTS[weather]?.cancel ?? CANCEL_BASE;
