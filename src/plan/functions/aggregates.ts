import { type DataType, STRING_LENGTH_MAX } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import type { AggregateCall, SourcePosition } from '../expression.ts';
import { isNumeric, isString, simple, varchar, withNullable } from '../types/kinds.ts';
import { avgType, sumType } from '../types/numeric.ts';
import { calciteType } from '../types/print.ts';

/** Aggregates that run. */
export const SUPPORTED_AGGREGATES = [
  'COUNT',
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'FIRST_VALUE',
  'LAST_VALUE',
  'LISTAGG',
  'ARRAY_AGG',
  'COLLECT',
  'SINGLE_VALUE',
  'STDDEV',
  'STDDEV_POP',
  'STDDEV_SAMP',
  'VARIANCE',
  'VAR_POP',
  'VAR_SAMP',
  'JSON_ARRAYAGG',
  'JSON_OBJECTAGG',
] as const;

/** Supported aggregates that a plan computes themselves, not by others. */
export type SupportedAggregate = (typeof SUPPORTED_AGGREGATES)[number] & AggregateCall['name'];

/** Every aggregate of Flink, supported or not: a call of one makes the query an aggregate query. */
export const AGGREGATES: ReadonlySet<string> = new Set([...SUPPORTED_AGGREGATES, 'APPROX_COUNT_DISTINCT']);

/** Functions that exist only with OVER. */
export const OVER_FUNCTIONS: ReadonlySet<string> = new Set([
  'ROW_NUMBER',
  'RANK',
  'DENSE_RANK',
  'LAG',
  'LEAD',
  'NTILE',
  'PERCENT_RANK',
  'CUME_DIST',
]);

/** STDDEV and the like, computed of sums. */
export const VARIANCES: ReadonlySet<string> = new Set([
  'STDDEV',
  'STDDEV_POP',
  'STDDEV_SAMP',
  'VARIANCE',
  'VAR_POP',
  'VAR_SAMP',
]);

/** Aggregates made of LISTAGG. */
export const JSON_AGGREGATES: ReadonlySet<string> = new Set(['JSON_ARRAYAGG', 'JSON_OBJECTAGG']);

export const isSupportedAggregate = (name: string): name is SupportedAggregate =>
  (SUPPORTED_AGGREGATES as readonly string[]).includes(name) &&
  !VARIANCES.has(name) &&
  !JSON_AGGREGATES.has(name);

const LISTAGG_FORMS = "CHARACTER>)'\n'LISTAGG(<CHARACTER>, <CHARACTER_LITERAL";

/**
 * Result type of an aggregate. `mayBeEmpty`: the group may have no row to aggregate, as without GROUP BY or
 * with FILTER; then even a NOT NULL argument gives a nullable result.
 */
export function aggregateType(
  name: SupportedAggregate,
  argument: DataType | null,
  mayBeEmpty: boolean,
  at: SourcePosition,
): DataType {
  if (name === 'COUNT') return simple('BIGINT', false);
  if (argument === null)
    throw sqlInvalid(at, `Invalid number of arguments to function '${name}'. Was expecting 1 arguments`);
  if ((name === 'SUM' || name === 'AVG') && !isNumeric(argument)) {
    throw cannotAggregate(name, argument, 'NUMERIC', at);
  }
  switch (name) {
    case 'LISTAGG':
      if (!isString(argument)) throw cannotAggregate(name, argument, LISTAGG_FORMS, at);
      return varchar(STRING_LENGTH_MAX, argument.nullable);
    case 'ARRAY_AGG':
      return { kind: 'ARRAY', element: argument, nullable: true };
    case 'COLLECT':
      return { kind: 'MULTISET', element: argument, nullable: false };
    case 'FIRST_VALUE':
    case 'LAST_VALUE':
    case 'SINGLE_VALUE':
      return withNullable(argument, argument.nullable || mayBeEmpty);
  }
  if (['ARRAY', 'MAP', 'MULTISET', 'ROW', 'NULL'].includes(argument.kind)) {
    throw cannotAggregate(name, argument, 'COMPARABLE_TYPE', at);
  }
  const type = name === 'SUM' ? sumType(argument) : name === 'AVG' ? avgType(argument) : argument;
  return withNullable(type, argument.nullable || mayBeEmpty);
}

/** "Cannot apply 'SUM' to arguments of type 'SUM(<VARCHAR>)'. Supported form(s): 'SUM(<NUMERIC>)'" */
export function cannotAggregate(name: string, argument: DataType, form: string, at: SourcePosition): Error {
  return sqlInvalid(
    at,
    `Cannot apply '${name}' to arguments of type '${name}(<${calciteType(argument)}>)'. ` +
      `Supported form(s): '${name}(<${form}>)'`,
  );
}
