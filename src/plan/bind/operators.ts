import { sqlInvalid } from '../../sql/mod.ts';
import { call, coerce, columnsOf } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { bindModulo } from '../functions/numbers.ts';
import {
  isBinary,
  isDatetime,
  isInteger,
  isInterval,
  isNumeric,
  isString,
  varchar,
  withNullable,
} from '../types/kinds.ts';
import { type Arithmetic, arithmeticType } from '../types/numeric.ts';
import { calciteType } from '../types/print.ts';

const FORMS: Readonly<Record<string, string>> = {
  '+': "'<NUMERIC> + <NUMERIC>'\n'<DATETIME_INTERVAL> + <DATETIME_INTERVAL>'\n'<DATETIME> + <DATETIME_INTERVAL>'\n'<DATETIME_INTERVAL> + <DATETIME>'",
  '-': "'<NUMERIC> - <NUMERIC>'\n'<DATETIME_INTERVAL> - <DATETIME_INTERVAL>'\n'<DATETIME> - <DATETIME_INTERVAL>'",
  '*': "'<NUMERIC> * <NUMERIC>'\n'<DATETIME_INTERVAL> * <NUMERIC>'\n'<NUMERIC> * <DATETIME_INTERVAL>'",
  '/': "'<NUMERIC> / <NUMERIC>'\n'<DATETIME_INTERVAL> / <NUMERIC>'",
  '%': "'<EXACT_NUMERIC> % <EXACT_NUMERIC>'",
  '||': "'<STRING> || <STRING>'\n'<EQUIVALENT_TYPE> || <EQUIVALENT_TYPE>'",
  AND: "'<BOOLEAN> AND <BOOLEAN>'",
  OR: "'<BOOLEAN> OR <BOOLEAN>'",
};

function refuse(operator: string, a: Expression, b: Expression, at: SourcePosition): Error {
  return sqlInvalid(
    at,
    `Cannot apply '${operator}' to arguments of type '<${calciteType(a.type)}> ${operator} <${calciteType(b.type)}>'. ` +
      `Supported form(s): ${FORMS[operator]}`,
  );
}

/** `+ - * / %`, of numbers, intervals, and times with intervals. */
export function bindArithmetic(
  operator: Arithmetic,
  a: Expression,
  b: Expression,
  at: SourcePosition,
): Expression {
  if (isInterval(a.type) || isInterval(b.type)) return bindTemporal(operator, a, b, at);
  const type = arithmeticType(operator, a.type, b.type);
  if (type === null) throw refuse(operator, a, b, at);
  if (operator === '%') return bindModulo(a, b, type, at);
  if (operator === '/' && isConstant(a) && isZero(b)) throw sqlInvalid(at, 'Division by zero');
  const result = withNullable(type, a.type.nullable || b.type.nullable);
  const exact = result.kind === 'DECIMAL';
  const operand = (x: Expression) => (exact ? asExact(x, at) : coerce(x, result, at));
  return call(operator, [operand(a), operand(b)], result, at);
}

const isConstant = (x: Expression) => !x.type.nullable && columnsOf(x).size === 0;

/** Among constants division by zero fails while planning, of DOUBLE too. */
function isZero(x: Expression): boolean {
  const inner = x.kind === 'cast' ? x.operand : x;
  return inner.kind === 'literal' && (inner.value === 0 || inner.value === 0n);
}

/**
 * An operand of DECIMAL arithmetic: integers become the DECIMAL that holds them, decimals keep their scale.
 */
function asExact(x: Expression, at: SourcePosition): Expression {
  if (!isInteger(x.type)) return x;
  const digits = { TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19 }[x.type.kind as 'INT'];
  return coerce(x, { kind: 'DECIMAL', precision: digits, scale: 0, nullable: true }, at);
}

