import type { ByteSink } from './byte-sink.ts';
import {
  type ColumnEncoder,
  type ColumnType,
  isInfinity,
  textOf,
  type ValueModes,
} from './column-encoder.ts';
import {
  intervalMicros,
  isoInstant,
  parseDays,
  parseMicrosOfDay,
  parseTimestamp,
  utcTime,
} from './time-text.ts';

const number = (put: ColumnEncoder['put']): ColumnEncoder => ({
  put,
  zero: '0',
  unavailable: null,
  growth: 3,
});

/** Digits of a second: the type's modifier, 6 when it has none. */
const precisionOf = (type: ColumnType): number => (type.modifier < 0 ? 6 : type.modifier);

/** Encoders of the types that tell time; undefined for other types. */
export function timeColumn(type: ColumnType, modes: ValueModes): ColumnEncoder | undefined {
  switch (type.name) {
    case 'date':
      return dateColumn(modes);
    case 'time':
      return timeOfDayColumn(type, modes);
    case 'timestamp':
      return timestampColumn(type, modes);
    case 'timestamptz':
      return instantColumn(precisionOf(type));
    case 'timetz':
      return {
        put: (sink, source, from, end) => sink.ascii(`"${utcTime(textOf(source, from, end))}"`),
        zero: '"00:00:00Z"',
        unavailable: null,
        growth: 2,
      };
    case 'interval':
      return number((sink, source, from, end) => {
        const micros = intervalMicros(textOf(source, from, end));
        if (Number.isSafeInteger(micros)) sink.integer(micros);
        else sink.ascii(BigInt(Math.round(micros)).toString());
      });
    default:
      return undefined;
  }
}

/**
 * Days since 1970. What Debezium makes of an infinite date is an accident of 32 bits, kept for its readers.
 */
function dateColumn(modes: ValueModes): ColumnEncoder {
  const [late, early] =
    modes.half === 'snapshotRead' ? ['-622191234', '622191232'] : ['2146033979', '-2147483648'];
  return number((sink, source, from, end) => {
    const infinite = isInfinity(source, from);
    if (infinite === 0) sink.integer(parseDays(source, from, end));
    else sink.ascii(infinite > 0 ? late : early);
  });
}

function timeOfDayColumn(type: ColumnType, modes: ValueModes): ColumnEncoder {
  const inMillis = modes.times === 'connect' || (modes.times === 'adaptive' && precisionOf(type) <= 3);
  return number((sink, source, from, end) => {
    const micros = parseMicrosOfDay(source, from, end);
    sink.integer(inMillis ? Math.floor(micros / 1000) : micros);
  });
}

function timestampColumn(type: ColumnType, modes: ValueModes): ColumnEncoder {
  const inMillis = modes.times === 'connect' || precisionOf(type) <= 3;
  return number((sink, source, from, end) => {
    const infinite = isInfinity(source, from);
    if (infinite !== 0) {
      const [late, early] = inMillis
        ? ['9223372036825200000', '-9223372036832400000']
        : ['9223372036854775807', '-9223372036854775808'];
      sink.ascii(infinite > 0 ? late : early);
      return;
    }
    const { days, micros } = parseTimestamp(source, from, end);
    if (inMillis) sink.integer(days * 86_400_000 + Math.floor(micros / 1000));
    else putMicros(sink, days, micros);
  });
}

/** Exact also beyond 2^53 microseconds (after the year 2255). */
function putMicros(sink: ByteSink, days: number, micros: number): void {
  const total = days * 86_400_000_000 + micros;
  if (Number.isSafeInteger(total)) sink.integer(total);
  else sink.ascii((BigInt(days) * 86_400_000_000n + BigInt(micros)).toString());
}

/** ISO 8601 in UTC with all digits of the column's precision. */
function instantColumn(digits: number): ColumnEncoder {
  const fraction = '0'.repeat(digits);
  return {
    put(sink, source, from, end) {
      // The common shape, `2026-11-21 08:30:00[.ffffff]+00`; all else goes the general way.
      const usual = source[from + 4] === 0x2d && source[end - 3] === 0x2b && source[end - 1] === 0x30;
      if (!usual) {
        sink.ascii(`"${isoInstant(textOf(source, from, end), digits)}"`);
        return;
      }
      sink.byte(0x22);
      sink.copy(source, from, from + 10);
      sink.byte(0x54);
      sink.copy(source, from + 11, from + 19);
      if (digits > 0) {
        sink.byte(0x2e);
        const fractionEnd = Math.max(from + 20, end - 3);
        sink.copy(source, from + 20, fractionEnd);
        for (let i = fractionEnd - from - 20; i < digits; i++) sink.byte(0x30);
      }
      sink.byte(0x5a);
      sink.byte(0x22);
    },
    zero: digits === 0 ? '"1970-01-01T00:00:00Z"' : `"1970-01-01T00:00:00.${fraction}Z"`,
    unavailable: null,
    growth: 3,
  };
}
