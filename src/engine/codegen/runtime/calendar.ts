/** Proleptic Gregorian calendar on plain numbers. Days are since 1970-01-01, as java.time counts. */

export const DAY_MS = 86_400_000;

/** Days of a civil date (Howard Hinnant's algorithm). `month` 1-12. */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** Year, month 1-12 and day of a day number. */
export function civilOf(days: number): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
} {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 };
}

export function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1);
  return next - daysOf(year, month, 1);
}

/** The same day of the month `months` later, or the month's last day where it has none. */
export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilOf(days);
  const index = year * 12 + month - 1 + months;
  const y = Math.floor(index / 12);
  const m = index - y * 12 + 1;
  return daysOf(y, m, Math.min(day, daysInMonth(y, m)));
}

/** `addMonths` for an instant; the time of day stays. */
export function addMonthsToMillis(millis: number, months: number): number {
  const days = Math.floor(millis / DAY_MS);
  return addMonths(days, months) * DAY_MS + (millis - days * DAY_MS);
}

/** Whole months from `b` to `a`, toward zero, as Calcite's subtractMonths. */
export function monthsBetween(a: number, b: number): number {
  if (a < b) return -monthsBetween(b, a) + 0;
  const [x, y] = [civilOf(Math.floor(a / DAY_MS)), civilOf(Math.floor(b / DAY_MS))];
  const months = (x.year - y.year) * 12 + (x.month - y.month);
  return addMonthsToMillis(b, months) > a ? months - 1 : months;
}

/** Monday is 1, Sunday 7. */
export function isoDayOfWeek(days: number): number {
  return ((((days + 3) % 7) + 7) % 7) + 1;
}

/** ISO week and the year it belongs to. */
export function isoWeek(days: number): { readonly week: number; readonly year: number } {
  const thursday = days + 4 - isoDayOfWeek(days);
  const { year } = civilOf(thursday);
  return { week: Math.floor((thursday - daysOf(year, 1, 1)) / 7) + 1, year };
}

/** The start of the unit that holds a local instant. */
export function floorMillis(millis: number, unit: string): number {
  const fixed = UNIT_MS[unit];
  if (fixed !== undefined && unit !== 'WEEK') return Math.floor(millis / fixed) * fixed;
  const days = Math.floor(millis / DAY_MS);
  const { year, month } = civilOf(days);
  switch (unit) {
    case 'WEEK':
      // Flink's weeks begin on Sunday here.
      return (days - (isoDayOfWeek(days) % 7)) * DAY_MS;
    case 'MONTH':
      return daysOf(year, month, 1) * DAY_MS;
    case 'QUARTER':
      return daysOf(year, month - ((month - 1) % 3), 1) * DAY_MS;
    default:
      return floorYears(year, unit);
  }
}

function floorYears(year: number, unit: string): number {
  const size = { YEAR: 1, DECADE: 10, CENTURY: 100, MILLENNIUM: 1000 }[unit] ?? 1;
  const first = size >= 100 ? 1 : 0;
  return daysOf(Math.floor((year - first) / size) * size + first, 1, 1) * DAY_MS;
}

/** The start of the unit at or after a local instant. */
export function ceilMillis(millis: number, unit: string): number {
  const floor = floorMillis(millis, unit);
  if (floor === millis) return floor;
  const fixed = UNIT_MS[unit];
  return fixed !== undefined ? floor + fixed : addMonthsToMillis(floor, UNIT_MONTHS[unit] ?? 12);
}

/** Units of fixed length. */
export const UNIT_MS: Readonly<Record<string, number>> = {
  MILLISECOND: 1,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: DAY_MS,
  WEEK: 7 * DAY_MS,
};
/** Units counted in months. */
export const UNIT_MONTHS: Readonly<Record<string, number>> = {
  MONTH: 1,
  QUARTER: 3,
  YEAR: 12,
  DECADE: 120,
  CENTURY: 1200,
  MILLENNIUM: 12000,
};

/** EXTRACT(unit FROM local instant). As in Flink, what lies before 1970 is cut toward
 * it: parts of a day are negative, a day with a time of day counts as the next. */
export function extractMillis(unit: string, millis: number, nanos: number): number {
  switch (unit) {
    case 'HOUR':
      return Math.trunc((millis % DAY_MS) / 3_600_000) + 0;
    case 'MINUTE':
      return Math.trunc((millis % 3_600_000) / 60_000) + 0;
    case 'SECOND':
      return Math.trunc((millis % 60_000) / 1000) + 0;
    case 'MILLISECOND':
      return (millis % 1000) + 0;
    case 'MICROSECOND':
      return (millis % 1000) * 1000 + Math.floor(nanos / 1000);
    case 'NANOSECOND':
      return (millis % 1000) * 1_000_000 + nanos;
    case 'EPOCH':
      return Math.floor(millis / 1000);
    default:
      return extractDays(unit, Math.trunc(millis / DAY_MS));
  }
}

function extractDays(unit: string, days: number): number {
  const { year, month, day } = civilOf(days);
  switch (unit) {
    case 'YEAR':
      return year;
    case 'QUARTER':
      return Math.floor((month + 2) / 3);
    case 'MONTH':
      return month;
    case 'DAY':
    case 'DAYOFMONTH':
      return day;
    case 'WEEK':
      return isoWeek(days).week;
    case 'ISOYEAR':
      return isoWeek(days).year;
    case 'DOW':
    case 'DAYOFWEEK':
      return (isoDayOfWeek(days) % 7) + 1;
    case 'ISODOW':
      return isoDayOfWeek(days);
    case 'DOY':
    case 'DAYOFYEAR':
      return days - daysOf(year, 1, 1) + 1;
    case 'DECADE':
      return Math.floor(year / 10);
    case 'CENTURY':
      return Math.floor((year + 99) / 100);
    default:
      return Math.floor((year + 999) / 1000);
  }
}