function bindTemporal(operator: Arithmetic, a: Expression, b: Expression, at: SourcePosition): Expression {
  const nullable = a.type.nullable || b.type.nullable;
  const additive = operator === '+' || operator === '-';
  if (additive && isDatetime(a.type) && isInterval(b.type)) {
    return call(operator, [a, b], withNullable(a.type, nullable), at);
  }
  if (operator === '+' && isInterval(a.type) && isDatetime(b.type)) {
    return call('+', [b, a], withNullable(b.type, nullable), at);
  }
  if (additive && isInterval(a.type) && a.type.kind === b.type.kind) {
    return call(operator, [a, b], withNullable(a.type, nullable), at);
  }
  const [interval, number] = isInterval(a.type) ? [a, b] : [b, a];
  if (operator === '*' && isInteger(number.type)) {
    return call(
      '*',
      [interval, coerce(number, { kind: 'BIGINT', nullable: true }, at)],
      withNullable(interval.type, nullable),
      at,
    );
  }
  throw refuse(operator, a, b, at);
}

/** `(a - b) unit`: months for YEAR, QUARTER and MONTH, else milliseconds, not cut to the unit. */
export function bindDifference(a: Expression, b: Expression, unit: string, at: SourcePosition): Expression {
  const times = [a, b].map(x => x.type);
  const sameKind =
    isDatetime(a.type) && isDatetime(b.type) && (a.type.kind === 'TIME') === (b.type.kind === 'TIME');
  if (!sameKind) throw refuse('-', a, b, at);
  const months = ['YEAR', 'QUARTER', 'MONTH'].includes(unit);
  const kind = months ? ('INTERVAL_YEAR_MONTH' as const) : ('INTERVAL_DAY_TIME' as const);
  return call('-', [a, b], { kind, nullable: times.some(type => type.nullable) }, at);
}

/** `||`. */
export function bindConcat(a: Expression, b: Expression, at: SourcePosition): Expression {
  const fits = (isString(a.type) && isString(b.type)) || (isBinary(a.type) && isBinary(b.type));
  if (!fits || !('length' in a.type) || !('length' in b.type)) throw refuse('||', a, b, at);
  const length = Math.min(a.type.length + b.type.length, 2147483647);
  const bothFixed = a.type.kind === b.type.kind && (a.type.kind === 'CHAR' || a.type.kind === 'BINARY');
  const text = bothFixed ? ({ kind: a.type.kind, length, nullable: true } as const) : varchar(length);
  const type =
    isBinary(a.type) && !bothFixed ? ({ kind: 'VARBINARY', length, nullable: true } as const) : text;
  return call('CONCAT', [a, b], withNullable(type, a.type.nullable || b.type.nullable), at);
}

/** AND and OR, flat. */
export function bindLogic(
  operator: 'AND' | 'OR',
  a: Expression,
  b: Expression,
  at: SourcePosition,
): Expression {
  if (a.type.kind === 'NULL' || b.type.kind === 'NULL') throw sqlInvalid(at, "Illegal use of 'NULL'");
  if (a.type.kind !== 'BOOLEAN' || b.type.kind !== 'BOOLEAN') throw refuse(operator, a, b, at);
  const flat = (x: Expression) => (x.kind === 'call' && x.name === operator ? x.operands : [x]);
  return call(
    operator,
    [...flat(a), ...flat(b)],
    withNullable(a.type, a.type.nullable || b.type.nullable),
    at,
  );
}

/** `-x`. */
export function bindNegation(x: Expression, at: SourcePosition): Expression {
  if (!isNumeric(x.type) && !isInterval(x.type)) {
    throw sqlInvalid(
      at,
      `Cannot apply '-' to arguments of type '-<${calciteType(x.type)}>'. Supported form(s): '-<NUMERIC>' '-<DATETIME_INTERVAL>'`,
    );
  }
  if (x.kind === 'literal' && isInterval(x.type) && typeof x.value === 'bigint')
    return { ...x, value: -x.value };
  // A literal has no negative zero.
  if (x.kind === 'literal' && x.value === 0) return x;
  return call('NEGATE', [x], x.type, at);
}
