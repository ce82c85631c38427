/** How timestamps are written in text: Flink's `timestamp-format.standard`. */
export type TimestampStandard = 'SQL' | 'ISO-8601';

export interface TimestampValue {
  readonly millis: number;
  /** Nanoseconds of the millisecond, 0 … 999,999. */
  readonly nanos: number;
}

const DAY_MS = 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{0,9}))?$/;
const ISO_TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{0,9}))?)?$/;

/** Days since the epoch of a proleptic Gregorian date, or NaN when there is no such day. */
export function daysOf(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN;
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since the epoch of `yyyy-MM-dd`, or undefined. */
export function parseDate(text: string): number | undefined {
  const m = DATE.exec(text);
  if (m === null) return undefined;
  const days = daysOf(Number(m[1]), Number(m[2]), Number(m[3]));
  return Number.isNaN(days) ? undefined : days;
}

/** The day of a timestamp: Java takes February 30 for the month's last day there. */
function parseDay(text: string): number | undefined {
  const m = DATE.exec(text);
  if (m === null) return undefined;
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  const days = daysOf(year, month, day > 28 && day < 32 ? Math.min(day, daysInMonth(year, month)) : day);
  return Number.isNaN(days) ? undefined : days;
}

/** Nanoseconds of the day of `HH:mm:ss[.fraction]` (ISO-8601: seconds may be left out), or undefined. */
export function parseTime(text: string, standard: TimestampStandard): number | undefined {
  const m = (standard === 'SQL' ? TIME : ISO_TIME).exec(text);
  if (m === null) return undefined;
  const hour = Number(m[1]);
  const minute = Number(m[2]);
  const second = Number(m[3] ?? 0);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1e9 + Number((m[4] ?? '').padEnd(9, '0'));
}

/**
 * A timestamp as Flink's formats read it: SQL `yyyy-MM-dd HH:mm:ss[.f]`, ISO with `T`; local-zoned ones end
 * in `Z`.
 */
export function parseTimestamp(
  text: string,
  standard: TimestampStandard,
  zoned: boolean,
): TimestampValue | undefined {
  if (zoned !== text.endsWith('Z')) return undefined;
  const body = zoned ? text.slice(0, -1) : text;
  if (body[10] !== (standard === 'SQL' ? ' ' : 'T')) return undefined;
  const days = parseDay(body.slice(0, 10));
  const nanosOfDay = parseTime(body.slice(11), standard);
  if (days === undefined || nanosOfDay === undefined) return undefined;
  const millisOfDay = Math.floor(nanosOfDay / 1e6);
  return { millis: days * DAY_MS + millisOfDay, nanos: nanosOfDay - millisOfDay * 1e6 };
}

/** `yyyy-MM-dd`; years outside 0…9999 get a sign, as in Java. */
export function printDate(days: number): string {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return `${printYear(year)}-${two(month)}-${two(day)}`;
}

function printYear(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, '0');
  if (year < 0) return `-${digits}`;
  return year > 9999 ? `+${digits}` : digits;
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** `HH:mm:ss`, then the fraction (of `nanosOfSecond`) without trailing zeros where there is one. */
export function printTime(secondOfDay: number, nanosOfSecond: number): string {
  const minute = Math.floor(secondOfDay / 60);
  const text = `${two(Math.floor(minute / 60))}:${two(minute % 60)}:${two(secondOfDay % 60)}`;
  if (nanosOfSecond === 0) return text;
  return `${text}.${String(nanosOfSecond).padStart(9, '0').replace(/0+$/, '')}`;
}

/** A timestamp as Flink's formats write it; `zoned` adds the `Z`. */
export function printTimestamp(
  millis: number,
  nanos: number,
  standard: TimestampStandard,
  zoned: boolean,
): string {
  const days = Math.floor(millis / DAY_MS);
  const ofDay = millis - days * DAY_MS;
  const second = Math.floor(ofDay / 1000);
  const time = printTime(second, (ofDay - second * 1000) * 1e6 + nanos);
  return `${printDate(days)}${standard === 'SQL' ? ' ' : 'T'}${time}${zoned ? 'Z' : ''}`;
}
