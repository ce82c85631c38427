import { type DataType, printDecimal, type RowValue, unreachable } from '../../../core/mod.ts';
import { printDouble, printFloat } from '../runtime/number-text.ts';
import { printDate, printTime } from '../runtime/time-text.ts';
import { quoteJson } from './value.ts';

/** A plain value of a type as JSON text, keys sorted, as Flink's JSON_STRING and JSON_OBJECT write it. */
export function jsonText(value: RowValue, type: DataType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return quoteJson(value as string);
    case 'BINARY':
    case 'VARBINARY':
      return `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
    case 'DECIMAL':
      return decimalText(value as bigint, type.scale);
    case 'FLOAT':
      return numberText(printFloat(value as number));
    case 'DOUBLE':
      return numberText(printDouble(value as number));
    case 'DATE':
      return `"${printDate(value as number)}"`;
    case 'TIME':
      return `"${printTime(value as number, type.precision)}"`;
    case 'TIMESTAMP':
      return `"${isoTime(value as Moment)}"`;
    case 'TIMESTAMP_LTZ':
      return `"${isoInstant(value as Moment)}"`;
    case 'ARRAY':
      return `[${(value as readonly RowValue[]).map(item => jsonText(item, type.element)).join(',')}]`;
    case 'MAP':
      return objectText(
        (value as readonly (readonly RowValue[])[]).map(([key, item]) => [
          String(key),
          jsonText(item!, type.value),
        ]),
      );
    case 'ROW':
      return objectText(
        type.fields.map((field, i) => [field.name, jsonText((value as readonly RowValue[])[i]!, field.type)]),
      );
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
    case 'INTERVAL_YEAR_MONTH':
      return String(value);
    case 'NULL':
    case 'MULTISET':
      return 'null';
    default:
      return unreachable(type);
  }
}

interface Moment {
  readonly millis: number;
  readonly nanos: number;
}

/** Entries as an object with its keys in order; a later entry of a key wins. */
export function objectText(entries: readonly (readonly [string, string])[]): string {
  const sorted = [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([key, text]) => `${quoteJson(key)}:${text}`).join(',')}}`;
}

/** Without zeros at the end of the fraction. */
function decimalText(unscaled: bigint, scale: number): string {
  const text = printDecimal(unscaled, scale);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

const numberText = (text: string): string => (/[NI]/.test(text) ? `"${text}"` : text);

/** As java.time.LocalDateTime prints itself: no seconds where they are 0, the fraction in threes. */
function isoTime(moment: Moment): string {
  const { day, time, seconds, fraction } = partsOf(moment);
  return `${day}T${time}${seconds === '00' && fraction === '' ? '' : `:${seconds}${fraction}`}`;
}

/** As java.time.Instant prints itself. */
function isoInstant(moment: Moment): string {
  const { day, time, seconds, fraction } = partsOf(moment);
  return `${day}T${time}:${seconds}${fraction}Z`;
}

function partsOf({ millis, nanos }: Moment) {
  const days = Math.floor(millis / 86_400_000);
  const clock = printTime(millis - days * 86_400_000, 9, nanos);
  const digits = clock.slice(9);
  const fraction = digits === '000000000' ? '' : `.${digits.replace(/(?:000){1,2}$/, '')}`;
  return { day: printDate(days), time: clock.slice(0, 5), seconds: clock.slice(6, 8), fraction };
}
