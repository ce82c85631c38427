import type { DataType } from '../../core/mod.ts';
import { decimal, integerRank, isApproximate, isExact, isInteger, simple } from './kinds.ts';

/** The operators whose result type depends on both operands. */
export type Arithmetic = '+' | '-' | '*' | '/' | '%';

const PRECISION_MAX = 38;
const SCALE_KEPT_MIN = 6;
const INTEGER_DIGITS: readonly number[] = [3, 5, 10, 19];
const INTEGER_KINDS = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'] as const;

interface Decimal {
  readonly precision: number;
  readonly scale: number;
}

/** An exact type as the DECIMAL that holds it: INT is DECIMAL(10, 0). */
export function asDecimal(type: DataType): Decimal {
  if (type.kind === 'DECIMAL') return type;
  return { precision: INTEGER_DIGITS[integerRank(type)]!, scale: 0 };
}

/** The wider of two integer types. */
export function widerInteger(a: DataType, b: DataType): DataType {
  return simple(INTEGER_KINDS[Math.max(integerRank(a), integerRank(b))]!);
}

/**
 * Result type of `a op b`, nullable; null where Flink has none. The rules of Flink's `LogicalTypeMerging`.
 */
export function arithmeticType(operator: Arithmetic, a: DataType, b: DataType): DataType | null {
  if (isApproximate(a) || isApproximate(b)) return approximateType(operator, a, b);
  if (!isExact(a) || !isExact(b)) return null;
  if (isInteger(a) && isInteger(b)) return operator === '%' ? { ...b, nullable: true } : widerInteger(a, b);
  return decimalType(operator, asDecimal(a), asDecimal(b));
}

/** FLOAT with DOUBLE takes the left operand's type, as Flink does; with DECIMAL both give DOUBLE. */
function approximateType(operator: Arithmetic, a: DataType, b: DataType): DataType | null {
  if (operator === '%') return null;
  if (isApproximate(a) && isApproximate(b)) return { ...a, nullable: true };
  const [approximate, other] = isApproximate(a) ? [a, b] : [b, a];
  if (!isExact(other)) return null;
  return other.kind === 'DECIMAL' ? simple('DOUBLE') : { ...approximate, nullable: true };
}

function decimalType(operator: Arithmetic, a: Decimal, b: Decimal): DataType {
  const whole = (d: Decimal) => d.precision - d.scale;
  switch (operator) {
    case '+':
    case '-': {
      const scale = Math.max(a.scale, b.scale);
      return fitted(Math.max(whole(a), whole(b)) + scale + 1, scale);
    }
    case '*':
      return fitted(a.precision + b.precision + 1, a.scale + b.scale);
    case '/': {
      const scale = Math.max(SCALE_KEPT_MIN, a.scale + b.precision + 1);
      return fitted(whole(a) + b.scale + scale, scale);
    }
    case '%': {
      const scale = Math.max(a.scale, b.scale);
      return fitted(Math.min(whole(a), whole(b)) + scale, scale);
    }
  }
}

/** Within 38 digits: the digits before the point are kept, the scale gives way down to 6. */
function fitted(precision: number, scale: number): DataType {
  if (precision <= PRECISION_MAX) return decimal(precision, scale);
  const kept = Math.min(scale, SCALE_KEPT_MIN);
  return decimal(PRECISION_MAX, Math.max(PRECISION_MAX - (precision - scale), kept));
}

/** The narrowest DECIMAL that holds both. */
export function mergedDecimal(a: DataType, b: DataType): DataType {
  const [left, right] = [asDecimal(a), asDecimal(b)];
  const scale = Math.max(left.scale, right.scale);
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale);
  return fitted(whole + scale, scale);
}

/** Type of SUM: DECIMAL widens to 38 digits, all else stays as it is. */
export function sumType(type: DataType): DataType {
  return type.kind === 'DECIMAL' ? decimal(PRECISION_MAX, type.scale) : { ...type, nullable: true };
}

/** Type of AVG: DECIMAL(38, max(6, scale)), integers stay integers. */
export function avgType(type: DataType): DataType {
  if (type.kind !== 'DECIMAL') return { ...type, nullable: true };
  return decimal(PRECISION_MAX, Math.max(SCALE_KEPT_MIN, type.scale));
}
