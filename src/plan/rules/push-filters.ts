import { allOf, column, columnsOf, conjunctsOf, mapColumns, remap } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import {
  type AggregateNode,
  filter,
  type LogicalJoinNode,
  type LogicalNode,
  type WindowNode,
} from '../logical.ts';
import { rankRule } from './rank.ts';
import { windowColumns } from './window-columns.ts';

/** Moves conditions towards the sources: through projections, windows and unions, into and through joins. */
export function pushFilters(node: LogicalNode): LogicalNode {
  return push(node, []);
}

function push(node: LogicalNode, conditions: readonly Expression[]): LogicalNode {
  switch (node.kind) {
    case 'filter':
      return push(node.input, [...conjunctsOf(node.condition), ...conditions]);
    case 'project': {
      const below = conditions.map(condition => mapColumns(condition, index => node.expressions[index]!));
      return { ...node, input: push(node.input, below) };
    }
    case 'window': {
      const [below, here] = split(conditions, c => reads(c, isBelowWindow(node)));
      return above({ ...node, input: push(node.input, below) }, here);
    }
    case 'union':
      return { ...node, inputs: node.inputs.map(input => push(input, conditions)) };
    case 'aggregate': {
      const isKey = keyQuestion(node);
      const [below, here] = split(conditions, c => node.keys.length > 0 && reads(c, isKey));
      const onInput = below.map(c => mapColumns(c, (i, type) => column(node.keys[i]!, type)));
      return above({ ...node, input: push(node.input, onInput) }, here);
    }
    case 'join':
      return pushJoin(node, conditions);
    case 'temporalJoin': {
      const isLeft = (c: Expression) => reads(c, index => index < node.left.fields.length);
      const [below, here] = split(conditions, isLeft);
      const inputs = { left: push(node.left, below), right: push(node.right, []) };
      // What is asked of the right row is asked of the version that joins: it hides no version.
      if (node.joinType === 'LEFT') return above({ ...node, ...inputs }, here);
      const own = node.condition === null ? [] : conjunctsOf(node.condition);
      return { ...node, ...inputs, condition: allOf([...own, ...here]) };
    }
    case 'over': {
      const isKey = (i: number) => node.groups.every(group => group.partition.includes(i));
      const [below, here] = split(conditions, c => reads(c, isKey));
      const ranked = rankRule(node, here);
      const input = push(node.input, below);
      if (ranked === null) return above({ ...node, input }, here);
      return above(push(ranked.node, below), ranked.rest);
    }
    case 'replicate':
    case 'sort':
      return { ...node, input: push(node.input, conditions) };
    case 'rank': {
      const [below, here] = split(conditions, c => reads(c, i => node.partition.includes(i)));
      return above({ ...node, input: push(node.input, below) }, here);
    }
    case 'unnest': {
      const inner = node.input.fields.length;
      const [below, here] = split(conditions, c => reads(c, index => index < inner));
      return above({ ...node, input: push(node.input, below) }, here);
    }
    case 'source':
    case 'values':
      return above(node, conditions);
  }
}

/**
 * Whether rows may be dropped by a column before they get their windows: a session is made of all its rows.
 */
function isBelowWindow({ input, window, partitionKeys }: WindowNode): (index: number) => boolean {
  if (window.kind === 'SESSION') return index => partitionKeys?.includes(index) === true;
  return index => index < input.fields.length;
}

/** Whether a column of an aggregate is a key that is there before the grouping: not a window's bound. */
function keyQuestion(node: AggregateNode): (index: number) => boolean {
  const window = windowColumns(node.input);
  return index => index < node.keys.length && window?.columns.has(node.keys[index]!) !== true;
}

function above(node: LogicalNode, conditions: readonly Expression[]): LogicalNode {
  const condition = allOf(conditions);
  return condition === null ? node : filter(node, condition);
}

const reads = (expression: Expression, allowed: (index: number) => boolean) =>
  [...columnsOf(expression)].every(allowed);

function split<T>(items: readonly T[], question: (item: T) => boolean): [T[], T[]] {
  return [items.filter(question), items.filter(item => !question(item))];
}

/** A side filled with NULLs that no condition above lets through need not be filled. */
function withoutFilling(node: LogicalJoinNode, conditions: readonly Expression[]): LogicalJoinNode {
  const width = node.left.fields.length;
  const { joinType } = node;
  if (joinType !== 'LEFT' && joinType !== 'RIGHT') return node;
  const isFilled = (index: number) => (joinType === 'LEFT' ? index >= width : index < width);
  return conditions.some(c => isNeverNull(c, isFilled)) ? { ...node, joinType: 'INNER' } : node;
}

const STRICT: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=', 'IS NOT NULL']);

/** True for a comparison that no row with NULL in one of those columns passes. */
function isNeverNull(condition: Expression, isFilled: (index: number) => boolean): boolean {
  if (condition.kind !== 'call' || !STRICT.has(condition.name)) return false;
  return condition.operands.some(operand => {
    const inner = operand.kind === 'cast' ? operand.operand : operand;
    return inner.kind === 'column' && isFilled(inner.index);
  });
}

/**
 * A condition above a join goes to the side it reads if that side is never filled with NULLs; a condition of
 * the join goes to the side whose rows it may drop. Of an inner join both are the same.
 */
function pushJoin(given: LogicalJoinNode, conditions: readonly Expression[]): LogicalNode {
  const node = withoutFilling(given, conditions);
  const width = node.left.fields.length;
  const isLeft = (c: Expression) => reads(c, index => index < width);
  const isRight = (c: Expression) => reads(c, index => index >= width);
  const { joinType } = node;
  const inner = joinType === 'INNER';
  const own = node.condition === null ? [] : conjunctsOf(node.condition);
  const half = joinType === 'SEMI' || joinType === 'ANTI';
  const keepsLeft = inner || half || joinType === 'LEFT';
  const keepsRight = inner || joinType === 'RIGHT';
  const [aboveLeft, rest1] = split(conditions, c => keepsLeft && isLeft(c));
  const [aboveRight, rest2] = split(rest1, c => keepsRight && isRight(c));
  const joinConditions = inner ? [...own, ...rest2] : own;
  const [onLeft, on1] = split(
    joinConditions,
    c => (inner || joinType === 'RIGHT' || joinType === 'SEMI') && isLeft(c),
  );
  const [onRight, on2] = split(on1, c => (inner || half || joinType === 'LEFT') && isRight(c));
  const shift = [...node.left.fields, ...node.right.fields].map((_, i) => i - width);
  const toRight = (c: Expression) => remap(c, shift);
  const joined: LogicalNode = {
    ...node,
    left: push(node.left, [...aboveLeft, ...onLeft]),
    right: push(node.right, [...aboveRight, ...onRight].map(toRight)),
    condition: allOf(on2),
  };
  return above(joined, inner ? [] : rest2);
}
