/** A time zone's rules: what `table.local-time-zone` names. */
export interface Zone {
  readonly name: string;
  /** Local time minus UTC at an instant, milliseconds. */
  offsetAt(instantMs: number): number;
}

export const UTC: Zone = { name: 'UTC', offsetAt: () => 0 };

/** A zone by its tz database name or fixed offset; undefined when unknown. */
export function zoneOf(name: string): Zone | undefined {
  if (name === 'UTC' || name === 'Z' || name === 'GMT' || name === 'Etc/UTC') return UTC;
  const fixed = /^(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?$/.exec(name);
  if (fixed) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3] ?? 0);
    return { name, offsetAt: () => (fixed[1] === '-' ? -1 : 1) * minutes * 60_000 };
  }
  try {
    return namedZone(name);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Offsets of the platform's tz database, remembered by quarter hour: rules change on no other instants. */
function namedZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const seen = new Map<number, number>();
  const quarterMs = 900_000;
  const ask = (instantMs: number): number => {
    const part: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(instantMs)) part[type] = value;
    const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(part['month']) - 1, Number(part['day']));
    local.setUTCHours(Number(part['hour']), Number(part['minute']), Number(part['second']));
    return local.getTime() - instantMs;
  };
  return {
    name,
    offsetAt: instantMs => {
      const quarter = Math.floor(instantMs / quarterMs);
      let offset = seen.get(quarter);
      if (offset === undefined) {
        offset = ask(quarter * quarterMs);
        if (seen.size > 10_000) seen.clear();
        seen.set(quarter, offset);
      }
      return offset;
    },
  };
}

/**
 * The instant of a local time: a gap moves forward, an overlap takes the earlier instant, as java.time
 * does.
 */
export function toInstant(zone: Zone, localMs: number): number {
  const before = localMs - zone.offsetAt(localMs - 86_400_000);
  if (before + zone.offsetAt(before) === localMs) return before;
  const after = localMs - zone.offsetAt(localMs + 86_400_000);
  return after + zone.offsetAt(after) === localMs ? after : before;
}
