import { DEFAULT_CATALOG, DEFAULT_DATABASE } from './catalog.ts';
import { explainExpression } from './explain-expression.ts';
import type { Expression } from './expression.ts';
import { uniqueFields } from './physical-build.ts';
import type {
  IntervalJoinNode,
  JoinNode,
  LookupJoinNode,
  TemporalJoinNode,
  WindowJoinNode,
} from './physical-join.ts';
import { windowText } from './window-spec.ts';

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
  const { left, right } = node.stateTtlMs ?? {};
  const ttl = node.stateTtlMs === undefined ? '' : `, stateTtl=[${left ?? '-'} ms, ${right ?? '-'} ms]`;
  return `Join(joinType=[${JOIN_TEXT[node.joinType]}], where=[${where}], select=[${selectText(node)}]${ttl})`;
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

/** The text of a window join. */
export function describeWindowJoin(node: WindowJoinNode): string {
  const windows = [
    ['leftWindow', node.leftWindow, node.left],
    ['rightWindow', node.rightWindow, node.right],
  ] as const;
  const texts = windows.map(([name, { start, end, spec }, { schema }]) => {
    const bounds = [`win_start=[${schema.fields[start]!.name}]`, `win_end=[${schema.fields[end]!.name}]`];
    return `${name}=[${windowText(spec, bounds)}]`;
  });
  const isBound = node.leftKeys.map(key => key === node.leftWindow.start || key === node.leftWindow.end);
  const where = whereText(node, [], isBound);
  const type = JOIN_TEXT[node.joinType];
  return `WindowJoin(${texts.join(', ')}, joinType=[${type}], where=[${where}], select=[${selectText(node)}])`;
}

/** The text of a temporal join, with the time condition as Flink names it. */
export function describeTemporalJoin(node: TemporalJoinNode): string {
  const fields = uniqueFields([...node.left.schema.fields, ...node.right.schema.fields]);
  const width = node.left.schema.fields.length;
  const left = node.leftKeys.map(key => fields[key]!.name).join(', ');
  const right = node.rightKeys.map(key => fields[key + width]!.name).join(', ');
  const times = `${fields[node.leftTime]!.name}, ${fields[node.rightTime + width]!.name}`;
  const time =
    `__TEMPORAL_JOIN_CONDITION(${times}, __TEMPORAL_JOIN_CONDITION_PRIMARY_KEY(${right}), ` +
    `__TEMPORAL_JOIN_LEFT_KEY(${left}), __TEMPORAL_JOIN_RIGHT_KEY(${right}))`;
  const where = `AND(${[...conditionTexts(node, []), time].join(', ')})`;
  return `TemporalJoin(joinType=[${JOIN_TEXT[node.joinType]}], where=[${where}], select=[${selectText(node)}])`;
}

/** The text of a lookup join. */
export function describeLookupJoin(node: LookupJoinNode): string {
  const { table, schema } = node;
  const path = [DEFAULT_CATALOG, table.database ?? DEFAULT_DATABASE, table.name].join('.');
  const keys = node.inputKeys.map(
    (key, i) => `${node.tableSchema.fields[node.tableKeys[i]!]!.name}=${schema.fields[key]!.name}`,
  );
  const where =
    node.condition === null ? '' : `, joinCondition=[${explainExpression(node.condition, schema.fields)}]`;
  const select = schema.fields.map(f => f.name).join(', ');
  return (
    `LookupJoin(table=[${path}], joinType=[${JOIN_TEXT[node.joinType]}], lookup=[${keys.join(', ')}]` +
    `${where}, select=[${select}])`
  );
}

type AnyJoin = JoinNode | IntervalJoinNode | TemporalJoinNode | WindowJoinNode;

const selectText = (node: AnyJoin) => node.schema.fields.map(f => f.name).join(', ');

/** `hidden` keys are told elsewhere. */
function whereText(node: AnyJoin, times: readonly Expression[], hidden: readonly boolean[] = []): string {
  const conditions = conditionTexts(node, times).filter((_, i) => hidden[i] !== true);
  return conditions.length > 1 ? `AND(${conditions.join(', ')})` : (conditions[0] ?? 'true');
}

/** All conditions of a join: those by key, those of time, the rest. */
function conditionTexts(node: AnyJoin, times: readonly Expression[]): readonly string[] {
  const fields = uniqueFields([...node.left.schema.fields, ...node.right.schema.fields]);
  const width = node.left.schema.fields.length;
  const equal = node.leftKeys.map((key, i) => {
    const operator = node.nullsJoin[i] ? 'IS NOT DISTINCT FROM' : '=';
    return `${operator}(${fields[key]!.name}, ${fields[node.rightKeys[i]! + width]!.name})`;
  });
  const rest = node.condition === null ? times : [...times, node.condition];
  return [...equal, ...rest.map(condition => explainExpression(condition, fields))];
}
