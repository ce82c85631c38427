import { type Clock, MillraceError } from '../../core/mod.ts';

/** Holds rows back until they are due. */
export interface Pace {
  /** How long the row must wait, ms; 0 or less: send it. */
  waitMs(row: Readonly<Record<string, unknown>>): number;
}

/**
 * `max`: no waiting. `N` with a time column: N times as fast as it was recorded. `N` without: N rows a
 * second. A row whose time is empty or no time goes at once; one without the column is refused with
 * CONFIG_INVALID.
 */
export function createPace(speed: string, timeColumn: string | undefined, clock: Clock): Pace {
  if (speed === 'max') return { waitMs: () => 0 };
  const factor = Number(speed);
  if (!(factor > 0))
    throw new MillraceError('CONFIG_INVALID', `--speed ${speed}: expected \`max\` or a number above 0.`);
  const beganMs = clock.monotonicMs();
  const elapsedMs = (): number => clock.monotonicMs() - beganMs;
  if (timeColumn === undefined) {
    let rows = 0;
    return { waitMs: () => (rows++ * 1000) / factor - elapsedMs() };
  }
  let firstMs: number | undefined;
  return {
    waitMs: row => {
      if (!(timeColumn in row)) throw noColumn(timeColumn, Object.keys(row));
      const atMs = timeOf(row[timeColumn]);
      if (atMs === undefined) return 0;
      firstMs ??= atMs;
      return (atMs - firstMs) / factor - elapsedMs();
    },
  };
}

const noColumn = (name: string, columns: readonly string[]): MillraceError =>
  new MillraceError(
    'CONFIG_INVALID',
    `--time-column ${name}: the row has the columns ${columns.join(', ')}.`,
  );

/** Epoch seconds or milliseconds, or a date in text; undefined where it is none. */
function timeOf(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined;
  const number = Number(value);
  if (Number.isFinite(number)) return number < 1e11 ? number * 1000 : number;
  const text = String(value);
  const parsed = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(parsed) ? undefined : parsed;
}
