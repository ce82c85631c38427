import type { Expression, SourcePosition } from './expression.ts';
import type { LogicalField, LogicalNode } from './logical.ts';

/** What a LOOKUP hint asks for. */
export interface LookupHint {
  /** Ask again for keys without rows, so often at most; null for no. */
  readonly retry: { readonly delayMs: number; readonly attemptsMax: number } | null;
}

/**
 * Each left row beside the version of the right table that is valid at the row's time: of a versioned table
 * by event time, of an outside table, asked when the row comes, by processing time. Output: left columns then
 * right columns.
 */
export interface LogicalTemporalJoinNode {
  readonly kind: 'temporalJoin';
  readonly fields: readonly LogicalField[];
  readonly joinType: 'INNER' | 'LEFT';
  readonly left: LogicalNode;
  readonly right: LogicalNode;
  /** Over the columns of both. */
  readonly condition: Expression | null;
  /** The left input's time attribute after AS OF. */
  readonly time: number;
  /** The hint LOOKUP for the right table; null without. */
  readonly hint: LookupHint | null;
  readonly at: SourcePosition;
}
