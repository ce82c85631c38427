import type { DataType } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import type { AggregateCall, SourcePosition } from '../expression.ts';
import { isNumeric, simple, withNullable } from '../types/kinds.ts';
import { avgType, sumType } from '../types/numeric.ts';
import { calciteType } from '../types/print.ts';

/** Aggregates that run. */
export const SUPPORTED_AGGREGATES = ['COUNT', 'SUM', 'AVG', 'MIN', 'MAX'] as const;

export type AggregateName = (typeof SUPPORTED_AGGREGATES)[number] & AggregateCall['name'];

/** Every aggregate of Flink, supported or not: a call of one makes the query an aggregate query. */
export const AGGREGATES: ReadonlySet<string> = new Set([
  ...SUPPORTED_AGGREGATES,
  ...`FIRST_VALUE LAST_VALUE LISTAGG STDDEV STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP VARIANCE COLLECT ARRAY_AGG
  JSON_OBJECTAGG JSON_ARRAYAGG SINGLE_VALUE APPROX_COUNT_DISTINCT PERCENTILE`.split(/\s+/),
]);

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

export const isSupportedAggregate = (name: string): name is AggregateName =>
  (SUPPORTED_AGGREGATES as readonly string[]).includes(name);

/**
 * Result type of an aggregate. `mayBeEmpty`: the group may have no row to aggregate, as without GROUP BY or
 * with FILTER; then even a NOT NULL argument gives a nullable result.
 */
export function aggregateType(
  name: AggregateName,
  argument: DataType | null,
  mayBeEmpty: boolean,
  at: SourcePosition,
): DataType {
  if (name === 'COUNT') return simple('BIGINT', false);
  if (argument === null)
    throw sqlInvalid(at, `Invalid number of arguments to function '${name}'. Was expecting 1 arguments`);
  if ((name === 'SUM' || name === 'AVG') && !isNumeric(argument)) {
    throw sqlInvalid(
      at,
      `Cannot apply '${name}' to arguments of type '${name}(<${calciteType(argument)}>)'. Supported form(s): '${name}(<NUMERIC>)'`,
    );
  }
  if (['ARRAY', 'MAP', 'ROW', 'NULL'].includes(argument.kind)) {
    throw sqlInvalid(
      at,
      `Cannot apply '${name}' to arguments of type '${name}(<${calciteType(argument)}>)'. Supported form(s): '${name}(<COMPARABLE_TYPE>)'`,
    );
  }
  const type = name === 'SUM' ? sumType(argument) : name === 'AVG' ? avgType(argument) : argument;
  return withNullable(type, argument.nullable || mayBeEmpty);
}
