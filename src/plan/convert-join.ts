import { sqlInvalid } from '../sql/mod.ts';
import { allOf, column, columnsOf, conjunctsOf, mapColumns, remap } from './build-expression.ts';
import { intervalJoin, type JoinSpec, join, windowJoin } from './build-join.ts';
import { refuseChanges } from './changelog.ts';
import type { Converted, Converter } from './convert.ts';
import { timeOf } from './convert-window.ts';
import type { Expression } from './expression.ts';
import { type LogicalJoinNode, type LogicalNode, project } from './logical.ts';
import type { PhysicalNode } from './physical.ts';
import { intervalBounds } from './rules/interval-bounds.ts';
import { checkWindowJoin, type WindowJoin, windowJoinOf } from './rules/window-join.ts';
import { sameType } from './types/kinds.ts';

interface KeyPair {
  readonly left: Expression;
  readonly right: Expression;
  /** Null joins null. */
  readonly nullsJoin: boolean;
}
interface EquiKeys {
  /** Pairs of expressions, the left over the left input, the right over the right input. */
  readonly pairs: readonly KeyPair[];
  /** What remains of the condition, over the joined row. */
  readonly rest: readonly Expression[];
}

/** A join by what the condition sets equal; keys that are computed become columns below. */
export function convertJoin(
  node: LogicalJoinNode,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const conjuncts = node.condition === null ? [] : conjunctsOf(node.condition);
  const { joinType } = node;
  const windows = windowJoinOf(conjuncts, node.left, node.right);
  if (windows !== null) return convertWindowJoin(node, conjuncts, windows, needed, converter);
  const bounds =
    joinType === 'SEMI' || joinType === 'ANTI'
      ? null
      : intervalBounds(conjuncts, node.left.fields, node.right.fields);
  const width = node.left.fields.length;
  const times = bounds === null ? [] : bounds.conditions;
  const others = conjuncts.filter(c => !times.includes(c));
  const sides = convertSides(node, others, new Set([...needed, ...columnsOf(...times)]), converter);
  const { left, right, spec, map } = sides;
  const shown = map.slice(0, node.fields.length);
  if (bounds === null || joinType === 'SEMI' || joinType === 'ANTI') {
    const ttl = node.stateTtlMs === undefined ? {} : { stateTtlMs: node.stateTtlMs };
    return { node: { ...join(left, right, joinType, spec), ...ttl }, map: shown };
  }
  const fields = [...node.left.fields, ...node.right.fields];
  if (bounds.time === 'proctime' && fields.some((f, i) => f.time === 'rowtime' && map[i]! >= 0)) {
    throw sqlInvalid(
      node.at,
      'Interval join with proctime attribute requires no event-time attributes are in the join inputs.',
    );
  }
  refuseChanges('StreamPhysicalIntervalJoin', left, node.at);
  refuseChanges('StreamPhysicalIntervalJoin', right, node.at);
  const physical = intervalJoin(left, right, {
    ...spec,
    joinType,
    time: bounds.time,
    leftTime: map[bounds.leftTime]!,
    rightTime: map[width + bounds.rightTime]! - left.schema.fields.length,
    lowerMs: bounds.lowerMs,
    upperMs: bounds.upperMs,
    timeConditions: times.map(c => remap(c, map)),
  });
  return { node: physical, map: shown };
}

function convertWindowJoin(
  node: LogicalJoinNode,
  conjuncts: readonly Expression[],
  windows: WindowJoin,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  checkWindowJoin(windows, node.at);
  const { left, right, spec, map } = convertSides(node, conjuncts, needed, converter);
  refuseChanges('StreamPhysicalWindowJoin', left, node.at);
  refuseChanges('StreamPhysicalWindowJoin', right, node.at);
  const width = node.left.fields.length;
  const { start, end } = windows;
  const ofLeft = (column: number) => map[column]!;
  const ofRight = (column: number) => map[width + column]! - left.schema.fields.length;
  const physical = windowJoin(left, right, {
    ...spec,
    joinType: node.joinType,
    leftWindow: {
      kind: 'ATTACHED',
      start: ofLeft(start.left),
      end: ofLeft(end.left),
      spec: windows.left.window.window,
    },
    rightWindow: {
      kind: 'ATTACHED',
      start: ofRight(start.right),
      end: ofRight(end.right),
      spec: windows.right.window.window,
    },
    time: timeOf(windows.left.window),
  });
  return { node: physical, map: map.slice(0, node.fields.length) };
}

