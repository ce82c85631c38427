import type { AggregateCall } from './expression.ts';
import type { SortKey } from './logical-over.ts';
import type { NodeBase, PhysicalNode } from './physical.ts';
import type { AttachedWindow, WindowProperty, WindowSpec, WindowTime } from './window-spec.ts';

/**
 * Aggregates of windows: each window's groups leave once, when its time is over. Output: keys, aggregates,
 * then the window's start, end and time as far as `windowProperties` asks.
 */
export interface WindowAggregateNode extends NodeBase {
  readonly kind: 'windowAggregate';
  readonly input: PhysicalNode;
  readonly window: WindowSpec | AttachedWindow;
  readonly time: WindowTime;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly windowProperties: readonly WindowProperty[];
}

/**
 * Gives each row its windows, one output row for each: the input's columns, then `windowProperties`. Sessions
 * are kept per `partitionKeys` and leave when they are over; other windows are known at once.
 */
export interface WindowTableFunctionNode extends NodeBase {
  readonly kind: 'windowTableFunction';
  readonly input: PhysicalNode;
  readonly window: WindowSpec;
  readonly time: WindowTime;
  readonly partitionKeys: readonly number[];
  readonly windowProperties: readonly WindowProperty[];
}

/**
 * The rows ranked `from` to `to` of each window and partition, once the window is over. The window's bounds
 * are columns of the input and of the partition. Output: the input's columns, then the rank when `withRank`.
 */
export interface WindowRankNode extends NodeBase {
  readonly kind: 'windowRank';
  readonly input: PhysicalNode;
  readonly window: AttachedWindow;
  readonly time: WindowTime;
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  readonly from: number;
  readonly to: number;
  readonly withRank: boolean;
  /** Of rows that order alike the last to come ranks higher: a deduplication that keeps the last row. */
  readonly keepsLast: boolean;
}
