import { type DataType, isNestedType } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { branch, call, coerce, literal } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import {
  isBinary,
  isDatetime,
  isInteger,
  isInterval,
  isNumeric,
  isString,
  isTimestamp,
  simple,
} from '../types/kinds.ts';
import { commonType } from '../types/merge.ts';
import { calciteType, flinkType } from '../types/print.ts';

/** `=`, `<` and their like; operands are cast to the type they are compared in. */
export function bindComparison(
  operator: string,
  left: Expression,
  right: Expression,
  at: SourcePosition,
): Expression {
  const type = simple('BOOLEAN', mayBeNull(left.type) || mayBeNull(right.type));
  const never = compareWithBoolean(operator, left, right, type, at);
  if (never !== null) return never;
  const common = comparedType(operator, left, right, at);
  return call(operator, [toCompared(left, common, at), toCompared(right, common, at)], type, at);
}

/** Rows of which a part may be null are nullable to a comparison, though it answers for them, too. */
function mayBeNull(type: DataType): boolean {
  return type.nullable || (type.kind === 'ROW' && type.fields.some(field => mayBeNull(field.type)));
}

/** A BOOLEAN and a text are never equal, as in Flink; null when they are something else. */
function compareWithBoolean(
  operator: string,
  left: Expression,
  right: Expression,
  type: DataType,
  at: SourcePosition,
): Expression | null {
  const mixed =
    [left, right].some(x => x.type.kind === 'BOOLEAN') && [left, right].some(x => isString(x.type));
  if (!mixed || (operator !== '=' && operator !== '<>')) return null;
  const differ = literal(operator === '<>', simple('BOOLEAN', false));
  const nulls = [left, right].filter(x => x.type.nullable);
  if (nulls.length === 0) return differ;
  const branches = nulls.map(x =>
    branch(call('IS NULL', [x], simple('BOOLEAN', false), at), literal(null, type)),
  );
  return { kind: 'case', branches, otherwise: differ, type };
}

function toCompared(operand: Expression, common: DataType, at: SourcePosition): Expression {
  return isString(operand.type) && isString(common) ? operand : coerce(operand, common, at);
}

/** The type two values are compared in. */
export function comparedType(
  operator: string,
  left: Expression,
  right: Expression,
  at: SourcePosition,
): DataType {
  const [a, b] = [left.type, right.type];
  const ordered =
    operator !== '=' && operator !== '<>' && !operator.includes('DISTINCT') && operator !== 'IN';
  if (ordered && (isNestedType(a) || isNestedType(b))) {
    throw sqlInvalid(at, `Comparable type expected, but was '${flinkType(isNestedType(a) ? a : b)}'.`);
  }
  const common = a.kind === 'NULL' || b.kind === 'NULL' || sameFamily(a, b) ? commonType([a, b]) : null;
  if (common !== null) return common;
  if (isTimestamp(a) && isTimestamp(b)) return a.kind === 'TIMESTAMP_LTZ' ? a : b;
  const text = isString(a) ? b : isString(b) ? a : null;
  if (text !== null && isComparedWithText(text)) return text;
  if ((isString(a) && isInteger(b)) || (isInteger(a) && isString(b))) {
    const [from, to] = [bareName(a), bareName(b)];
    throw sqlInvalid(at, `implicit type conversion between ${from} and ${to} is not supported now`);
  }
  throw sqlInvalid(
    at,
    `Cannot apply '${operator}' to arguments of type '<${calciteType(a)}> ${operator} <${calciteType(b)}>'. ` +
      `Supported form(s): '<COMPARABLE_TYPE> ${operator} <COMPARABLE_TYPE>'`,
  );
}

const bareName = (type: DataType) => calciteType(type).replace(/\(.*/, '');

function sameFamily(a: DataType, b: DataType): boolean {
  return (
    (isNumeric(a) && isNumeric(b)) ||
    (isString(a) && isString(b)) ||
    (isBinary(a) && isBinary(b)) ||
    (a.kind === b.kind && (isNestedType(a) || isDatetime(a) || isInterval(a) || a.kind === 'BOOLEAN'))
  );
}

/** Types a text is read as when compared with them: decimals, dates and times. */
function isComparedWithText(type: DataType): boolean {
  return (isNumeric(type) && !isInteger(type)) || isDatetime(type);
}
