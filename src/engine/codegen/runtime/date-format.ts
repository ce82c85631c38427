import { civilOf, DAY_MS, daysInMonth, daysOf, isoDayOfWeek } from './calendar.ts';

/** One piece of a java.time pattern: a run of one letter, or literal text. */
interface Piece {
  readonly letter: string;
  readonly count: number;
  readonly text: string;
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

const patterns = new Map<string, readonly Piece[]>();
/** Patterns are few; texts computed per row must not fill the memory. */
const PATTERNS_MAX = 1000;

function piecesOf(pattern: string): readonly Piece[] {
  const known = patterns.get(pattern);
  if (known) return known;
  const pieces: Piece[] = [];
  for (const [run] of pattern.matchAll(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+/g)) {
    if (run.startsWith("'")) {
      pieces.push({
        letter: '',
        count: 0,
        text: run === "''" ? "'" : run.slice(1, -1).replaceAll("''", "'"),
      });
    } else if (/[A-Za-z]/.test(run)) pieces.push({ letter: run[0]!, count: run.length, text: run });
    else pieces.push({ letter: '', count: 0, text: run });
  }
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  patterns.set(pattern, pieces);
  return pieces;
}

const pad = (n: number, count: number): string => String(n).padStart(count, '0');

/**
 * DATE_FORMAT of a local time, with the letters of java.time.format.DateTimeFormatter; null for an unknown
 * letter.
 */
export function formatDate(millis: number, nanos: number, pattern: string): string | null {
  const days = Math.floor(millis / DAY_MS);
  const time = millis - days * DAY_MS;
  let text = '';
  for (const piece of piecesOf(pattern)) {
    const part = piece.letter === '' ? piece.text : formatField(piece, days, time, nanos);
    if (part === null) return null;
    text += part;
  }
  return text;
}

function formatField({ letter, count }: Piece, days: number, time: number, nanos: number): string | null {
  const hour = Math.floor(time / 3_600_000);
  switch (letter) {
    case 'H':
      return pad(hour, count);
    case 'h':
      return pad(hour % 12 === 0 ? 12 : hour % 12, count);
    case 'k':
      return pad(hour === 0 ? 24 : hour, count);
    case 'K':
      return pad(hour % 12, count);
    case 'm':
      return pad(Math.floor(time / 60_000) % 60, count);
    case 's':
      return pad(Math.floor(time / 1000) % 60, count);
    case 'S':
      return pad((time % 1000) * 1_000_000 + nanos, 9).slice(0, count);
    case 'a':
      return hour < 12 ? 'AM' : 'PM';
    default:
      return formatDay(letter, count, days);
  }
}

function formatDay(letter: string, count: number, days: number): string | null {
  const { year, month, day } = civilOf(days);
  switch (letter) {
    case 'y':
    case 'u':
      return count === 2 ? pad(year % 100, 2) : pad(year, count);
    case 'M':
    case 'L':
      if (count <= 2) return pad(month, count);
      return count === 3 ? MONTHS[month - 1]!.slice(0, 3) : MONTHS[month - 1]!;
    case 'd':
      return pad(day, count);
    case 'D':
      return pad(days - daysOf(year, 1, 1) + 1, count);
    case 'E':
      return count <= 3 ? WEEKDAYS[isoDayOfWeek(days) - 1]!.slice(0, 3) : WEEKDAYS[isoDayOfWeek(days) - 1]!;
    case 'e':
      return pad((isoDayOfWeek(days) % 7) + 1, count);
    case 'Q':
    case 'q':
      return pad(Math.floor((month + 2) / 3), count);
    case 'w':
      return pad(usWeek(days).week, count);
    case 'Y':
      return count === 2 ? pad(usWeek(days).year % 100, 2) : pad(usWeek(days).year, count);
    default:
      return null;
  }
}

/**
 * Week of the week-based year where weeks begin on Sunday and week 1 holds January 1 (the US locale's
 * rule).
 */
function usWeek(days: number): { readonly week: number; readonly year: number } {
  const sunday = days - (isoDayOfWeek(days) % 7);
  const { year } = civilOf(sunday + 6);
  const first = daysOf(year, 1, 1);
  const firstSunday = first - (isoDayOfWeek(first) % 7);
  return { week: Math.floor((sunday - firstSunday) / 7) + 1, year };
}

const LETTER_MS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from('yuMLdDEeQqwY', letter => [letter, DAY_MS])),
  ...Object.fromEntries(Array.from('HhkKa', letter => [letter, 3_600_000])),
  m: 60_000,
  s: 1000,
  S: 0,
};

/**
 * The time in which the text of a pattern stays the same: of a day when it shows dates alone; 0 when it shows
 * fractions of a second; null for an unknown letter.
 */
export function shownUnitMs(pattern: string): number | null {
  const units = piecesOf(pattern).map(({ letter }) => (letter === '' ? DAY_MS : LETTER_MS[letter]));
  if (units.some(unit => unit === undefined)) return null;
  return Math.min(DAY_MS, ...(units as number[]));
}

/** Reads a local time by a pattern; null when the text does not fit. */
export function parseByPattern(text: string, pattern: string): { millis: number; nanos: number } | null {
  const field: Record<string, number> = {};
  let at = 0;
  for (const { letter, count, text: literal } of piecesOf(pattern)) {
    if (letter === '') {
      if (!text.startsWith(literal, at)) return null;
      at += literal.length;
      continue;
    }
    const end = readField(field, letter, count, text, at);
    if (end < 0) return null;
    at = end;
  }
  return at === text.length ? assemble(field) : null;
}

function readField(
  field: Record<string, number>,
  letter: string,
  count: number,
  text: string,
  at: number,
): number {
  if (letter === 'M' && count >= 3) {
    const index = MONTHS.findIndex(m => text.startsWith(count === 3 ? m.slice(0, 3) : m, at));
    if (index < 0) return -1;
    field['M'] = index + 1;
    return at + (count === 3 ? 3 : MONTHS[index]!.length);
  }
  if (letter === 'a') {
    const half = text.slice(at, at + 2).toUpperCase();
    if (half !== 'AM' && half !== 'PM') return -1;
    field['a'] = half === 'PM' ? 1 : 0;
    return at + 2;
  }
  if (!'yuMdHhmsS'.includes(letter)) return -1;
  const digits = count === 1 ? /^\d{1,4}/ : new RegExp(`^\\d{${count}}`);
  const found = digits.exec(text.slice(at, at + Math.max(count, 4)))?.[0];
  if (found === undefined) return -1;
  const value = letter === 'S' ? Number(found.padEnd(9, '0')) : Number(found);
  field[letter === 'u' ? 'y' : letter] = letter === 'y' && count === 2 ? 2000 + value : value;
  return at + found.length;
}

function assemble(field: Record<string, number>): { millis: number; nanos: number } | null {
  const year = field['y'] ?? 1970;
  const month = field['M'] ?? 1;
  const day = field['d'] ?? 1;
  const twelve = field['h'] === undefined ? undefined : (field['h'] % 12) + (field['a'] ?? 0) * 12;
  const hour = field['H'] ?? twelve ?? 0;
  const [minute, second, fraction] = [field['m'] ?? 0, field['s'] ?? 0, field['S'] ?? 0];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return null;
  const days = daysOf(year, month, Math.min(day, daysInMonth(year, month)));
  const millis = days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(fraction / 1e6);
  return { millis, nanos: fraction % 1e6 };
}
