import type { DataType } from '../core/types.ts';

/** Where in the statement an expression stands, 1-based; printed by run-time errors. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/**
 * A typed expression over the columns of its input. Types are resolved; implicit casts are explicit.
 * Literals: BOOLEAN boolean; TINYINT…INT, DATE, TIME number; BIGINT, DECIMAL (unscaled), day-time intervals
 * (milliseconds) bigint; year-month intervals (months) number; FLOAT, DOUBLE number; strings string;
 * binaries Uint8Array; timestamps {millis, nanos}; null null.
 */
export type Expression =
  | { readonly kind: 'column'; readonly index: number; readonly type: DataType }
  | { readonly kind: 'literal'; readonly value: LiteralValue; readonly type: DataType }
  | {
      readonly kind: 'call';
      /**
       * Canonical upper-case name of the function or operator: `+`, `=`, `AND`, `IS NULL`, `CONCAT`,
       * `TIMESTAMPADD`…
       */
      readonly name: string;
      readonly operands: readonly Expression[];
      readonly type: DataType;
      readonly at: SourcePosition;
      /** A function of the user's, by its id; `name` is then what it is called in SQL. */
      readonly user?: string;
    }
  | {
      readonly kind: 'cast';
      readonly operand: Expression;
      readonly type: DataType /** TRY_CAST: null instead of an error. */;
      readonly safe: boolean;
      readonly at: SourcePosition;
    }
  | {
      readonly kind: 'case';
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise: Expression;
      readonly type: DataType;
    };

export type LiteralValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | { readonly millis: number; readonly nanos: number };

/** Aggregates as a plan knows them. */
export type AggregateName =
  | 'COUNT'
  | 'SUM'
  | 'AVG'
  | 'MIN'
  | 'MAX'
  | 'SUM0'
  | 'SINGLE_VALUE'
  | 'FIRST_VALUE'
  | 'LAST_VALUE'
  | 'LISTAGG'
  | 'ARRAY_AGG'
  | 'COLLECT';

/** One aggregate call. `argument` is a column of the input (a Calc below computes it); null for COUNT(*). */
export interface AggregateCall {
  readonly name: AggregateName;
  readonly argument: number | null;
  readonly distinct: boolean;
  /** Index of a BOOLEAN input column: FILTER (WHERE …); null for none. */
  readonly filter: number | null;
  /** Between the texts of LISTAGG; a comma without it. */
  readonly separator?: string;
  /** ARRAY_AGG … IGNORE NULLS. */
  readonly ignoresNulls?: boolean;
  /** Where a call that may fail stands in the statement. */
  readonly at?: SourcePosition;
  readonly type: DataType;
}
