import {
  allOf,
  branch,
  call,
  column,
  columnsOf,
  conjunctsOf,
  digestOf,
  literal,
  mapColumns,
} from './build-expression.ts';
import type { Expression, SourcePosition } from './expression.ts';
import { filter, type LogicalNode, project } from './logical.ts';
import { simple } from './types/kinds.ts';

/** No user's function can have this name: `$` starts none. */
const OUTER = '$OUTER';

/** A column of the query around a subquery, as the subquery's conditions speak of it. */
export function outerColumn(index: number, type: Expression['type'], at: SourcePosition): Expression {
  return call(OUTER, [literal(index, simple('INT', false))], type, at);
}

/** Replaces the columns of the query around. */
export function mapOuter(expression: Expression, change: (index: number) => Expression): Expression {
  const map = (e: Expression) => mapOuter(e, change);
  switch (expression.kind) {
    case 'column':
    case 'literal':
      return expression;
    case 'cast':
      return { ...expression, operand: map(expression.operand) };
    case 'case': {
      const branches = expression.branches.map(b => branch(map(b.when), map(b.then)));
      return { ...expression, branches, otherwise: map(expression.otherwise) };
    }
    case 'call': {
      const [index] = expression.operands;
      if (expression.name === OUTER && index?.kind === 'literal') return change(Number(index.value));
      return { ...expression, operands: expression.operands.map(map) };
    }
  }
}

/** True when something below reads a column of the query around. */
export const isCorrelated = (value: LogicalNode | Expression): boolean =>
  digestOf(value).includes(`"name":"${OUTER}"`);

/** A subquery freed of the query around it. */
export interface Decorrelated {
  /** Its columns, and behind them those that `conditions` read besides. */
  readonly node: LogicalNode;
  /** What was asked of rows of both queries: over `node`, with outer columns in it. */
  readonly conditions: readonly Expression[];
}

/**
 * Takes the conditions that read the query around out of a subquery, so that they can become a join's. Null
 * when one stands where it cannot be taken out.
 */
export function decorrelate(node: LogicalNode): Decorrelated | null {
  if (!isCorrelated(node)) return { node, conditions: [] };
  switch (node.kind) {
    case 'filter':
      return takeFilter(node);
    case 'project':
      return takeProject(node);
    case 'aggregate':
      return takeDistinct(node);
    case 'join':
      return node.joinType === 'INNER' ? takeJoin(node) : null;
    default:
      return null;
  }
}

function takeFilter(node: LogicalNode & { kind: 'filter' }): Decorrelated | null {
  const below = decorrelate(node.input);
  if (below === null) return null;
  const conjuncts = conjunctsOf(node.condition);
  const kept = conjuncts.filter(c => !isCorrelated(c));
  const filtered = kept.reduce<LogicalNode>((input, condition) => filter(input, condition), below.node);
  return { node: filtered, conditions: [...below.conditions, ...conjuncts.filter(isCorrelated)] };
}

function takeProject(node: LogicalNode & { kind: 'project' }): Decorrelated | null {
  const below = decorrelate(node.input);
  if (below === null || node.expressions.some(isCorrelated)) return null;
  const expressions = [...node.expressions];
  const names = node.fields.map(field => field.name);
  const moved = moveConditions(below, index => {
    const known = expressions.findIndex(e => e.kind === 'column' && e.index === index);
    if (known >= 0) return known;
    names.push(`$f${names.length}`);
    return expressions.push(column(index, below.node.fields[index]!.type)) - 1;
  });
  return { node: project(below.node, expressions, names), conditions: moved };
}

/** Distinct rows stay distinct together with what the conditions read. */
function takeDistinct(node: LogicalNode & { kind: 'aggregate' }): Decorrelated | null {
  const below = node.aggregates.length === 0 ? decorrelate(node.input) : null;
  if (below === null) return null;
  const keys = [...node.keys];
  const fields = [...node.fields];
  const conditions = moveConditions(below, index => {
    const known = keys.indexOf(index);
    if (known >= 0) return known;
    fields.push({ ...below.node.fields[index]!, name: `$f${fields.length}`, time: null });
    return keys.push(index) - 1;
  });
  return { node: { ...node, input: below.node, keys, fields }, conditions };
}

function takeJoin(node: LogicalNode & { kind: 'join' }): Decorrelated | null {
  const left = decorrelate(node.left);
  const right = decorrelate(node.right);
  if (left === null || right === null) return null;
  const conjuncts = node.condition === null ? [] : conjunctsOf(node.condition);
  const [width, wider] = [node.left.fields.length, left.node.fields.length];
  const shift = (index: number) => (index < width ? index : index - width + wider);
  const byShift = (e: Expression) => moveColumns(e, shift);
  const joined: LogicalNode = {
    ...node,
    left: left.node,
    right: right.node,
    condition: allOf(conjuncts.filter(c => !isCorrelated(c)).map(byShift)),
    fields: [...left.node.fields, ...right.node.fields].map(field => ({ ...field, time: null })),
  };
  const conditions = [
    ...conjuncts.filter(isCorrelated).map(byShift),
    ...left.conditions,
    ...right.conditions.map(e => moveColumns(e, index => index + wider)),
  ];
  if (wider === width) return { node: joined, conditions };
  // The columns that the left side kept for its conditions go behind all others.
  const own = node.fields.map((_, i) => shift(i));
  const order = [...own, ...joined.fields.map((_, i) => i).filter(i => !own.includes(i))];
  const expressions = order.map(i => column(i, joined.fields[i]!.type));
  const names = order.map(i => joined.fields[i]!.name);
  return {
    node: project(joined, expressions, names),
    conditions: conditions.map(e => moveColumns(e, index => order.indexOf(index))),
  };
}

function moveConditions(below: Decorrelated, at: (index: number) => number): readonly Expression[] {
  return below.conditions.map(condition => {
    const places = new Map([...columnsOf(condition)].map(index => [index, at(index)]));
    return moveColumns(condition, index => places.get(index)!);
  });
}

/** An expression over columns that lie elsewhere now. */
export function moveColumns(expression: Expression, at: (index: number) => number): Expression {
  return mapColumns(expression, (index, type) => column(at(index), type));
}
