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
      return `"${isoTime(value as Moment)}Z"`;
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

/** As java.math.BigDecimal prints itself without zeros at its end: 1E+2 for 100. */
function decimalText(unscaled: bigint, scale: number): string {
  if (unscaled === 0n) return '0';
  const sign = unscaled < 0n ? '-' : '';
  const all = String(unscaled < 0n ? -unscaled : unscaled);
  const digits = all.replace(/0+$/, '');
  const shown = scale - (all.length - digits.length);
  const exponent = digits.length - 1 - shown;
  if (shown >= 0 && exponent >= -6) return sign + printDecimal(BigInt(digits), shown);
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${sign}${digits[0]}${fraction}E${exponent < 0 ? '' : '+'}${exponent}`;
}

const numberText = (text: string): string => (/[NI]/.test(text) ? `"${text}"` : text);

/** ISO 8601, the fraction without zeros at its end. */
function isoTime({ millis, nanos }: Moment): string {
  const days = Math.floor(millis / 86_400_000);
  const clock = printTime(millis - days * 86_400_000, 9, nanos);
  const fraction = clock.slice(9).replace(/0+$/, '');
  return `${printDate(days)}T${clock.slice(0, 8)}${fraction === '' ? '' : `.${fraction}`}`;
}
