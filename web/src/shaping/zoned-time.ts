const formats = new Map<string, Intl.DateTimeFormat>();

function partsIn(ms: number, timeZone: string): Readonly<Record<string, string>> {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const two = '2-digit' as const;
    format = new Intl.DateTimeFormat('en-GB', {
      ...{ year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
      ...{ hourCycle: 'h23', timeZone },
    });
    formats.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(ms).map(part => [part.type, part.value]));
}

/** Beyond 275,760 years from 1970 on there are no dates, but there are such numbers in records. */
const isDate = (ms: number): boolean => Number.isFinite(ms) && Math.abs(ms) <= 8.64e15;

/** `2026-11-21T17:04:05.123Z`; null for a time that no date stands for. */
export const utcStamp = (ms: number): string | null => (isDate(ms) ? new Date(ms).toISOString() : null);

/** `2026-11-21 18:04:05.123` in a time zone; the number itself where no date stands for it. */
export function stampIn(ms: number, timeZone: string): string {
  if (!isDate(ms)) return String(ms);
  const { year, month, day, hour, minute, second } = partsIn(ms, timeZone);
  const millis = String(((ms % 1000) + 1000) % 1000).padStart(3, '0');
  return `${year}-${month}-${day} ${hour}:${minute}:${second}.${millis}`;
}

/** What a `datetime-local` field shows for a time. */
export const fieldTime = (ms: number, timeZone: string): string =>
  stampIn(ms, timeZone).slice(0, 19).replace(' ', 'T');

/** The time that a `datetime-local` field names in a time zone; null where it names none. */
export function timeOfField(text: string, timeZone: string): number | null {
  const asUtc = Date.parse(`${text}${text.length === 16 ? ':00' : ''}Z`);
  if (Number.isNaN(asUtc)) return null;
  // The zone's offset is taken at the time itself: twice, for days on which it changes.
  let ms = asUtc;
  for (let i = 0; i < 2; i++) ms -= Date.parse(`${fieldTime(ms, timeZone)}Z`) - asUtc;
  return ms;
}
