import { allOf, conjunctsOf } from '../build-expression.ts';
import { isCorrelated } from '../correlation.ts';
import { filter, type LogicalField, type LogicalNode } from '../logical.ts';
import { intervalBounds } from './interval-bounds.ts';
import { pushFilters } from './push-filters.ts';
import { windowJoinOf } from './window-join.ts';

/**
 * Says which columns of a query's joins are still time attributes, once WHERE is known: an interval join
 * and a window join keep those of both sides, a regular join none. For the bounds may stand in WHERE, its
 * conditions move into the joins first.
 */
export function settleJoinTimes(node: LogicalNode): LogicalNode {
  if (isJoin(node)) return withTimes(node);
  if (node.kind !== 'filter' || !isJoin(node.input)) return node;
  const conjuncts = conjunctsOf(node.condition);
  const [own, correlated] = [conjuncts.filter(c => !isCorrelated(c)), conjuncts.filter(isCorrelated)];
  const joined = allOf(own);
  const settled = withTimes(joined === null ? node.input : pushFilters(filter(node.input, joined)));
  // Those that read a query around stay where they can be taken out of this one.
  const above = allOf(correlated);
  return above === null ? settled : filter(settled, above);
}

const isJoin = (node: LogicalNode) => node.kind === 'join' || node.kind === 'temporalJoin';

function withTimes(node: LogicalNode): LogicalNode {
  if (node.kind === 'filter') {
    const input = withTimes(node.input);
    return { ...node, input, fields: input.fields };
  }
  if (node.kind === 'temporalJoin') return { ...node, left: withTimes(node.left) };
  if (node.kind !== 'join') return node;
  const left = withTimes(node.left);
  const right = withTimes(node.right);
  const settled = { ...node, left, right };
  const isHalf = node.joinType === 'SEMI' || node.joinType === 'ANTI';
  const isKept = isWindowJoin(settled) || (!isHalf && isInterval(settled));
  const sides = isKept ? [...left.fields, ...right.fields] : [];
  const fields = node.fields.map((field, i): LogicalField => ({ ...field, time: sides[i]?.time ?? null }));
  return { ...settled, fields };
}

function isWindowJoin({ condition, left, right }: LogicalNode & { kind: 'join' }): boolean {
  return condition !== null && windowJoinOf(conjunctsOf(condition), left, right) !== null;
}

function isInterval(node: LogicalNode & { kind: 'join' }): boolean {
  if (node.condition === null) return false;
  return intervalBounds(conjunctsOf(node.condition), node.left.fields, node.right.fields) !== null;
}
