/**
 * PostgreSQL's ISO texts (datestyle ISO, intervalstyle postgres, time zone UTC) to Debezium's numbers.
 * All read ASCII ranges of bytes; positions are exact because the server prints fixed widths.
 */
const MICROS_PER_DAY = 86_400_000_000;
/** Debezium counts a month of an interval as 30.4375 days. */
const MICROS_PER_MONTH = 30.4375 * MICROS_PER_DAY;

/** Days since 1970-01-01 of a proleptic Gregorian date (Hinnant's days_from_civil). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** A date's text begins at `from`; returns days, and where it ends by `dateEnd`. */
export function parseDays(source: Uint8Array, from: number, end: number): number {
  if (end - from >= 10 && source[from + 4] === 0x2d && source[end - 1] !== 0x43) {
    return daysFromCivil(number4(source, from), number2(source, from + 5), number2(source, from + 8));
  }
  const text = Buffer.from(source.buffer, source.byteOffset + from, end - from).toString('latin1');
  const [year, month, day] = text.split(/[- ]/, 3).map(Number) as [number, number, number];
  return daysFromCivil(text.endsWith('BC') ? 1 - year : year, month, day);
}

/** `HH:MM:SS[.ffffff]` up to a sign of a zone or the end: microseconds since midnight. */
export function parseMicrosOfDay(source: Uint8Array, from: number, end: number): number {
  const seconds = number2(source, from) * 3600 + number2(source, from + 3) * 60 + number2(source, from + 6);
  let micros = 0;
  let scale = 100_000;
  if (source[from + 8] === 0x2e) {
    for (let i = from + 9; i < end; i++) {
      const digit = source[i]! - 48;
      if (digit < 0 || digit > 9) break;
      micros += digit * scale;
      scale /= 10;
    }
  }
  return seconds * 1_000_000 + micros;
}

/** `timestamp`: days and microseconds of the day. The space between them is found for years beyond 9999. */
export function parseTimestamp(
  source: Uint8Array,
  from: number,
  end: number,
): { readonly days: number; readonly micros: number } {
  let space = from + 10;
  while (source[space] !== 0x20) space++;
  const before = source[end - 1] === 0x43;
  if (!before)
    return { days: parseDays(source, from, space), micros: parseMicrosOfDay(source, space + 1, end) };
  const text = Buffer.from(source.buffer, source.byteOffset + from, space - from).toString('latin1');
  const [year, month, day] = text.split('-').map(Number) as [number, number, number];
  return { days: daysFromCivil(1 - year, month, day), micros: parseMicrosOfDay(source, space + 1, end) };
}

/** `1 year 2 mons 3 days -04:05:06.7` as microseconds. */
export function intervalMicros(text: string): number {
  let micros = 0;
  const units = /(-?\+?\d+) (year|mon|day)s?/g;
  for (const [, count, unit] of text.matchAll(units)) {
    const per = unit === 'year' ? 12 * MICROS_PER_MONTH : unit === 'mon' ? MICROS_PER_MONTH : MICROS_PER_DAY;
    micros += Number(count) * per;
  }
  const clock = /([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(text);
  if (clock === null) return micros;
  const [, sign, hours, minutes, seconds, fraction = ''] = clock;
  const whole = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000;
  const part = Number(fraction.padEnd(6, '0').slice(0, 6));
  return micros + (sign === '-' ? -(whole + part) : whole + part);
}

/** `timetz` moved to UTC: `13:14:15.5+02` → `11:14:15.5Z`. */
export function utcTime(text: string): string {
  const match = /^(\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/.exec(text);
  if (match === null) return text;
  const [, h, m, s, fraction = '', sign, zh, zm = '0', zs = '0'] = match;
  const offset = Number(zh) * 3600 + Number(zm) * 60 + Number(zs);
  const local = Number(h) * 3600 + Number(m) * 60 + Number(s);
  const utc = (((sign === '-' ? local + offset : local - offset) % 86_400) + 86_400) % 86_400;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(utc / 3600)}:${two((utc / 60) % 60)}:${two(utc % 60)}${fraction}Z`;
}

/** A `timestamptz` text in UTC as ISO 8601 with `digits` of fraction; the general way, for any year. */
export function isoInstant(text: string, digits: number): string {
  const match = /^(\d+)-(\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00( BC)?$/.exec(text);
  if (match === null) return text;
  const [, year, day, clock, fraction = '', bc] = match;
  const shown = bc === undefined ? Number(year) : 1 - Number(year);
  const size = String(Math.abs(shown)).padStart(4, '0');
  const prefix = shown < 0 ? '-' : shown > 9999 ? '+' : '';
  const tail = digits === 0 ? '' : `.${fraction.padEnd(digits, '0').slice(0, digits)}`;
  return `${prefix}${size}-${day}T${clock}${tail}Z`;
}

function number2(source: Uint8Array, at: number): number {
  return (source[at]! - 48) * 10 + source[at + 1]! - 48;
}

function number4(source: Uint8Array, at: number): number {
  return number2(source, at) * 100 + number2(source, at + 2);
}