/** The inputs of a join, converted, with their keys. */
export interface ConvertedSides {
  readonly left: PhysicalNode;
  readonly right: PhysicalNode;
  readonly spec: JoinSpec;
  /** Where each column of both logical inputs is in the joined row; -1 when nobody needs it. */
  readonly map: readonly number[];
}

/** Converts both inputs of a join to what is needed of them, and to its keys. */
export function convertSides(
  node: { readonly left: LogicalNode; readonly right: LogicalNode },
  conjuncts: readonly Expression[],
  needed: ReadonlySet<number>,
  converter: Converter,
): ConvertedSides {
  const width = node.left.fields.length;
  const { pairs, rest } = splitCondition(conjuncts, width);
  const left = withKeys(
    node.left,
    pairs.map(pair => pair.left),
  );
  const right = withKeys(
    node.right,
    pairs.map(pair => pair.right),
  );
  const read = new Set([...needed, ...columnsOf(...rest)]);
  const leftOrder = ordered(
    [...read].filter(i => i < width),
    left.keys,
  );
  const rightOrder = ordered(
    [...read].filter(i => i >= width).map(i => i - width),
    right.keys,
  );
  const both = [...node.left.fields, ...node.right.fields];
  const map = both.map((_, i) => {
    if (i < width) return leftOrder.indexOf(i);
    const index = rightOrder.indexOf(i - width);
    return index < 0 ? -1 : leftOrder.length + index;
  });
  return {
    left: converter.exactly(left.node, leftOrder, null),
    right: converter.exactly(right.node, rightOrder, null),
    map,
    spec: {
      leftKeys: left.keys.map(key => leftOrder.indexOf(key)),
      rightKeys: right.keys.map(key => rightOrder.indexOf(key)),
      nullsJoin: pairs.map(pair => pair.nullsJoin),
      condition: allOf(rest.map(c => remap(c, map))),
    },
  };
}

function ordered(columns: readonly number[], keys: readonly number[]): number[] {
  return [...new Set([...columns, ...keys])].sort((a, b) => a - b);
}

function splitCondition(conjuncts: readonly Expression[], width: number): EquiKeys {
  const pairs: KeyPair[] = [];
  const rest: Expression[] = [];
  const toRight = (e: Expression) => mapColumns(e, (index, type) => column(index - width, type));
  for (const conjunct of conjuncts) {
    const name = conjunct.kind === 'call' ? conjunct.name : '';
    const nullsJoin = name === 'IS NOT DISTINCT FROM';
    const [a, b] = conjunct.kind === 'call' && (name === '=' || nullsJoin) ? conjunct.operands : [];
    const sides = a === undefined || b === undefined ? '' : sideOf(a, width) + sideOf(b, width);
    if (a === undefined || b === undefined || !isKeyType(a, b)) rest.push(conjunct);
    else if (sides === 'LR') pairs.push({ left: a, right: toRight(b), nullsJoin });
    else if (sides === 'RL') pairs.push({ left: b, right: toRight(a), nullsJoin });
    else rest.push(conjunct);
  }
  return { pairs, rest };
}

/** Keys are compared by their bytes, so both sides must be of one type. */
export function isKeyType(a: Expression, b: Expression): boolean {
  const text = (kind: string) => kind === 'CHAR' || kind === 'VARCHAR';
  return sameType(a.type, b.type) || (text(a.type.kind) && text(b.type.kind)) || bothTimes(a, b);
}

const bothTimes = (a: Expression, b: Expression) =>
  a.type.kind === b.type.kind && (a.type.kind === 'TIMESTAMP' || a.type.kind === 'TIMESTAMP_LTZ');

function sideOf(expression: Expression, width: number): 'L' | 'R' | '-' {
  const columns = [...columnsOf(expression)];
  if (columns.length === 0) return '-';
  if (columns.every(index => index < width)) return 'L';
  return columns.every(index => index >= width) ? 'R' : '-';
}

/** The input with each key as a column; computed keys are added behind its columns. */
export function withKeys(
  node: LogicalNode,
  keys: readonly Expression[],
): { node: LogicalNode; keys: readonly number[] } {
  if (keys.every(key => key.kind === 'column'))
    return { node, keys: keys.map(key => (key as { index: number }).index) };
  const expressions: Expression[] = node.fields.map((field, i) => column(i, field.type));
  const names = node.fields.map(field => field.name);
  const indices = keys.map(key => {
    if (key.kind === 'column') return key.index;
    names.push(`$key${names.length}`);
    return expressions.push(key) - 1;
  });
  return { node: project(node, expressions, names), keys: indices };
}
