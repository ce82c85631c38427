import { type DataType, printType } from '../../core/mod.ts';
import { isNumeric, isString, withNullable } from './kinds.ts';

/**
 * The type as Flink's validator names it in messages: INTEGER, VARCHAR(2147483647),
 * TIMESTAMP_WITH_LOCAL_TIME_ZONE(3).
 */
export function calciteType(type: DataType): string {
  switch (type.kind) {
    case 'INT':
      return 'INTEGER';
    case 'VARCHAR':
    case 'VARBINARY':
      return `${type.kind}(${type.length})`;
    case 'TIMESTAMP_LTZ':
      return `TIMESTAMP_WITH_LOCAL_TIME_ZONE(${type.precision})`;
    case 'INTERVAL_DAY_TIME':
      return 'INTERVAL DAY TO SECOND';
    case 'INTERVAL_YEAR_MONTH':
      return 'INTERVAL YEAR TO MONTH';
    case 'ARRAY':
      return `${calciteType(type.element)} ARRAY`;
    case 'MULTISET':
      return `${calciteType(type.element)} MULTISET`;
    case 'MAP':
      return `(${calciteType(type.key)}, ${calciteType(type.value)}) MAP`;
    case 'ROW':
      return `RecordType(${type.fields.map(f => `${calciteType(f.type)} ${f.name}`).join(', ')})`;
    default:
      return printType(withNullable(type, true));
  }
}

/** The type as DESCRIBE prints it. */
export function flinkType(type: DataType): string {
  const nullability = type.nullable ? '' : ' NOT NULL';
  if (type.kind === 'INTERVAL_DAY_TIME') return `INTERVAL SECOND(3)${nullability}`;
  if (type.kind === 'INTERVAL_YEAR_MONTH') return `INTERVAL MONTH${nullability}`;
  return printType(type);
}

/** The family of a type as "No match found for function signature" names it. */
export function typeFamily(type: DataType): string {
  if (isNumeric(type)) return 'NUMERIC';
  if (isString(type)) return 'CHARACTER';
  if (type.kind === 'BINARY' || type.kind === 'VARBINARY') return 'BINARY';
  return calciteType(type);
}
