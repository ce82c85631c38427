import { assert } from '../../core/mod.ts';
import type { FunctionCall, NamedWindow, OrderItem, SqlExpression, WindowSpec } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column, digestOf, mapColumns } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { aggregateType, isSupportedAggregate } from '../functions/aggregates.ts';
import { type LogicalField, type LogicalNode, project } from '../logical.ts';
import type { OverCall, OverFrame, OverGroup, RankFunction, SortKey } from '../logical-over.ts';
import { simple } from '../types/kinds.ts';
import { bindFrame, DEFAULT_FRAME, ROW_BY_ROW } from './over-frame.ts';
import { bindLag } from './over-lag.ts';

const RANKS: readonly string[] = ['ROW_NUMBER', 'RANK', 'DENSE_RANK'];
const NOT_STREAMING: readonly string[] = ['NTILE', 'PERCENT_RANK', 'CUME_DIST', 'LEAD'];

/** Stands for the result of the k-th OVER function until it is known how many columns there are below. */
const PLACEHOLDER = 1_000_000;

/** Collects the OVER functions of a SELECT while its items are bound over `input`'s columns. */
export class OverCalls {
  readonly #windows: readonly NamedWindow[];
  readonly #bind: (node: SqlExpression) => Expression;
  readonly #groups: { readonly digest: string; group: OverGroupDraft }[] = [];
  readonly #calls: { readonly digest: string; readonly group: number; readonly index: number }[] = [];
  /** What the functions read beside the input's columns. */
  readonly #computed: Expression[] = [];

  constructor(windows: readonly NamedWindow[], bind: (node: SqlExpression) => Expression) {
    this.#windows = windows;
    this.#bind = bind;
  }

