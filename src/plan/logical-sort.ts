import type { SourcePosition } from './expression.ts';
import type { LogicalField, LogicalNode } from './logical.ts';
import type { SortKey } from './logical-over.ts';

/** ORDER BY without LIMIT, of a whole query. Only by a time attribute first, ascending, can it run. */
export interface LogicalSortNode {
  readonly kind: 'sort';
  readonly fields: readonly LogicalField[];
  readonly input: LogicalNode;
  readonly order: readonly SortKey[];
  readonly at: SourcePosition;
}

/** Each row as often as its last column, a BIGINT, says. Output: the columns before. */
export interface LogicalReplicateNode {
  readonly kind: 'replicate';
  readonly fields: readonly LogicalField[];
  readonly input: LogicalNode;
}
