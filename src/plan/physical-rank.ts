import type { SortKey } from './logical-over.ts';
import type { NodeBase, PhysicalNode } from './physical.ts';

/**
 * The rows ranked `from` to `to` of each partition. Output: the input's columns, then the rank when
 * `withRank`. Of rows that order alike the first to come ranks higher.
 */
export interface RankNode extends NodeBase {
  readonly kind: 'rank';
  readonly input: PhysicalNode;
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  readonly from: number;
  readonly to: number;
  readonly withRank: boolean;
  /** It stands for ORDER BY … LIMIT. */
  readonly ofLimit: boolean;
}

/**
 * One row a key, the first or the last by a time attribute. `rowtime` is its column; null by processing time,
 * which is the order the rows come in. Only for input that is append-only.
 */
export interface DeduplicateNode extends NodeBase {
  readonly kind: 'deduplicate';
  readonly input: PhysicalNode;
  readonly keys: readonly number[];
  readonly rowtime: number | null;
  readonly keep: 'FirstRow' | 'LastRow';
}