  /** The column of an OVER function; null for any other node. */
  intercept(node: SqlExpression): Expression | null {
    if (node.kind !== 'call' || node.over === null) return null;
    const spec = resolveWindow(node.over, this.#windows, node);
    const partition = spec.partitionBy.map(item => this.#bind(item));
    const order = spec.orderBy.map(item => ({ item, key: this.#bind(item.expression) }));
    const { call, frame } = this.#function(node, spec);
    const draft: OverGroupDraft = {
      partition: partition.map(p => this.#computedColumn(p)),
      order: order.map(({ item, key }) => sortKey(item, this.#computedColumn(key))),
      frame,
      calls: [],
      at: node.at,
    };
    const group = this.#group(draft);
    const digest = digestOf([group, call]);
    let index = this.#calls.findIndex(known => known.digest === digest);
    if (index < 0) {
      index = this.#calls.push({ digest, group, index: this.#groups[group]!.group.calls.length }) - 1;
      this.#groups[group]!.group.calls.push(call);
    }
    return column(PLACEHOLDER + index, call.call.type);
  }

  /** The node that computes the functions over `input`, and the items over its columns. */
  build(
    input: LogicalNode,
    items: readonly Expression[],
  ): { node: LogicalNode; items: readonly Expression[] } {
    if (this.#calls.length === 0) return { node: input, items };
    const width = input.fields.length;
    const below = this.#below(input);
    const at = (index: number) => this.#place(index, width);
    const groups = this.#groups.map(({ group }): OverGroup => moved(group, at));
    const starts = groups.map((_, g) =>
      groups.slice(0, g).reduce((sum, group) => sum + group.calls.length, below.fields.length),
    );
    const added = groups
      .flatMap(({ calls }) => calls)
      .map(({ call }, i): LogicalField => ({ name: `w0$o${i}`, type: call.type, time: null }));
    const node: LogicalNode = { kind: 'over', input: below, groups, fields: [...below.fields, ...added] };
    const moveItem = (item: Expression) =>
      mapColumns(item, (index, type) => {
        if (index < PLACEHOLDER) return column(index, type);
        const { group, index: k } = this.#calls[index - PLACEHOLDER]!;
        return column(starts[group]! + k, type);
      });
    return { node, items: items.map(moveItem) };
  }

  #below(input: LogicalNode): LogicalNode {
    const extra = this.#computed.filter(e => e.kind !== 'column');
    if (extra.length === 0) return input;
    const own = input.fields.map((field, i) => column(i, field.type));
    const names = [...input.fields.map(field => field.name), ...extra.map((_, i) => `$over${i}`)];
    return project(input, [...own, ...extra], names);
  }

  /** Index in `#computed` of an expression. */
  #computedColumn(expression: Expression): number {
    const digest = digestOf(expression);
    const known = this.#computed.findIndex(e => digestOf(e) === digest);
    return known >= 0 ? known : this.#computed.push(expression) - 1;
  }

  /** Where a computed expression stands in the node below the functions. */
  #place(computed: number, width: number): number {
    const expression = this.#computed[computed];
    assert(expression !== undefined, 'what an OVER function reads was bound');
    if (expression.kind === 'column') return expression.index;
    return width + this.#computed.slice(0, computed).filter(e => e.kind !== 'column').length;
  }

  #group(draft: OverGroupDraft): number {
    const { partition, order, frame } = draft;
    const digest = digestOf({ partition: [...partition].sort((a, b) => a - b), order, frame });
    const known = this.#groups.findIndex(group => group.digest === digest);
    return known >= 0 ? known : this.#groups.push({ digest, group: draft }) - 1;
  }

  #function(node: FunctionCall, spec: WindowSpec): { call: OverCall; frame: OverFrame } {
    const name = node.name.parts.join('.').toUpperCase();
    if (NOT_STREAMING.includes(name)) {
      throw sqlInvalid(node.at, `${name} Function is not supported in stream mode.`);
    }
    if (RANKS.includes(name) || name === 'LAG') {
      if (spec.frame !== null) {
        throw sqlInvalid(spec.at, 'ROW/RANGE not allowed with RANK, DENSE_RANK or ROW_NUMBER functions');
      }
      if (spec.orderBy.length === 0) {
        throw sqlInvalid(
          spec.at,
          'Over Agg: The window rank function requires order by clause with non-constant fields. ' +
            'please re-check the over window statement.',
        );
      }
    }
    if (RANKS.includes(name)) {
      const frame = name === 'ROW_NUMBER' ? ROW_BY_ROW : DEFAULT_FRAME;
      return { call: rankCall(name as RankFunction, node), frame };
    }
    const argumentOf = (e: Expression) => this.#computedColumn(e);
    if (name === 'LAG') return { call: bindLag(node, this.#bind, argumentOf), frame: DEFAULT_FRAME };
    return { call: this.#aggregate(name, node), frame: bindFrame(spec, this.#bind) };
  }

  #aggregate(name: string, node: FunctionCall): OverCall {
    if (!isSupportedAggregate(name)) throw sqlUnsupported(node.at, `${name} with OVER`);
    if (node.filter !== null) throw sqlInvalid(node.at, 'OVER must be applied to aggregate function');
    const [arg] = node.args;
    const star = arg?.kind === 'star' && name === 'COUNT';
    if (arg === undefined || node.args.length > 1) {
      throw sqlInvalid(
        node.at,
        `Invalid number of arguments to function '${name}'. Was expecting 1 arguments`,
      );
    }
    const bound = star ? null : this.#bind(arg);
    const type = aggregateType(name, bound?.type ?? null, false, node.at);
    const argument = bound === null ? null : this.#computedColumn(bound);
    const distinct = node.distinct && name !== 'MIN' && name !== 'MAX';
    return { call: { name, argument, distinct, filter: null, type }, lag: null, at: node.at };
  }
}

type OverGroupDraft = Omit<OverGroup, 'calls'> & { readonly calls: OverCall[] };

function rankCall(name: RankFunction, node: FunctionCall): OverCall {
  if (node.args.length > 0) {
    throw sqlInvalid(node.at, `Invalid number of arguments to function '${name}'. Was expecting 0 arguments`);
  }
  const call = {
    name,
    argument: null,
    distinct: false,
    filter: null,
    type: simple('BIGINT', false),
  } as const;
  return { call, lag: null, at: node.at };
}

function moved(group: OverGroupDraft, at: (index: number) => number): OverGroup {
  return {
    ...group,
    partition: group.partition.map(at),
    order: group.order.map(key => ({ ...key, column: at(key.column) })),
    calls: group.calls.map(({ call, ...rest }) => ({
      ...rest,
      call: { ...call, argument: call.argument === null ? null : at(call.argument) },
    })),
  };
}

/** An item of ORDER BY over a column: NULL is the smallest value unless it says otherwise. */
export function sortKey({ descending, nulls }: OrderItem, index: number): SortKey {
  return { column: index, descending, nullsLast: nulls === null ? descending : nulls === 'LAST' };
}

/** A window in place or by name, with what it takes over from the one it names. */
function resolveWindow(
  over: string | WindowSpec,
  windows: readonly NamedWindow[],
  node: FunctionCall,
): WindowSpec {
  if (typeof over !== 'string' && over.base === null) return over;
  const name = typeof over === 'string' ? over : over.base!;
  const index = windows.findIndex(window => window.name.name === name);
  if (index < 0) throw sqlInvalid(node.at, `Window '${name}' not found`);
  const base = resolveWindow(windows[index]!.spec, windows.slice(0, index), node);
  if (typeof over === 'string') return base;
  return {
    ...over,
    base: null,
    partitionBy: over.partitionBy.length > 0 ? over.partitionBy : base.partitionBy,
    orderBy: over.orderBy.length > 0 ? over.orderBy : base.orderBy,
    frame: over.frame ?? base.frame,
  };
}
