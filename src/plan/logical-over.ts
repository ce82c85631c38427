import type { AggregateCall, LiteralValue, SourcePosition } from './expression.ts';
import type { LogicalField, LogicalNode } from './logical.ts';

/** One column of an ORDER BY. Without NULLS FIRST or LAST, NULL is the smallest value, as in Flink. */
export interface SortKey {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsLast: boolean;
}

/** Functions of a row's place in its window. */
export type RankFunction = 'ROW_NUMBER' | 'RANK' | 'DENSE_RANK';

/** One function with OVER: an aggregate, a rank (`argument` null), or LAG with its offset and default. */
export interface OverCall {
  readonly call: Omit<AggregateCall, 'name'> & {
    readonly name: AggregateCall['name'] | RankFunction | 'LAG';
  };
  readonly lag: { readonly offset: number; readonly otherwise: LiteralValue } | null;
  readonly at: SourcePosition;
}

/** The rows an OVER function sees: from so many rows or milliseconds before up to the current row. */
export interface OverFrame {
  readonly unit: 'ROWS' | 'RANGE';
  /** Rows, or milliseconds; null from the first row on. */
  readonly preceding: number | null;
}

/** Functions over one window. */
export interface OverGroup {
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  readonly frame: OverFrame;
  readonly calls: readonly OverCall[];
  readonly at: SourcePosition;
}

/** The input's columns, then one for each call of each group. */
export interface LogicalOverNode {
  readonly kind: 'over';
  readonly fields: readonly LogicalField[];
  readonly input: LogicalNode;
  readonly groups: readonly OverGroup[];
}

/**
 * The rows ranked `from` to `to` (from 1) of each partition: ROW_NUMBER with a condition on it, and LIMIT.
 * Output: the input's columns, then the rank as BIGINT.
 */
export interface LogicalRankNode {
  readonly kind: 'rank';
  readonly fields: readonly LogicalField[];
  readonly input: LogicalNode;
  readonly partition: readonly number[];
  /** Empty: in the order the rows come. */
  readonly order: readonly SortKey[];
  readonly from: number;
  readonly to: number;
  /** It stands for ORDER BY … LIMIT. */
  readonly ofLimit: boolean;
  readonly at: SourcePosition;
}
