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

/** Orders per minute at an instant: more in rush hours and at weekends, in the application's time zone. */
export function rateAt(settings: TrafficSettings, atMs: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: settings.timeZone,
    hour: 'numeric',
    weekday: 'short',
    hour12: false,
  }).formatToParts(atMs);
  const part = (type: string): string => parts.find(found => found.type === type)?.value ?? '';
  const hour = Number(part('hour')) % 24;
  const isRush = settings.rushHours.some(([from, to]) => hour >= from && hour < to);
  const isWeekend = ['Sat', 'Sun'].includes(part('weekday'));
  return settings.ratePerMin * (isRush ? settings.rushFactor : 1) * (isWeekend ? settings.weekendFactor : 1);
}
