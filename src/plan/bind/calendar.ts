const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar; null when there is no such day. */
export function daysOf(year: number, month: number, day: number): number | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const same =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return same ? date.getTime() / DAY_MS : null;
}

/** `yyyy-MM-dd` in days, or null. */
export function parseDate(text: string): number | null {
  const found = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  return found === null ? null : daysOf(Number(found[1]), Number(found[2]), Number(found[3]));
}

/** A time of day: milliseconds, the nanoseconds beyond them, and the digits its fraction was written with. */
export interface TimeOfDay {
  readonly millis: number;
  readonly nanos: number;
  readonly digits: number;
}

/** `HH:mm:ss[.fffffffff]`, or null. */
export function parseTime(text: string): TimeOfDay | null {
  const found = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?$/.exec(text);
  if (found === null) return null;
  const [hours, minutes, seconds] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const fraction = found[4] ?? '';
  const padded = fraction.padEnd(9, '0');
  const millis = ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number(padded.slice(0, 3));
  return { millis, nanos: Number(padded.slice(3)), digits: fraction.length };
}

/** `yyyy-MM-dd HH:mm:ss[.fffffffff]` as epoch milliseconds in UTC, or null. */
export function parseTimestamp(text: string): TimeOfDay | null {
  const space = text.indexOf(' ');
  if (space < 0) return null;
  const days = parseDate(text.slice(0, space));
  const time = parseTime(text.slice(space + 1));
  if (days === null || time === null) return null;
  return { ...time, millis: days * DAY_MS + time.millis };
}
