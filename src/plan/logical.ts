import type { DataType } from '../core/mod.ts';
import { sqlInvalid } from '../sql/mod.ts';
import { operandsOf } from './build-expression.ts';
import type { TableEntry } from './catalog.ts';
import type { AggregateCall, Expression, SourcePosition } from './expression.ts';
import type { LogicalTemporalJoinNode } from './logical-join.ts';
import type { LogicalOverNode, LogicalRankNode } from './logical-over.ts';
import type { LogicalReplicateNode, LogicalSortNode } from './logical-sort.ts';
import type { LogicalUnnestNode } from './logical-unnest.ts';
import type { JoinType } from './physical-join.ts';
import { flinkType } from './types/print.ts';
import type { WindowSpec } from './window-spec.ts';

/**
 * What a column means for time. rowtime: the event time that watermarks speak of. proctime: the time at which
 * a row is looked at; a time attribute only while it is passed on as it is.
 */
export type TimeAttribute = 'rowtime' | 'proctime';

/** A column of a logical node; `time` is null for one that is no time attribute. */
export interface LogicalField {
  readonly name: string;
  readonly type: DataType;
  readonly time: TimeAttribute | null;
}

interface LogicalBase {
  readonly fields: readonly LogicalField[];
}

/** A table with its computed columns and watermark: `fields` are the declared columns in order. */
export interface SourceNode extends LogicalBase {
  readonly kind: 'source';
  readonly table: TableEntry;
  /** WITH options and hints together. */
  readonly options: Readonly<Record<string, string>>;
}
export interface ProjectNode extends LogicalBase {
  readonly kind: 'project';
  readonly input: LogicalNode;
  readonly expressions: readonly Expression[];
}
export interface FilterNode extends LogicalBase {
  readonly kind: 'filter';
  readonly input: LogicalNode;
  readonly condition: Expression;
}
/** A window function: the input's columns, then window_start, window_end, window_time. */
export interface WindowNode extends LogicalBase {
  readonly kind: 'window';
  readonly input: LogicalNode;
  readonly window: WindowSpec;
  /** The time attribute that windows go by. */
  readonly time: number;
  /** For sessions, the columns they are kept by; null: those that the aggregate above groups by. */
  readonly partitionKeys: readonly number[] | null;
  /** Where the window function stands in the text. */
  readonly at: SourcePosition;
}
export interface AggregateNode extends LogicalBase {
  readonly kind: 'aggregate';
  readonly input: LogicalNode;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  /** What a STATE_TTL hint says; 0 for never. */
  readonly stateTtlMs?: number;
}
/** SEMI and ANTI keep the left columns only; the condition is over the columns of both. */
export interface LogicalJoinNode extends LogicalBase {
  readonly kind: 'join';
  readonly joinType: JoinType;
  readonly left: LogicalNode;
  readonly right: LogicalNode;
  readonly condition: Expression | null;
  /** What a STATE_TTL hint says of the inputs; 0 for never. */
  readonly stateTtlMs?: { readonly left: number | null; readonly right: number | null };
  readonly at: SourcePosition;
}
export interface LogicalUnionNode extends LogicalBase {
  readonly kind: 'union';
  readonly inputs: readonly LogicalNode[];
}
export interface LogicalValuesNode extends LogicalBase {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

/** What a query means, before it is decided how it runs. */
export type LogicalNode =
  | SourceNode
  | ProjectNode
  | FilterNode
  | WindowNode
  | AggregateNode
  | LogicalJoinNode
  | LogicalTemporalJoinNode
  | LogicalOverNode
  | LogicalRankNode
  | LogicalReplicateNode
  | LogicalSortNode
  | LogicalUnionNode
  | LogicalUnnestNode
  | LogicalValuesNode;

/** The time attribute an expression is: a bare column that is one, or PROCTIME() itself. */
export function timeOf(expression: Expression, fields: readonly LogicalField[]): TimeAttribute | null {
  if (expression.kind === 'column') return fields[expression.index]?.time ?? null;
  return expression.kind === 'call' && expression.name === 'PROCTIME' ? 'proctime' : null;
}

/** PROCTIME(): the time at which a row is looked at. */
export const proctime = (at: SourcePosition): Expression => ({
  kind: 'call',
  name: 'PROCTIME',
  operands: [],
  type: { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false },
  at,
});

/** Columns computed from the input; a bare column keeps being a time attribute. */
export function project(
  input: LogicalNode,
  expressions: readonly Expression[],
  names: readonly string[],
): LogicalNode {
  for (const expression of expressions) checkWatermarkCalls(expression, input.fields);
  const fields = expressions.map((expression, i) => ({
    name: names[i]!,
    type: expression.type,
    time: timeOf(expression, input.fields),
  }));
  return { kind: 'project', input, expressions, fields };
}

/** Rows for which a condition holds. */
export function filter(input: LogicalNode, condition: Expression): LogicalNode {
  checkWatermarkCalls(condition, input.fields);
  return { kind: 'filter', input, condition, fields: input.fields };
}

/** CURRENT_WATERMARK asks for the watermark that an event time belongs to. */
function checkWatermarkCalls(expression: Expression, fields: readonly LogicalField[]): void {
  if (expression.kind === 'call' && expression.name === 'CURRENT_WATERMARK') {
    const [operand] = expression.operands;
    if (operand !== undefined && timeOf(operand, fields) !== 'rowtime') {
      throw sqlInvalid(
        expression.at,
        `The argument of CURRENT_WATERMARK() must be a rowtime attribute, but was '${flinkType(operand.type)}'.`,
      );
    }
  }
  for (const inner of operandsOf(expression)) checkWatermarkCalls(inner, fields);
}
