import { conjunctsOf } from '../build-expression.ts';
import type { LogicalJoinNode, LogicalNode, WindowNode } from '../logical.ts';
import { WINDOW_PROPERTIES, type WindowProperty } from '../window-spec.ts';
import { windowJoinOf } from './window-join.ts';

/** The window function below a node and which of the node's columns are its start, end and time. */
export interface WindowColumns {
  readonly window: WindowNode;
  readonly columns: ReadonlyMap<number, WindowProperty>;
}

/** Finds the window whose columns a node passes on; null when there is none, or they ended on the way. */
export function windowColumns(node: LogicalNode): WindowColumns | null {
  switch (node.kind) {
    case 'window': {
      const first = node.input.fields.length;
      return {
        window: node,
        columns: new Map(WINDOW_PROPERTIES.map((property, i) => [first + i, property])),
      };
    }
    case 'filter':
      return windowColumns(node.input);
    case 'project': {
      const below = windowColumns(node.input);
      if (below === null) return null;
      const columns = new Map<number, WindowProperty>();
      for (const [i, expression] of node.expressions.entries()) {
        const property = expression.kind === 'column' ? below.columns.get(expression.index) : undefined;
        if (property !== undefined) columns.set(i, property);
      }
      return { window: below.window, columns };
    }
    case 'aggregate': {
      const below = windowOfGroups(node.input, node.keys);
      if (below === null) return null;
      const columns = new Map<number, WindowProperty>();
      for (const [i, key] of node.keys.entries()) {
        const property = below.columns.get(key);
        if (property !== undefined) columns.set(i, property);
      }
      return { window: below.window, columns };
    }
    case 'join':
      return joinedWindow(node);
    case 'rank': {
      const below = windowColumns(node.input);
      return below !== null && hasBounds(below, node.partition) ? below : null;
    }
    default:
      return null;
  }
}

/** A window join passes on the windows of the sides that are never filled with NULLs. */
function joinedWindow(node: LogicalJoinNode): WindowColumns | null {
  const conjuncts = node.condition === null ? [] : conjunctsOf(node.condition);
  const join = windowJoinOf(conjuncts, node.left, node.right);
  const { joinType } = node;
  if (join === null || joinType === 'FULL') return null;
  const width = node.left.fields.length;
  const right = [...join.right.columns].map(([i, property]) => [i + width, property] as const);
  const keepsLeft = joinType !== 'RIGHT';
  const keepsRight = joinType === 'INNER' || joinType === 'RIGHT';
  const columns = new Map([...(keepsLeft ? join.left.columns : []), ...(keepsRight ? right : [])]);
  return { window: (keepsLeft ? join.left : join.right).window, columns };
}

/** Whether start and end of a window are among the columns. */
function hasBounds(found: WindowColumns, columns: readonly number[]): boolean {
  const there = new Set(columns.map(column => found.columns.get(column)));
  return there.has('window_start') && there.has('window_end');
}

/** The window of an aggregate grouped by a window's start and end: it fires once per window. */
export function windowOfGroups(input: LogicalNode, keys: readonly number[]): WindowColumns | null {
  const found = windowColumns(input);
  return found !== null && hasBounds(found, keys) ? found : null;
}
