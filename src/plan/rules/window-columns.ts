import type { LogicalNode, WindowNode } from '../logical.ts';
import { WINDOW_PROPERTIES, type WindowProperty } from '../window-spec.ts';

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
    default:
      return null;
  }
}

/** The window of an aggregate grouped by a window's start and end: it fires once per window. */
export function windowOfGroups(input: LogicalNode, keys: readonly number[]): WindowColumns | null {
  const found = windowColumns(input);
  if (found === null) return null;
  const grouped = new Set(keys.map(key => found.columns.get(key)));
  return grouped.has('window_start') && grouped.has('window_end') ? found : null;
}
