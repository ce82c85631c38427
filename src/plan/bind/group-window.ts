import type { FunctionCall, GroupItem, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column, digestOf } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { Scope } from '../scope.ts';
import { ExpressionBinder } from './expression.ts';
import { type Relation, relation } from './relation.ts';
import { milliseconds, requireRowtime, tumble } from './window.ts';

const PROPERTIES: Readonly<Record<string, number>> = { TUMBLE_START: 0, TUMBLE_END: 1, TUMBLE_ROWTIME: 2 };
const OTHER_WINDOWS = ['HOP', 'SESSION', 'CUMULATE'];

/**
 * GROUP BY with the older group window TUMBLE(time, size), turned into the window table function it means.
 */
export class GroupWindows {
  /** What the keys are bound against: FROM and WHERE, below the window when there is one. */
  readonly relation: Relation;
  /** The expressions of GROUP BY; the window stands for its start and its end. */
  readonly keys: readonly SqlExpression[];
  readonly #window: { readonly digest: string; readonly firstColumn: number } | null;

  constructor(items: readonly GroupItem[], from: Relation) {
    const nodes = items.map(item => {
      if (item.kind === 'sets') throw sqlUnsupported(item.at, item.operator);
      return item.expression;
    });
    const windows = nodes.filter(isWindowCall);
    if (windows.length > 1) throw sqlInvalid(windows[1]!.at, 'Only one window may stand in GROUP BY');
    const [window] = windows;
    this.relation = window === undefined ? from : windowed(window, from);
    this.#window =
      window === undefined ? null : { digest: digestOf(window.args), firstColumn: from.node.fields.length };
    this.keys = nodes.flatMap(node => (node === window && window !== undefined ? bounds(window) : [node]));
  }

  /** TUMBLE_START(time, size) and its like are columns of the window. */
  intercept(node: SqlExpression): Expression | null {
    if (node.kind !== 'call') return null;
    const name = node.name.parts.join('.').toUpperCase();
    const property = PROPERTIES[name];
    if (property === undefined) return null;
    if (this.#window === null || digestOf(node.args) !== this.#window.digest) {
      throw sqlInvalid(
        node.at,
        `Call to auxiliary group function '${name}' must have matching call to group function 'TUMBLE' in GROUP BY clause`,
      );
    }
    const index = this.#window.firstColumn + property;
    return column(index, this.relation.node.fields[index]!.type);
  }
}

function isWindowCall(node: SqlExpression): node is FunctionCall {
  if (node.kind !== 'call') return false;
  const name = node.name.parts.join('.').toUpperCase();
  if (OTHER_WINDOWS.includes(name)) throw sqlUnsupported(node.at, `the group window ${name}`);
  return name === 'TUMBLE';
}

/** The calls that stand for the window among the keys. */
function bounds(window: FunctionCall): SqlExpression[] {
  return ['TUMBLE_START', 'TUMBLE_END', 'TUMBLE_ROWTIME'].map(name => ({
    ...window,
    name: { parts: [name], at: window.at },
  }));
}

function windowed(window: FunctionCall, from: Relation): Relation {
  const [time, size, offset] = window.args;
  if (time === undefined || size === undefined || window.args.length > 3) {
    throw sqlInvalid(window.at, 'TUMBLE takes a time attribute and a size');
  }
  const rowtime = new ExpressionBinder(from.scope).bind(time);
  if (rowtime.kind !== 'column')
    throw sqlInvalid(time.at, 'Window can only be defined over a time attribute column');
  requireRowtime(from.node.fields[rowtime.index]!, time.at);
  const offsetMs = offset === undefined ? 0 : milliseconds(offset, 'offset', window.at);
  const node = tumble(from.node, rowtime.index, milliseconds(size, 'size', window.at), offsetMs, window.at);
  const visible = relation(from.node, null).scope.columns.length;
  return { node, scope: new Scope(from.scope.columns.filter(c => c.index < visible)) };
}
