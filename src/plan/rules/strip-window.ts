import { assert } from '../../core/mod.ts';
import { sqlUnsupported } from '../../sql/mod.ts';
import { column, columnsOf, remap } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { type LogicalNode, project } from '../logical.ts';
import { windowColumns } from './window-columns.ts';

/** A node without the columns of the window below it. */
export interface Stripped {
  readonly node: LogicalNode;
  /** New index of each old column; -1 for the window's. */
  readonly map: readonly number[];
  /** Index of the event time in `node`. */
  readonly rowtime: number;
  readonly at: SourcePosition;
}

/**
 * Takes the window function out of the chain under a window aggregate, which computes the window itself.
 * Whatever else reads start or end on the way is refused.
 */
export function stripWindow(node: LogicalNode): Stripped {
  switch (node.kind) {
    case 'window': {
      const map = node.fields.map((_, i) => (i < node.input.fields.length ? i : -1));
      return { node: node.input, map, rowtime: node.rowtime, at: node.at };
    }
    case 'filter': {
      const below = stripWindow(node.input);
      refuseWindowColumns(node.condition, below);
      const condition = remap(node.condition, below.map);
      return { ...below, node: { kind: 'filter', input: below.node, condition, fields: below.node.fields } };
    }
    case 'project':
      return stripProject(node);
    default:
      assert(false, 'a window is reached through projections and filters');
      return stripWindow(node);
  }
}

function stripProject(node: LogicalNode & { kind: 'project' }): Stripped {
  const below = stripWindow(node.input);
  const columns = windowColumns(node)?.columns ?? new Map();
  const kept: { expression: Expression; name: string }[] = [];
  const map = node.expressions.map((expression, i) => {
    if (columns.has(i)) return -1;
    refuseWindowColumns(expression, below);
    return kept.push({ expression: remap(expression, below.map), name: node.fields[i]!.name }) - 1;
  });
  let rowtime = kept.findIndex(k => k.expression.kind === 'column' && k.expression.index === below.rowtime);
  if (rowtime < 0) {
    const field = below.node.fields[below.rowtime]!;
    rowtime =
      kept.push({ expression: column(below.rowtime, field.type), name: freeName(field.name, kept) }) - 1;
  }
  const stripped = project(
    below.node,
    kept.map(k => k.expression),
    kept.map(k => k.name),
  );
  return { node: stripped, map, rowtime, at: below.at };
}

function freeName(name: string, kept: readonly { readonly name: string }[]): string {
  return kept.some(k => k.name === name) ? `${name}$rowtime` : name;
}

function refuseWindowColumns(expression: Expression, { map, at }: Stripped): void {
  const isRead = [...columnsOf(expression)].some(index => map[index] === -1);
  if (isRead) throw windowColumnsUnsupported(at);
}

/** A window function is only run under the aggregate that closes its windows. */
export function windowColumnsUnsupported(at: SourcePosition): Error {
  return sqlUnsupported(at, 'a window function other than under GROUP BY window_start, window_end');
}
