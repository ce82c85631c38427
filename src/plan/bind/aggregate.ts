import type { FunctionCall, Select, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column, digestOf } from '../build-expression.ts';
import type { AggregateCall, Expression } from '../expression.ts';
import { aggregateType, isSupportedAggregate } from '../functions/aggregates.ts';
import { filter, type LogicalField, type LogicalNode, project } from '../logical.ts';
import { windowOfGroups } from '../rules/window-columns.ts';
import { ExpressionBinder } from './expression.ts';
import { hasAggregate, hasOver, isAggregateCall } from './find.ts';
import { GroupWindows } from './group-window.ts';
import { OverCalls } from './over.ts';
import type { Relation } from './relation.ts';
import type { NamedItem } from './select.ts';

/**
 * Binds a SELECT with GROUP BY, HAVING or aggregates: a projection below, the aggregate, a projection above.
 */
export function bindAggregateSelect(
  select: Select,
  items: readonly NamedItem[],
  from: Relation,
): LogicalNode {
  const windows = new GroupWindows(select.groupBy ?? [], from);
  const grouping = new Grouping(windows, select.windows);
  for (const node of windows.keys) grouping.addKey(node);
  const expressions = items.map(item => grouping.bindAbove(item.node));
  const having = select.having === null ? null : grouping.bindHaving(select.having);
  const aggregated = grouping.build(items, expressions);
  const kept = having === null ? aggregated : filter(aggregated, having);
  const over = grouping.over.build(kept, expressions);
  return project(
    over.node,
    over.items,
    items.map(item => item.name),
  );
}

/** Collects keys and aggregate calls while the expressions above them are bound. */
class Grouping {
  readonly #windows: GroupWindows;
  readonly #below: ExpressionBinder;
  readonly #above: ExpressionBinder;
  /** Columns of the projection below: keys, then arguments and filters. */
  readonly #inputs: Expression[] = [];
  readonly #inputDigests = new Map<string, number>();
  readonly #keys: Expression[] = [];
  readonly #keyDigests = new Map<string, number>();
  /** OVER functions, over the aggregate's columns. */
  readonly over: OverCalls;
  readonly #calls: AggregateCall[] = [];
  readonly #callDigests = new Map<string, number>();

