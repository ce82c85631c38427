import { MillraceError } from '../../../core/mod.ts';
import { addMonths, civilOf, DAY_MS, daysInMonth, daysOf } from './calendar.ts';
import { toInstant, UTC, zoneOf } from './zone.ts';

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** yyyy-MM-dd */
export function printDate(days: number): string {
  const { year, month, day } = civilOf(days);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** HH:mm:ss with `precision` digits of fraction. */
export function printTime(millisOfDay: number, precision: number, nanos = 0): string {
  const seconds = Math.floor(millisOfDay / 1000);
  const whole = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (precision === 0) return whole;
  const fraction = String((millisOfDay % 1000) * 1_000_000 + nanos).padStart(9, '0');
  return `${whole}.${fraction.slice(0, precision)}`;
}

/** yyyy-MM-dd HH:mm:ss[.fraction] of a local time. */
export function printTimestamp(millis: number, nanos: number, precision: number): string {
  const days = Math.floor(millis / DAY_MS);
  return `${printDate(days)} ${printTime(millis - days * DAY_MS, precision, nanos)}`;
}

const DATE = /^\s*(\d{1,4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?\s*$/;

/** Days of a `yyyy[-MM[-dd]]` text, null when it is no date. */
export function parseDate(text: string): number | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(part => Number(part ?? 1)) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return daysOf(year, month, day);
}

const TIME = /^\s*(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?\s*$/;

/** Milliseconds of the day of an `HH:mm:ss[.SSS]` text, null when it is no time. */
export function parseTime(text: string): number | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  return ((hour * 60 + minute) * 60 + second) * 1000 + Number((match[4] ?? '').padEnd(3, '0').slice(0, 3));
}

const TIMESTAMP = /^(\d{1,4})-(\d{1,2})-(\d{1,2})(?:\s+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)?$/;

/**
 * A local time of `yyyy-MM-dd[ HH:mm:ss[.SSSSSSSSS]]`; a day up to 31 beyond the month's last is that last
 * day.
 */
export function parseTimestamp(text: string): { readonly millis: number; readonly nanos: number } | null {
  const match = TIMESTAMP.exec(text.trim());
  if (match === null) return null;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const [hour, minute, second] = match.slice(4, 7).map(part => Number(part ?? 0)) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const nanos = Number((match[7] ?? '').padEnd(9, '0'));
  const days = daysOf(year, month, Math.min(day, daysInMonth(year, month)));
  const millis = days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(nanos / 1e6);
  return { millis, nanos: nanos % 1e6 };
}

/** Milliseconds of the unit that a precision of TO_TIMESTAMP_LTZ stands for. */
export function millisOfPrecision(precision: number): number {
  if (precision === 0) return 1000;
  if (precision === 3) return 1;
  throw new MillraceError(
    'EXPRESSION_FAILED',
    `The precision value '${precision}' for function TO_TIMESTAMP_LTZ(numeric, precision) is unsupported, ` +
      "the supported value is '0' for second or '3' for millisecond.",
  );
}

/** The time of day, cut to the unit toward zero before 1970 too. */
export function timeOfDay(millis: number, unit: number): number {
  const time = Math.trunc((millis % DAY_MS) / unit) * unit;
  return time < 0 ? time + DAY_MS : time + 0;
}

/** CONVERT_TZ of a `yyyy-MM-dd HH:mm:ss` text; an unknown zone is UTC, as java.util.TimeZone has it. */
export function convertTz(text: string, from: string, to: string): string | null {
  const parsed = /^\s*(\d+)-(\d+)-(\d+) +(\d+):(\d+):(\d+)/.exec(text);
  if (parsed === null) return null;
  const [year, month, day, hour, minute, second] = parsed.slice(1).map(Number) as number[];
  // Lenient, as java.text.SimpleDateFormat: the 31st of a short month is in the next.
  const days = addMonths(daysOf(year!, 1, 1), month! - 1) + day! - 1;
  const local = days * DAY_MS + ((hour! * 60 + minute!) * 60 + second!) * 1000;
  const instant = toInstant(zoneOf(from) ?? UTC, local);
  return printTimestamp(instant + (zoneOf(to) ?? UTC).offsetAt(instant), 0, 0);
}
