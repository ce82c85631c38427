import { physicalTypeOf, powerOfTen } from '../../core/mod.ts';
import type { Decimal } from './arithmetic.ts';
import { anyNull, type CodeWriter, type Value } from './code.ts';

/*
 * Whole numbers within ±2^53 are exact as JavaScript numbers, computed without making bigints: a value may
 * bring its (unscaled) number beside its code, NaN where it is beyond.
 */

/** The number of a value or literal, null where there is none. */
function exactOf(w: CodeWriter, v: Value): string | null {
  if (v.exact !== undefined) return v.exact();
  if (v.literal === undefined && physicalTypeOf(v.type) === 'i32') return v.code;
  return exactLiteral(w, v, 0);
}

/** A literal's number with so many zeros more, null where that is no literal or not exact. */
export function exactLiteral(w: CodeWriter, { literal }: Value, zeros: number): string | null {
  if (typeof literal !== 'bigint' && !(typeof literal === 'number' && Number.isInteger(literal))) return null;
  const number = Number(BigInt(literal) * powerOfTen(zeros));
  return Number.isSafeInteger(number) ? w.constant(number) : null;
}

/**
 * The product of two such values: `slow`, a bigint or null, where it is beyond what is exact or what the type
 * holds. Null where the operands have no numbers.
 */
export function exactProduct(
  w: CodeWriter,
  type: Decimal,
  [a, b]: readonly [Value, Value],
  slow: string,
): Value | null {
  const test = anyNull([a, b]);
  const [x, y] = [exactOf(w, a), exactOf(w, b)];
  if (x === null || y === null || test === 'true') return null;
  const max = Number.MAX_SAFE_INTEGER;
  const limit = type.precision > 15 ? max : 10 ** type.precision - 1;
  const [t, big] = [w.name('t'), w.name('b')];
  w.line(`let ${t} = NaN, ${big} = null;`);
  if (test !== 'false') w.line(`if (!${test}) {`);
  w.line(
    `${t} = ${x} * ${y}; if (!(${t} >= -${limit} && ${t} <= ${limit})) { ${t} = NaN; ${big} = ${slow}; }`,
  );
  if (test !== 'false') w.line('}');
  return {
    type,
    code: `(${t} === ${t} ? BigInt(${t}) : ${big})`,
    isNull: `(${t} !== ${t} && ${big} === null)`,
    nanos: '0',
    range: null,
    exact: () => t,
  };
}
