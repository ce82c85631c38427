import type { DataType } from '../../core/mod.ts';
import {
  isApproximate,
  isBinary,
  isExact,
  isInteger,
  isInterval,
  isNumeric,
  isString,
  isTimestamp,
  sameType,
  simple,
  withNullable,
} from './kinds.ts';
import { mergedDecimal, widerInteger } from './numeric.ts';

/**
 * The narrowest type all values of the given types fit in, as CASE, COALESCE and UNION need it; null when
 * none.
 */
export function commonType(types: readonly DataType[]): DataType | null {
  const nullable = types.some(type => type.nullable);
  const merged = types.reduce<DataType | null>((a, b) => (a === null ? null : mergePair(a, b)), {
    kind: 'NULL',
    nullable: true,
  });
  return merged === null ? null : withNullable(merged, nullable);
}

function mergePair(a: DataType, b: DataType): DataType | null {
  if (a.kind === 'NULL') return b;
  if (b.kind === 'NULL' || sameType(a, b)) return a;
  if (isNumeric(a) && isNumeric(b)) return mergeNumeric(a, b);
  if (isString(a) && isString(b)) return mergeLength(a, b, 'VARCHAR');
  if (isBinary(a) && isBinary(b)) return mergeLength(a, b, 'VARBINARY');
  if (a.kind === b.kind && (isTimestamp(a) || a.kind === 'TIME')) return mergePrecision(a, b);
  if (a.kind === b.kind && isInterval(a)) return a;
  return mergeNested(a, b);
}

function mergeNumeric(a: DataType, b: DataType): DataType {
  if (isExact(a) && isExact(b))
    return isInteger(a) && isInteger(b) ? widerInteger(a, b) : mergedDecimal(a, b);
  const kinds = [a.kind, b.kind];
  if (kinds.includes('DOUBLE') || kinds.includes('DECIMAL')) return simple('DOUBLE');
  return isApproximate(a) ? a : b;
}

function mergeLength(a: DataType, b: DataType, kind: 'VARCHAR' | 'VARBINARY'): DataType {
  const lengthOf = (type: DataType) => ('length' in type ? type.length : 0);
  return { kind, length: Math.max(lengthOf(a), lengthOf(b)), nullable: true };
}

function mergePrecision(a: DataType, b: DataType): DataType {
  const precisionOf = (type: DataType) => ('precision' in type ? type.precision : 0);
  return precisionOf(a) >= precisionOf(b) ? a : b;
}

function mergeNested(a: DataType, b: DataType): DataType | null {
  if ((a.kind === 'ARRAY' && b.kind === 'ARRAY') || (a.kind === 'MULTISET' && b.kind === 'MULTISET')) {
    const element = commonType([a.element, b.element]);
    return element === null ? null : { kind: a.kind, element, nullable: true };
  }
  if (a.kind === 'MAP' && b.kind === 'MAP') {
    const key = commonType([a.key, b.key]);
    const value = commonType([a.value, b.value]);
    return key === null || value === null ? null : { kind: 'MAP', key, value, nullable: true };
  }
  if (a.kind === 'ROW' && b.kind === 'ROW' && a.fields.length === b.fields.length) {
    const types = a.fields.map((field, i) => commonType([field.type, b.fields[i]!.type]));
    if (types.includes(null)) return null;
    return {
      kind: 'ROW',
      fields: a.fields.map((f, i) => ({ name: f.name, type: types[i]! })),
      nullable: true,
    };
  }
  return null;
}
