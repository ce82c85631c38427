import type { ViewRow } from '../../../src/live/protocol.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/**
 * A number out of a row: counts may come as numbers, 64-bit values and decimals as strings. Null when it is
 * none.
 */
export function num(row: ViewRow, column: string): number | null {
  const value = row[column];
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

/** Text out of a row, numbers included; null when absent or empty. */
export function text(row: ViewRow, column: string): string | null {
  const value = row[column];
  if (value === undefined || value === null || value === '') return null;
  return String(value);
}

/** Numbers by size, anything else as text. */
export function compareIds(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? a.localeCompare(b) : difference;
}

/** The distinct cities of some rows, sorted. */
export function citiesOf(...views: readonly (readonly ViewRow[])[]): string[] {
  const cities = new Set<string>();
  for (const rows of views) {
    for (const row of rows) {
      const city = text(row, 'city_name');
      if (city !== null) cities.add(city);
    }
  }
  return [...cities].sort((a, b) => a.localeCompare(b));
}
