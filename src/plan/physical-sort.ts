import type { SortKey } from './logical-over.ts';
import type { NodeBase, PhysicalNode } from './physical.ts';

/**
 * Rows in the order of a time attribute, then of `order`: each leaves when the watermark has reached it, by
 * processing time (`rowtime` null) when its millisecond is over. Only for input that is append-only.
 */
export interface TemporalSortNode extends NodeBase {
  readonly kind: 'temporalSort';
  readonly input: PhysicalNode;
  readonly rowtime: number | null;
  readonly order: readonly SortKey[];
}

/** Each row as often as column `count`, a BIGINT, says. Output: the other columns. */
export interface ReplicateNode extends NodeBase {
  readonly kind: 'replicate';
  readonly input: PhysicalNode;
  readonly count: number;
}
