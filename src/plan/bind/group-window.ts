import type { FunctionCall, GroupItem, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column, digestOf } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { proctime, type WindowNode } from '../logical.ts';
import { Scope } from '../scope.ts';
import { flinkType } from '../types/print.ts';
import type { WindowSpec } from '../window-spec.ts';
import { ExpressionBinder } from './expression.ts';
import { type Relation, relation } from './relation.ts';
import { bindSpec, windowNode } from './window.ts';

/** The arguments behind the time of each group window, in their order. */
const PARAMETERS = {
  TUMBLE: ['SIZE', 'OFFSET'],
  HOP: ['SLIDE', 'SIZE', 'OFFSET'],
  SESSION: ['GAP'],
} as const satisfies Partial<Record<WindowSpec['kind'], readonly string[]>>;
type GroupWindowKind = keyof typeof PARAMETERS;

/** Columns of a window node behind its input's. */
const PROPERTIES: Readonly<Record<string, number>> = { START: 0, END: 1, ROWTIME: 2 };
const PROPERTY_CALL = /^(TUMBLE|HOP|SESSION)_(START|END|ROWTIME|PROCTIME)$/;

interface BoundWindow {
  readonly kind: GroupWindowKind;
  readonly digest: string;
  readonly node: WindowNode;
}

/**
 * GROUP BY with an older group window such as TUMBLE(time, size), turned into the window table function it
 * means.
 */
export class GroupWindows {
  /** What the keys are bound against: FROM and WHERE, below the window when there is one. */
  readonly relation: Relation;
  /** The expressions of GROUP BY; the window stands for its start, its end and its time. */
  readonly keys: readonly SqlExpression[];
  readonly #window: BoundWindow | null;

  constructor(items: readonly GroupItem[], from: Relation) {
    const nodes = items.map(item => {
      if (item.kind === 'sets') throw sqlUnsupported(item.at, item.operator);
      return item.expression;
    });
    const windows = nodes.filter(isWindowCall);
    if (windows.length > 1) throw sqlInvalid(windows[1]!.at, 'Only one window may stand in GROUP BY');
    const [window] = windows;
    this.#window = window === undefined ? null : bindWindow(window, from);
    this.relation = this.#window === null ? from : above(this.#window.node, from);
    const isEventTime = this.#window?.node.fields.at(-1)?.time === 'rowtime';
    this.keys = nodes.flatMap(node =>
      node === window && window !== undefined ? bounds(window, isEventTime) : [node],
    );
  }

  /** TUMBLE_START(time, size) and its like are columns of the window. */
  intercept(node: SqlExpression): Expression | null {
    if (node.kind !== 'call') return null;
    const name = nameOf(node);
    const [, kind, property] = PROPERTY_CALL.exec(name) ?? [];
    if (kind === undefined || property === undefined) return null;
    if (this.#window === null || this.#window.kind !== kind || digestOf(node.args) !== this.#window.digest) {
      throw sqlInvalid(
        node.at,
        `Call to auxiliary group function '${name}' must have matching call to group function '${kind}' in GROUP BY clause`,
      );
    }
    if (property === 'PROCTIME') return proctime(node.at);
    const { input, fields } = this.#window.node;
    const index = input.fields.length + PROPERTIES[property]!;
    if (property === 'ROWTIME' && fields[index]!.time !== 'rowtime') {
      throw sqlInvalid(node.at, 'A proctime window cannot provide a rowtime attribute.');
    }
    return column(index, fields[index]!.type);
  }
}

const nameOf = (node: FunctionCall) => node.name.parts.join('.').toUpperCase();

function isWindowCall(node: SqlExpression): node is FunctionCall {
  return node.kind === 'call' && Object.hasOwn(PARAMETERS, nameOf(node));
}

/** The calls that stand for the window among the keys; the time of a processing-time window is none. */
function bounds(window: FunctionCall, isEventTime: boolean): SqlExpression[] {
  const name = nameOf(window);
  return ['START', 'END', ...(isEventTime ? ['ROWTIME'] : [])].map(property => ({
    ...window,
    name: { parts: [`${name}_${property}`], at: window.at },
  }));
}

function bindWindow(window: FunctionCall, from: Relation): BoundWindow {
  const kind = nameOf(window) as GroupWindowKind;
  const [time, ...lengths] = window.args;
  const parameters: readonly string[] = PARAMETERS[kind];
  const required = parameters.filter(name => name !== 'OFFSET').length;
  if (time === undefined || lengths.length < required || lengths.length > parameters.length) {
    throw sqlInvalid(window.at, `${kind} takes a time attribute and ${parameters.join(', ')}`);
  }
  const rowtime = new ExpressionBinder(from.scope).bind(time);
  if (rowtime.kind !== 'column' || from.node.fields[rowtime.index]!.time === null) {
    throw sqlInvalid(
      time.at,
      `Window aggregate can only be defined over a time attribute column, but ${flinkType(rowtime.type)} encountered.`,
    );
  }
  const args = new Map(lengths.map((arg, i) => [parameters[i]!, arg]));
  const spec = bindSpec(kind, args, window.at);
  return {
    kind,
    digest: digestOf(window.args),
    node: windowNode(from.node, rowtime.index, spec, null, window.at),
  };
}

/** The names in reach above the window: those below it. */
function above(node: WindowNode, from: Relation): Relation {
  const visible = relation(from.node, null).scope.columns.length;
  return { node, scope: new Scope(from.scope.columns.filter(c => c.index < visible)) };
}
