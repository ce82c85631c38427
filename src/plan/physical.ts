import type { DataType, Schema } from '../core/types.ts';
import type { AggregateCall, Expression } from './expression.ts';
import type {
  IntervalJoinNode,
  JoinNode,
  LookupJoinNode,
  TemporalJoinNode,
  WindowJoinNode,
} from './physical-join.ts';
import type { OverAggregateNode } from './physical-over.ts';
import type { DeduplicateNode, RankNode } from './physical-rank.ts';
import type { ConstraintEnforcerNode, DropUpdateBeforeNode, SinkMaterializerNode } from './physical-sink.ts';
import type { ReplicateNode, TemporalSortNode } from './physical-sort.ts';
import type { UnnestNode } from './physical-unnest.ts';
import type { WindowAggregateNode, WindowRankNode, WindowTableFunctionNode } from './physical-window.ts';

/**
 * Which row kinds a node's output may hold. append: +I. upsert: +I +U -D (keyed, no -U). retract: all four.
 */
export type ChangelogMode = 'append' | 'upsert' | 'retract';

export interface NodeBase {
  /** Stable within a plan: position in a depth-first walk. State and metrics are keyed by it. */
  readonly id: number;
  readonly schema: Schema;
  readonly changelogMode: ChangelogMode;
}

/** A METADATA column: what the connector or its format knows of a record beside its fields. */
export interface MetadataColumn {
  readonly name: string;
  readonly key: string;
  /** The connector's own type of it, which the plan casts to the declared one. */
  readonly type: DataType;
}

/** A table as declared, its options validated by the connector when the job starts. */
export interface TableDeclaration {
  readonly name: string;
  /** Absent: the default database. */
  readonly database?: string;
  /** Columns that exist in the stored record (no computed ones), in order of declaration. */
  readonly physicalSchema: Schema;
  /** Indices into `physicalSchema` of the PRIMARY KEY NOT ENFORCED; empty when none. */
  readonly primaryKey: readonly number[];
  /** METADATA columns, counted behind those of `physicalSchema`. Absent: none. */
  readonly metadata?: readonly MetadataColumn[];
  /** Indices into `physicalSchema` of PARTITIONED BY. Absent: none. */
  readonly partitionKeys?: readonly number[];
  /** WITH (...), verbatim. */
  readonly options: Readonly<Record<string, string>>;
}

/** Reads a table. Output: `projection` (indices into the table's physical schema and, behind it, its metadata). */
export interface ScanNode extends NodeBase {
  readonly kind: 'scan';
  readonly table: TableDeclaration;
  readonly projection: readonly number[];
}
/** Filter, then projection: output column i is `projections[i]`. */
export interface CalcNode extends NodeBase {
  readonly kind: 'calc';
  readonly input: PhysicalNode;
  readonly condition: Expression | null;
  readonly projections: readonly Expression[];
}
/** Emits watermarks: max over rows of `watermark` (an expression of type TIMESTAMP[_LTZ] over the input). */
export interface WatermarkNode extends NodeBase {
  readonly kind: 'watermark';
  readonly input: PhysicalNode;
  readonly rowtime: number;
  readonly watermark: Expression;
  readonly idleTimeoutMs: number | null;
}
/** Unbounded GROUP BY with retraction. Output: keys, then aggregates. No keys: one global group. */
export interface GroupAggregateNode extends NodeBase {
  readonly kind: 'groupAggregate';
  readonly input: PhysicalNode;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  /** What a STATE_TTL hint says; 0 for never. */
  readonly stateTtlMs?: number;
}
/** Turns an upsert stream into a full changelog by remembering the last row per key. */
export interface ChangelogNormalizeNode extends NodeBase {
  readonly kind: 'changelogNormalize';
  readonly input: PhysicalNode;
  readonly keys: readonly number[];
}
/** Routes rows by key to parallel tasks; at parallelism 1 rows pass through. */
export interface ExchangeNode extends NodeBase {
  readonly kind: 'exchange';
  readonly input: PhysicalNode;
  readonly keys: readonly number[];
}
export interface UnionNode extends NodeBase {
  readonly kind: 'union';
  readonly inputs: readonly PhysicalNode[];
}
/** Inline rows; every expression is constant. */
export interface ValuesNode extends NodeBase {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

export type PhysicalNode =
  | ScanNode
  | CalcNode
  | WatermarkNode
  | WindowAggregateNode
  | WindowRankNode
  | WindowTableFunctionNode
  | GroupAggregateNode
  | JoinNode
  | IntervalJoinNode
  | TemporalJoinNode
  | WindowJoinNode
  | LookupJoinNode
  | ChangelogNormalizeNode
  | ConstraintEnforcerNode
  | DeduplicateNode
  | DropUpdateBeforeNode
  | OverAggregateNode
  | RankNode
  | ReplicateNode
  | TemporalSortNode
  | SinkMaterializerNode
  | ExchangeNode
  | UnionNode
  | UnnestNode
  | ValuesNode;

/** Writes rows to a table: input columns match the table's physical schema, then its metadata, in order. */
export interface SinkNode {
  readonly kind: 'sink';
  readonly id: number;
  readonly table: TableDeclaration;
  readonly input: PhysicalNode;
  /** Input's unique key as indices of its columns, where one is known. */
  readonly upsertKey: readonly number[] | null;
}

/**
 * A job: the sinks of one statement or statement set. Nodes shared between sinks are the same object (and
 * id).
 * Frozen and JSON-printable (bigint and Uint8Array literals by `explain`).
 */
export interface PhysicalPlan {
  readonly sinks: readonly SinkNode[];
  /**
   * SET options in force, e.g. `table.local-time-zone`, `execution.checkpointing.interval`, `pipeline.name`.
   */
  readonly options: Readonly<Record<string, string>>;
}
