import { type DataType, isNestedType } from '../../core/mod.ts';
import {
  integerRank,
  isApproximate,
  isBinary,
  isDatetime,
  isExact,
  isInteger,
  isInterval,
  isNumeric,
  isString,
  isTimestamp,
  withNullable,
} from './kinds.ts';
import { calciteType, flinkType } from './print.ts';

/**
 * True when a sink takes the type without a written CAST: Flink's `LogicalTypeCasts.supportsImplicitCast`.
 */
export function isImplicitCast(from: DataType, to: DataType): boolean {
  if (from.kind === 'NULL') return true;
  if (from.kind === to.kind) return isImplicitNested(from, to);
  if (to.kind === 'VARCHAR') return isString(from);
  if (to.kind === 'VARBINARY') return isBinary(from);
  if (isInteger(to)) return isInteger(from) && integerRank(from) <= integerRank(to);
  if (to.kind === 'DECIMAL' || to.kind === 'DOUBLE') return isNumeric(from);
  if (to.kind === 'FLOAT') return isExact(from);
  if (to.kind === 'DATE' || to.kind === 'TIME') return from.kind === 'TIMESTAMP';
  return isTimestamp(to) && isTimestamp(from);
}

function isImplicitNested(from: DataType, to: DataType): boolean {
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return isImplicitCast(from.element, to.element);
  if (from.kind === 'MAP' && to.kind === 'MAP') {
    return isImplicitCast(from.key, to.key) && isImplicitCast(from.value, to.value);
  }
  if (from.kind === 'MULTISET' && to.kind === 'MULTISET') return isImplicitCast(from.element, to.element);
  if (from.kind === 'ROW' && to.kind === 'ROW') {
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, i) => isImplicitCast(field.type, to.fields[i]!.type))
    );
  }
  return true;
}

/** Why CAST(from AS to) is refused, in Flink's words; null when it is allowed. */
export function castRefusal(from: DataType, to: DataType): string | null {
  if (isNumeric(from) && isTimestamp(to)) {
    const advice =
      to.kind === 'TIMESTAMP'
        ? 'TO_TIMESTAMP(FROM_UNIXTIME(numeric_col)) instead, note the numeric is in seconds.'
        : 'TO_TIMESTAMP_LTZ(numeric_col, precision) instead.';
    return `The cast from NUMERIC type to ${to.kind} type is not allowed. It's recommended to use ${advice}`;
  }
  if (from.kind === 'TIMESTAMP' && isNumeric(to)) {
    return (
      'The cast from TIMESTAMP type to NUMERIC type is not allowed. ' +
      "It's recommended to use UNIX_TIMESTAMP(CAST(timestamp_col AS STRING)) instead."
    );
  }
  if (from.kind === 'TIMESTAMP_LTZ' && isNumeric(to)) {
    return 'The cast from TIMESTAMP_LTZ type to NUMERIC type is not allowed.';
  }
  if (isCast(from, to)) return null;
  if ((isString(from) && isInterval(to)) || (isBinary(from) && isDatetime(to))) {
    return `Unsupported cast from '${flinkType(from)}' to '${flinkType(withNullable(to, from.nullable))}'.`;
  }
  return `Cast function cannot convert value of type ${calciteType(from)} to type ${calciteType(to)}`;
}

function isCast(from: DataType, to: DataType): boolean {
  if (from.kind === 'NULL' || to.kind === 'NULL') return true;
  if (isString(to)) return true;
  if (isString(from)) return !isInterval(to) && !isNestedType(to);
  if (from.kind === 'BOOLEAN' || to.kind === 'BOOLEAN') return isPlain(from) && isPlain(to);
  if (isNumeric(from)) return isNumeric(to) || (isInterval(to) && from.kind === 'INT');
  if (isDatetime(from)) return isDatetimeCast(from, to);
  if (isInterval(from)) return from.kind === to.kind;
  if (isBinary(from)) return isBinary(to);
  return isNestedCast(from, to);
}

const isPlain = (type: DataType) => type.kind === 'BOOLEAN' || isExact(type) || isApproximate(type);

function isDatetimeCast(from: DataType, to: DataType): boolean {
  if (from.kind === 'DATE') return to.kind === 'DATE' || isTimestamp(to);
  if (from.kind === 'TIME') return to.kind === 'TIME' || isTimestamp(to);
  return isDatetime(to);
}

function isNestedCast(from: DataType, to: DataType): boolean {
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return isCast(from.element, to.element);
  if (from.kind === 'MAP' && to.kind === 'MAP')
    return isCast(from.key, to.key) && isCast(from.value, to.value);
  if (from.kind === 'MULTISET' && to.kind === 'MULTISET') return isCast(from.element, to.element);
  if (from.kind !== 'ROW' || to.kind !== 'ROW') return false;
  return (
    from.fields.length === to.fields.length &&
    from.fields.every((field, i) => isCast(field.type, to.fields[i]!.type))
  );
}
