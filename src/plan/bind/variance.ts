import { branch, call, coerce, literal } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { cannotAggregate } from '../functions/aggregates.ts';
import { isNumeric, simple, withNullable } from '../types/kinds.ts';
import { avgType } from '../types/numeric.ts';
import { bindComparison } from './comparison.ts';
import { bindArithmetic } from './operators.ts';

/** The aggregates that a variance is computed of, as columns. */
export interface Parts {
  readonly sum: (argument: Expression) => Expression;
  readonly count: (argument: Expression) => Expression;
}

/**
 * STDDEV_POP, VAR_SAMP and so on, as Flink computes them: of sums of the argument's type, so that whole
 * numbers give whole numbers. `(SUM(x * x) - SUM(x) * SUM(x) / COUNT(x)) / COUNT(x)`, or one less for a sample.
 */
export function bindVariance(
  name: string,
  argument: Expression,
  parts: Parts,
  at: SourcePosition,
): Expression {
  if (!isNumeric(argument.type)) throw cannotAggregate(name, argument.type, 'NUMERIC', at);
  const type = withNullable(avgType(argument.type), true);
  const x = coerce(argument, type, at);
  const squares = parts.sum(bindArithmetic('*', x, x, at));
  const sum = parts.sum(x);
  const count = parts.count(x);
  const mean = bindArithmetic('/', bindArithmetic('*', sum, sum, at), count, at);
  const spread = bindArithmetic('-', squares, mean, at);
  const isPopulation = name.endsWith('_POP');
  const variance = bindArithmetic('/', spread, isPopulation ? count : oneLess(count, at), at);
  const result = name.startsWith('STDDEV') ? root(variance, at) : variance;
  return result.type.kind === type.kind && JSON.stringify(result.type) === JSON.stringify(type)
    ? result
    : { kind: 'cast', operand: result, type, safe: false, at };
}

/** The count less one; NULL for a count of one. */
function oneLess(count: Expression, at: SourcePosition): Expression {
  const one = literal(1n, simple('BIGINT', false));
  const isOne = bindComparison('=', count, one, at);
  const type = simple('BIGINT');
  const nothing = literal(null, type);
  return {
    kind: 'case',
    branches: [branch(isOne, nothing)],
    otherwise: bindArithmetic('-', count, one, at),
    type,
  };
}

function root(variance: Expression, at: SourcePosition): Expression {
  const double = simple('DOUBLE', variance.type.nullable);
  const half = literal(0.5, simple('DOUBLE', false));
  return call('POWER', [coerce(variance, double, at), half], double, at);
}
