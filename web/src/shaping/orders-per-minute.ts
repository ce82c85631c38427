import type { ViewRow } from '../../../src/live/protocol.ts';
import { MINUTE_MS, num, text } from './values.ts';

export interface MinuteSeries {
  /** Starts of the minutes, epoch ms, ascending without holes. */
  readonly startsMs: readonly number[];
  /** Orders of all chosen cities; null where no window of that minute has closed: a gap, not a zero. */
  readonly total: readonly (number | null)[];
  /** Per minute, the cities with their orders, most first. */
  readonly cities: readonly (readonly CityCount[])[];
}
export interface CityCount {
  readonly city: string;
  readonly count: number;
  readonly avgMin: number | null;
}

/**
 * The last `minutes` minutes that may have closed by `nowMs`. A city without a row in a minute in which other
 * cities have one completed nothing (0); a minute in which nobody has a row is not known.
 */
export function minuteSeries(
  rows: readonly ViewRow[],
  nowMs: number,
  city: string | null = null,
  minutes = 60,
): MinuteSeries {
  const lastMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
  const firstMs = lastMs - (minutes - 1) * MINUTE_MS;
  const startsMs = Array.from({ length: minutes }, (_, index) => firstMs + index * MINUTE_MS);
  const total: (number | null)[] = startsMs.map(() => null);
  const cities: CityCount[][] = startsMs.map(() => []);
  for (const row of rows) {
    const startMs = num(row, 'window_start');
    const count = num(row, 'order_count');
    if (startMs === null || count === null) continue;
    const index = Math.round((startMs - firstMs) / MINUTE_MS);
    if (index < 0 || index >= minutes) continue;
    const name = text(row, 'city_name') ?? 'unknown';
    const chosen = city === null || name === city;
    total[index] = (total[index] ?? 0) + (chosen ? count : 0);
    if (chosen) cities[index]!.push({ city: name, count, avgMin: num(row, 'avg_delivery_time') });
  }
  for (const list of cities) list.sort((a, b) => b.count - a.count || a.city.localeCompare(b.city));
  return { startsMs, total, cities };
}

/** The latest minute that has closed, or null. */
export function latestMinute(series: MinuteSeries): { startMs: number; count: number } | null {
  for (let index = series.total.length - 1; index >= 0; index--) {
    const count = series.total[index];
    if (count !== null && count !== undefined) return { startMs: series.startsMs[index]!, count };
  }
  return null;
}