  constructor(windows: GroupWindows, named: Select['windows']) {
    this.over = new OverCalls(named, node => this.#above.bind(node));
    this.#windows = windows;
    this.#below = new ExpressionBinder(windows.relation.scope, node => windows.intercept(node));
    this.#above = new ExpressionBinder(windows.relation.scope, node => this.#intercept(node));
  }

  addKey(node: SqlExpression): void {
    if (hasAggregate(node)) throw sqlInvalid(node.at, 'Aggregate expression is illegal in GROUP BY clause');
    const key = this.#below.bind(node);
    const digest = digestOf(key);
    if (this.#keyDigests.has(digest)) return;
    this.#keyDigests.set(digest, this.#keys.length);
    this.#keys.push(key);
    this.#input(key);
  }

  bindAbove(node: SqlExpression): Expression {
    return this.#above.bind(node);
  }

  bindHaving(node: SqlExpression): Expression {
    return this.#above.bindCondition(node, 'HAVING');
  }

  /** The aggregate node; its columns take the names of the items that show them alone. */
  build(items: readonly NamedItem[], expressions: readonly Expression[]): LogicalNode {
    const source = this.#windows.relation.node;
    const names = this.#inputs.map((input, i) =>
      input.kind === 'column' ? source.fields[input.index]!.name : `$f${i}`,
    );
    const input = project(source, this.#inputs, names);
    const shown = (index: number): string | undefined => {
      const at = expressions.findIndex(e => e.kind === 'column' && e.index === index);
      return at < 0 ? undefined : items[at]!.name;
    };
    const keyIndices = this.#keys.map(key => this.#inputDigests.get(digestOf(key))!);
    const isWindowed = windowOfGroups(input, keyIndices) !== null;
    const fields: LogicalField[] = [
      ...this.#keys.map((key, i) => ({
        name: names[keyIndices[i]!]!,
        type: key.type,
        time: isWindowed ? input.fields[keyIndices[i]!]!.time : null,
      })),
      ...this.#calls.map((call, i) => ({
        name: shown(this.#keys.length + i) ?? `agg$${i}`,
        type: call.type,
        time: null,
      })),
    ];
    return { kind: 'aggregate', input, keys: keyIndices, aggregates: this.#calls, fields };
  }

  #input(expression: Expression): number {
    const digest = digestOf(expression);
    const known = this.#inputDigests.get(digest);
    if (known !== undefined) return known;
    this.#inputDigests.set(digest, this.#inputs.length);
    return this.#inputs.push(expression) - 1;
  }

  /** An aggregate call or a group key is a column of the aggregate; any other column is refused. */
  #intercept(node: SqlExpression): Expression | null {
    if (node.kind === 'call' && isAggregateCall(node)) return this.#aggregate(node);
    const over = this.over.intercept(node);
    if (over !== null) return over;
    if (hasAggregate(node) || hasOver(node)) return null;
    const key = this.#asKey(node);
    if (key !== null) return key;
    if (node.kind === 'column') {
      this.#below.bind(node);
      throw sqlInvalid(node.at, `Expression '${node.parts.join('.')}' is not being grouped`);
    }
    return null;
  }

  #asKey(node: SqlExpression): Expression | null {
    if (node.kind === 'keyword' || node.kind === 'star') return null;
    const bound = this.#below.bind(node);
    if (bound.kind === 'literal') return bound;
    const index = this.#keyDigests.get(digestOf(bound));
    return index === undefined ? null : column(index, bound.type);
  }

  #aggregate(node: FunctionCall): Expression {
    const name = node.name.parts.join('.').toUpperCase();
    if (!isSupportedAggregate(name)) throw sqlUnsupported(node.at, `the aggregate ${name}`);
    if (node.withinGroup !== null) throw sqlUnsupported(node.at, 'WITHIN GROUP');
    if (node.nullTreatment !== null) throw sqlUnsupported(node.at, `${node.nullTreatment} NULLS`);
    if (node.args.some(hasAggregate)) throw sqlInvalid(node.at, 'Aggregate expressions cannot be nested');
    const argument = this.#argument(node, name);
    const filterIndex =
      node.filter === null ? null : this.#input(this.#below.bindCondition(node.filter, 'FILTER'));
    const mayBeEmpty = this.#keys.length === 0 || filterIndex !== null;
    const type = aggregateType(name, argument?.type ?? null, mayBeEmpty, node.at);
    const isDistinct = node.distinct && name !== 'MIN' && name !== 'MAX';
    const call: AggregateCall = {
      name,
      argument: argument === null ? null : this.#input(argument),
      distinct: isDistinct,
      filter: filterIndex,
      type,
    };
    return column(this.#keys.length + this.#call(call), type);
  }

  /** The argument; null for COUNT(*) and for COUNT of what cannot be NULL. */
  #argument(node: FunctionCall, name: string): Expression | null {
    const [arg] = node.args;
    if (name === 'COUNT' && node.args.length > 1) {
      throw sqlInvalid(node.at, 'We now only support the count of one field.');
    }
    if (arg?.kind === 'star') {
      if (name === 'COUNT' && !node.distinct) return null;
      throw sqlInvalid(arg.at, `found '*' in ${name}, expected a column`);
    }
    if (arg === undefined || node.args.length > 1) {
      throw sqlInvalid(
        node.at,
        `Invalid number of arguments to function '${name}'. Was expecting 1 arguments`,
      );
    }
    const bound = this.#below.bind(arg);
    return name === 'COUNT' && !node.distinct && !bound.type.nullable ? null : bound;
  }

  #call(call: AggregateCall): number {
    const digest = digestOf(call);
    const known = this.#callDigests.get(digest);
    if (known !== undefined) return known;
    this.#callDigests.set(digest, this.#calls.length);
    return this.#calls.push(call) - 1;
  }
}
