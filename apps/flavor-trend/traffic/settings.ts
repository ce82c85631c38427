import type { GeneratorContext } from 'millrace/app';

/** The application's parameters, checked. */
export interface TrafficSettings {
  readonly seed: number;
  readonly ratePerMin: number;
  readonly rushFactor: number;
  readonly rushHours: readonly (readonly [number, number])[];
  readonly weekendFactor: number;
  readonly reviewShare: number;
  readonly postIntervalMs: number;
  readonly positivePostShare: number;
  readonly userIntervalMs: number;
  readonly weatherIntervalMs: number;
  readonly flagsIntervalMs: number;
  readonly backfillMs: number;
  readonly ordersMax: number;
  readonly timeZone: string;
  /** `hourly` follows the hours of the day and festivals; `plain` knows rush hours and weekends. */
  readonly profile: 'plain' | 'hourly';
}

export function trafficSettings({
  parameters,
  timeZone,
}: Pick<GeneratorContext, 'parameters' | 'timeZone'>): TrafficSettings {
  const number = (name: string): number => {
    const value = Number(parameters[name]);
    if (!Number.isFinite(value) || value < 0)
      throw new Error(`parameter ${name} = ${parameters[name]}: expected a number ≥ 0`);
    return value;
  };
  return {
    seed: number('seed'),
    ratePerMin: number('rate'),
    rushFactor: number('rush_factor'),
    rushHours: parseHours(String(parameters.rush_hours)),
    weekendFactor: number('weekend_factor'),
    reviewShare: number('review_share'),
    postIntervalMs: number('post_interval_s') * 1000,
    positivePostShare: number('positive_post_share'),
    userIntervalMs: number('user_interval_s') * 1000,
    weatherIntervalMs: number('weather_interval_s') * 1000,
    flagsIntervalMs: number('flags_interval_s') * 1000,
    backfillMs: number('backfill_minutes') * 60_000,
    ordersMax: number('orders_max'),
    timeZone,
    profile: parameters.profile === 'hourly' ? 'hourly' : 'plain',
  };
}

function parseHours(text: string): [number, number][] {
  return text.split(',').map(part => {
    const match = /^\s*(\d{1,2})-(\d{1,2})\s*$/.exec(part);
    if (!match)
      throw new Error(`parameter rush_hours: expected like 12-14,19-21, found ${JSON.stringify(part)}`);
    return [Number(match[1]), Number(match[2])];
  });
}

/**
 * FT-287's second profile: nearly nothing at night, lunch and evening above the rest, festivals above all.
 */
const HOURLY = { night: 0.1, lunch: 1.2, evening: 1.4, festival: 1.5 };

function hourlyFactor(hour: number): number {
  if (hour < 8) return HOURLY.night;
  if (hour >= 12 && hour < 14) return HOURLY.lunch;
  return hour >= 18 && hour < 22 ? HOURLY.evening : 1;
}

/**
 * Orders per minute at an instant, in the application's time zone: more in rush hours and at weekends.
 * `festivals` are
 * days as `MM-DD`, on which the hourly profile has more.
 */
export function rateAt(
  settings: TrafficSettings,
  atMs: number,
  festivals: ReadonlySet<string> = new Set(),
): number {
  const { hour, isWeekend, monthDay } = localParts(settings.timeZone, atMs);
  const { ratePerMin, rushHours } = settings;
  const weekend = isWeekend ? settings.weekendFactor : 1;
  if (settings.profile === 'hourly') {
    return ratePerMin * hourlyFactor(hour) * weekend * (festivals.has(monthDay) ? HOURLY.festival : 1);
  }
  const isRush = rushHours.some(([from, to]) => hour >= from && hour < to);
  return ratePerMin * (isRush ? settings.rushFactor : 1) * weekend;
}

/** Making a formatter takes longer than an order. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function localParts(timeZone: string, atMs: number) {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone, hour: 'numeric', weekday: 'short', month: '2-digit', day: '2-digit', hour12: false },
    });
    formatters.set(timeZone, formatter);
  }
  const parts = formatter.formatToParts(atMs);
  const part = (type: string): string => parts.find(found => found.type === type)?.value ?? '';
  return {
    hour: Number(part('hour')) % 24,
    isWeekend: ['Sat', 'Sun'].includes(part('weekday')),
    monthDay: `${part('month')}-${part('day')}`,
  };
}
