import type { Hint, Join, TableReference } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import type { Expression } from '../expression.ts';
import type { LogicalNode } from '../logical.ts';
import { settleJoinTimes } from '../rules/join-times.ts';
import { ExpressionBinder } from './expression.ts';
import { lookupHint } from './lookup-hint.ts';
import type { Relation } from './relation.ts';

/** A table with FOR SYSTEM_TIME AS OF. */
export type TemporalTable = TableReference & { kind: 'table' };

/** The table whose version at a time is asked for; null for any other reference. */
export function temporalTable(reference: TableReference): TemporalTable | null {
  return reference.kind === 'table' && reference.asOf !== null ? reference : null;
}

/** A temporal join in place of a join whose right side is a table AS OF the left side's time. */
export function temporalJoin(
  reference: Join,
  table: TemporalTable,
  left: Relation,
  right: Relation,
  condition: Expression | null,
  fields: LogicalNode['fields'],
  hints: readonly Hint[],
): LogicalNode {
  const joinType = reference.type === 'CROSS' ? 'INNER' : reference.type;
  if (joinType !== 'INNER' && joinType !== 'LEFT') {
    throw sqlInvalid(
      reference.at,
      `Temporal table join currently only support INNER JOIN and LEFT JOIN, but was ${joinType} JOIN`,
    );
  }
  const node = settleJoinTimes(left.node);
  const width = node.fields.length;
  return {
    kind: 'temporalJoin',
    joinType,
    left: node,
    right: right.node,
    condition,
    time: timeColumn(table, { ...left, node }),
    hint: lookupHint(hints, [table.alias?.name.name ?? '', table.name.parts.at(-1)!]),
    fields: fields.map((field, i) => ({ ...field, time: i < width ? node.fields[i]!.time : null })),
    at: reference.at,
  };
}

function timeColumn({ asOf }: TemporalTable, left: Relation): number {
  const bound = new ExpressionBinder(left.scope).bind(asOf!);
  if (bound.kind === 'column' && left.node.fields[bound.index]!.time !== null) return bound.index;
  throw sqlInvalid(
    asOf!.at,
    "Temporal table join currently only supports 'FOR SYSTEM_TIME AS OF' left table's time attribute field",
  );
}
