import { column, columnsOf, remap } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { type LogicalNode, project } from '../logical.ts';
import { windowColumns } from './window-columns.ts';

/** A node without the columns of the window below it. */
export interface Stripped {
  readonly node: LogicalNode;
  /** New index of each old column; -1 for the window's. */
  readonly map: readonly number[];
  /** Index in `node` of the time that windows go by. */
  readonly time: number;
  /** Rows are dropped between the window function and here. */
  readonly filtered: boolean;
}

/**
 * Takes the window function out of the chain under a window aggregate, which then computes the window itself.
 * Null where something else than projections and filters lies between, or one of them computes with the
 * window's columns.
 */
export function stripWindow(node: LogicalNode): Stripped | null {
  switch (node.kind) {
    case 'window': {
      const map = node.fields.map((_, i) => (i < node.input.fields.length ? i : -1));
      return { node: node.input, map, time: node.time, filtered: false };
    }
    case 'filter': {
      const below = stripWindow(node.input);
      if (below === null || readsWindow(node.condition, below)) return null;
      const condition = remap(node.condition, below.map);
      const stripped = { kind: 'filter', input: below.node, condition, fields: below.node.fields } as const;
      return { ...below, node: stripped, filtered: true };
    }
    case 'project':
      return stripProject(node);
    default:
      return null;
  }
}

function stripProject(node: LogicalNode & { kind: 'project' }): Stripped | null {
  const below = stripWindow(node.input);
  if (below === null) return null;
  const columns = windowColumns(node)?.columns ?? new Map();
  const kept: { expression: Expression; name: string }[] = [];
  const map: number[] = [];
  for (const [i, expression] of node.expressions.entries()) {
    if (columns.has(i)) {
      map.push(-1);
      continue;
    }
    if (readsWindow(expression, below)) return null;
    map.push(kept.push({ expression: remap(expression, below.map), name: node.fields[i]!.name }) - 1);
  }
  let time = kept.findIndex(k => k.expression.kind === 'column' && k.expression.index === below.time);
  if (time < 0) {
    const field = below.node.fields[below.time]!;
    const name = kept.some(k => k.name === field.name) ? `${field.name}$time` : field.name;
    time = kept.push({ expression: column(below.time, field.type), name }) - 1;
  }
  const stripped = project(
    below.node,
    kept.map(k => k.expression),
    kept.map(k => k.name),
  );
  return { node: stripped, map, time, filtered: below.filtered };
}

function readsWindow(expression: Expression, { map }: Stripped): boolean {
  return [...columnsOf(expression)].some(index => map[index] === -1);
}
