import type { DataType } from '../../core/mod.ts';

const INTEGERS: readonly string[] = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'];

export const isInteger = (type: DataType): boolean => INTEGERS.includes(type.kind);
export const isApproximate = (type: DataType): boolean => type.kind === 'FLOAT' || type.kind === 'DOUBLE';
export const isExact = (type: DataType): boolean => isInteger(type) || type.kind === 'DECIMAL';
export const isNumeric = (type: DataType): boolean => isExact(type) || isApproximate(type);
export const isString = (type: DataType): boolean => type.kind === 'CHAR' || type.kind === 'VARCHAR';
export const isBinary = (type: DataType): boolean => type.kind === 'BINARY' || type.kind === 'VARBINARY';
export const isTimestamp = (type: DataType): boolean =>
  type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ';
export const isInterval = (type: DataType): boolean =>
  type.kind === 'INTERVAL_DAY_TIME' || type.kind === 'INTERVAL_YEAR_MONTH';
export const isDatetime = (type: DataType): boolean =>
  isTimestamp(type) || type.kind === 'DATE' || type.kind === 'TIME';

/** The position of an integer type from the narrowest, 0. */
export const integerRank = (type: DataType): number => INTEGERS.indexOf(type.kind);

/** The same type with another nullability. NULL stays nullable. */
export function withNullable(type: DataType, nullable: boolean): DataType {
  if (type.nullable === nullable || type.kind === 'NULL') return type;
  return { ...type, nullable } as DataType;
}

/** A type without parameters. */
export function simple(
  kind: 'BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INT' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE',
  nullable = true,
): DataType {
  return { kind, nullable };
}

export const decimal = (precision: number, scale: number, nullable = true): DataType => ({
  kind: 'DECIMAL',
  precision,
  scale,
  nullable,
});

export const varchar = (length: number, nullable = true): DataType => ({ kind: 'VARCHAR', length, nullable });

export const timestamp = (precision: number, nullable = true): DataType => ({
  kind: 'TIMESTAMP',
  precision,
  nullable,
});

/** Equal but for nullability at the top. */
export function sameType(a: DataType, b: DataType): boolean {
  return JSON.stringify(withNullable(a, true)) === JSON.stringify(withNullable(b, true));
}
