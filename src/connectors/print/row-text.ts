import { childTypes, type DataType, type RowValue, type Schema } from '../../core/mod.ts';
import { printDate, printDecimal, printDouble, printFloat, printTimestamp } from '../../formats/mod.ts';

/** A row as Flink's Row prints itself: `+U[1, abc, 2026-01-01T10:00, null]`. */
export function printRow(kind: string, values: readonly RowValue[], schema: Schema): string {
  return `${kind}[${values.map((value, i) => text(value, schema.fields[i]!.type)).join(', ')}]`;
}

function text(value: RowValue, type: DataType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'DOUBLE':
      return printDouble(value as number);
    case 'FLOAT':
      return printFloat(value as number);
    case 'DECIMAL':
      return printDecimal(value as bigint, type.scale);
    case 'DATE':
      return printDate(value as number);
    case 'TIME':
      return localTime(value as number, 0);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const { millis, nanos } = value as { millis: number; nanos: number };
      return type.kind === 'TIMESTAMP' ? localDateTime(millis, nanos) : instant(millis, nanos);
    }
    case 'BINARY':
    case 'VARBINARY':
      return `[${Array.from(value as Uint8Array, byte => (byte << 24) >> 24).join(', ')}]`;
    case 'ARRAY':
      return `[${(value as readonly RowValue[]).map(v => text(v, type.element)).join(', ')}]`;
    case 'MAP':
    case 'MULTISET':
      return `{${(value as readonly (readonly RowValue[])[])
        .map(([k, v]) => `${text(k ?? null, childTypes(type)[0]!)}=${text(v ?? null, childTypes(type)[1]!)}`)
        .join(', ')}}`;
    case 'ROW':
      return printRow('+I', value as readonly RowValue[], { fields: type.fields });
    default:
      return String(value);
  }
}

/** As Java's LocalDateTime: seconds are left out when they are zero. */
function localDateTime(millis: number, nanos: number): string {
  const days = Math.floor(millis / 86_400_000);
  return `${printDate(days)}T${localTime(millis - days * 86_400_000, nanos)}`;
}

function localTime(millisOfDay: number, nanos: number): string {
  const iso = printTimestamp(millisOfDay, nanos, 'ISO-8601', false).slice('1970-01-01T'.length);
  const full = groupsOfThree(iso);
  return full.endsWith(':00') ? full.slice(0, -3) : full;
}

function instant(millis: number, nanos: number): string {
  return `${groupsOfThree(printTimestamp(millis, nanos, 'ISO-8601', false))}Z`;
}

/** Java prints fractions in 3, 6 or 9 digits. */
function groupsOfThree(time: string): string {
  const point = time.indexOf('.');
  if (point < 0) return time;
  const digits = time.length - point - 1;
  return time.padEnd(point + 1 + Math.ceil(digits / 3) * 3, '0');
}
