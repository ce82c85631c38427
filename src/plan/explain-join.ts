import { explainExpression } from './explain-expression.ts';
import type { Expression } from './expression.ts';
import { uniqueFields } from './physical-build.ts';
import type { IntervalJoinNode, JoinNode } from './physical-join.ts';

const JOIN_TEXT = {
  INNER: 'InnerJoin',
  LEFT: 'LeftOuterJoin',
  RIGHT: 'RightOuterJoin',
  FULL: 'FullOuterJoin',
  SEMI: 'LeftSemiJoin',
  ANTI: 'LeftAntiJoin',
} as const;

/** The text of a regular join. */
export function describeJoin(node: JoinNode): string {
  const where = whereText(node, []);
  return `Join(joinType=[${JOIN_TEXT[node.joinType]}], where=[${where}], select=[${selectText(node)}])`;
}

/** The text of an interval join. */
export function describeIntervalJoin(node: IntervalJoinNode): string {
  const { lowerMs, upperMs, leftTime, rightTime } = node;
  const bounds =
    `isRowTime=${node.time === 'rowtime'}, leftLowerBound=${lowerMs}, leftUpperBound=${upperMs}, ` +
    `leftTimeIndex=${leftTime}, rightTimeIndex=${rightTime}`;
  const where = whereText(node, node.timeConditions);
  const type = JOIN_TEXT[node.joinType];
  return `IntervalJoin(joinType=[${type}], windowBounds=[${bounds}], where=[${where}], select=[${selectText(node)}])`;
}

const selectText = (node: JoinNode | IntervalJoinNode) => node.schema.fields.map(f => f.name).join(', ');

/** All conditions of a join: those by key, those of time, the rest. */
function whereText(node: JoinNode | IntervalJoinNode, times: readonly Expression[]): string {
  const fields = uniqueFields([...node.left.schema.fields, ...node.right.schema.fields]);
  const width = node.left.schema.fields.length;
  const equal = node.leftKeys.map((key, i) => {
    const operator = node.nullsJoin[i] ? 'IS NOT DISTINCT FROM' : '=';
    return `${operator}(${fields[key]!.name}, ${fields[node.rightKeys[i]! + width]!.name})`;
  });
  const rest = node.condition === null ? times : [...times, node.condition];
  const conditions = [...equal, ...rest.map(condition => explainExpression(condition, fields))];
  return conditions.length > 1 ? `AND(${conditions.join(', ')})` : (conditions[0] ?? 'true');
}
