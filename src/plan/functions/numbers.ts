import type { DataType } from '../../core/mod.ts';
import { call, coerce } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { decimal, isInteger, withNullable } from '../types/kinds.ts';
import { arithmeticType, widerInteger } from '../types/numeric.ts';
import { cannotApply, DOUBLE, define, type FunctionDefinition, typeOfArg } from './definition.ts';

const sameAsFirst = (args: readonly Expression[]) => typeOfArg(args, 0);

/** FLOOR and CEIL of a DECIMAL keep its digits before the point. */
function wholeOf(args: readonly Expression[]): DataType {
  const type = typeOfArg(args, 0);
  return type.kind === 'DECIMAL' ? decimal(type.precision, 0) : type;
}

/**
 * ROUND and TRUNCATE of a DECIMAL: its digits before the point and one more for a carry, then those asked
 * for.
 */
function rounded(args: readonly Expression[]): DataType {
  const type = typeOfArg(args, 0);
  if (type.kind !== 'DECIMAL') return type;
  const digits = args[1];
  const asked = digits === undefined ? 0 : digits.kind === 'literal' ? Number(digits.value) : type.scale;
  if (asked >= type.scale) return type;
  const scale = Math.max(asked, 0);
  return decimal(Math.min(38, type.precision - type.scale + 1 + scale), scale);
}

const real = (name: string, syntax = `${name}(x)`, count = 1) =>
  define('numeric', name, syntax, {
    params: Array.from({ length: count }, () => 'numeric' as const),
    result: () => DOUBLE,
    coerceTo: args => args.map(() => DOUBLE),
  });

const constant = (name: string) => define('numeric', name, `${name}()`, { params: [], result: () => DOUBLE });

const modulo: FunctionDefinition = {
  name: 'MOD',
  group: 'numeric',
  syntax: 'MOD(x, y)',
  note: 'The same as x % y.',
  bind: bound => {
    const [a, b] = bound.args;
    const type = bound.args.length === 2 ? arithmeticType('%', a!.type, b!.type) : null;
    if (type === null) throw cannotApply(bound, ['<EXACT_NUMERIC>', '<EXACT_NUMERIC>']);
    return bindModulo(a!, b!, type, bound.at);
  },
};

/** `a % b`; between integers it is computed in the wider type and takes the type of `b`. */
export function bindModulo(
  a: Expression,
  b: Expression,
  type: DataType,
  at: { line: number; column: number },
): Expression {
  const result = withNullable(type, a.type.nullable || b.type.nullable);
  if (!isInteger(a.type) || !isInteger(b.type)) return call('%', [a, b], result, at);
  const wide = widerInteger(a.type, b.type);
  const remainder = call(
    '%',
    [coerce(a, wide, at), coerce(b, wide, at)],
    withNullable(wide, result.nullable),
    at,
  );
  return coerce(remainder, result, at);
}

/** Functions over numbers. */
export const NUMERIC_FUNCTIONS: readonly FunctionDefinition[] = [
  define('numeric', 'ABS', 'ABS(x)', { params: ['numeric'], result: sameAsFirst }),
  define('numeric', 'SIGN', 'SIGN(x)', { params: ['numeric'], result: sameAsFirst }),
  define('numeric', 'ROUND', 'ROUND(x [, digits])', {
    params: ['numeric', 'integer'],
    optional: 1,
    result: rounded,
  }),
  define('numeric', 'TRUNCATE', 'TRUNCATE(x [, digits])', {
    params: ['numeric', 'integer'],
    optional: 1,
    result: rounded,
  }),
  modulo,
  real('POWER', 'POWER(x, y)', 2),
  real('SQRT'),
  real('EXP'),
  real('LN'),
  real('LOG10'),
  real('LOG2'),
  define('numeric', 'LOG', 'LOG([base,] x)', {
    params: ['numeric', 'numeric'],
    optional: 1,
    result: () => DOUBLE,
    coerceTo: args => args.map(() => DOUBLE),
  }),
  ...['SIN', 'COS', 'TAN', 'COT', 'ASIN', 'ACOS', 'ATAN', 'SINH', 'COSH', 'TANH', 'DEGREES', 'RADIANS'].map(
    name => real(name),
  ),
  real('ATAN2', 'ATAN2(y, x)', 2),
  constant('PI'),
  constant('E'),
];

/** Result type of FLOOR(x) and CEIL(x) of a number. */
export const wholeType = wholeOf;
