import type { DataType } from '../core/types.ts';
import type { AggregateCall, LiteralValue } from './expression.ts';
import type { OverFrame } from './logical-over.ts';
import type { NodeBase, PhysicalNode } from './physical.ts';

/** LAG: the value of a column `offset` rows before, or `otherwise` where there are not as many. */
export interface LagCall {
  readonly argument: number;
  readonly offset: number;
  readonly otherwise: LiteralValue;
  readonly type: DataType;
}

/**
 * Aggregates of the rows up to the current one, in the order of a time attribute. Output: the input's
 * columns, the aggregates, the LAGs. `rowtime` is the ordering column; null by processing time.
 */
export interface OverAggregateNode extends NodeBase {
  readonly kind: 'overAggregate';
  readonly input: PhysicalNode;
  readonly partition: readonly number[];
  readonly rowtime: number | null;
  readonly frame: OverFrame;
  readonly aggregates: readonly AggregateCall[];
  readonly lags: readonly LagCall[];
}
