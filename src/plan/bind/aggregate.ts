import type { FunctionCall, Select, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column, digestOf } from '../build-expression.ts';
import type { AggregateCall, Expression } from '../expression.ts';
import {
  aggregateType,
  isSupportedAggregate,
  JSON_AGGREGATES,
  type SupportedAggregate,
  VARIANCES,
} from '../functions/aggregates.ts';
import { filter, type LogicalField, type LogicalNode, project } from '../logical.ts';
import { windowOfGroups } from '../rules/window-columns.ts';
import { ExpressionBinder } from './expression.ts';
import { hasAggregate, hasOver, hasScalarQuery, isAggregateCall } from './find.ts';
import type { QueryContext } from './from.ts';
import { GroupWindows } from './group-window.ts';
import { bindJsonAggregate } from './json-aggregate.ts';
import { OverCalls } from './over.ts';
import type { Relation } from './relation.ts';
import { ScalarQueries } from './scalar.ts';
import type { NamedItem } from './select.ts';
import { hintedTtl } from './state-ttl.ts';
import { conjunctsOfSyntax, joinTest, operandsOf, type SubqueryTest, subqueryTest } from './subquery.ts';
import { bindVariance } from './variance.ts';

/**
 * Binds a SELECT with GROUP BY, HAVING or aggregates: a projection below, the aggregate, a projection above.
 */
export function bindAggregateSelect(
  select: Select,
  items: readonly NamedItem[],
  from: Relation,
  context: QueryContext,
): LogicalNode {
  const windows = new GroupWindows(select.groupBy ?? [], from);
  const grouping = new Grouping(windows, select.windows, context);
  for (const node of windows.keys) grouping.addKey(node);
  const expressions = items.map(item => grouping.bindAbove(item.node));
  const { conditions, tests } = splitTests(select.having);
  const having = conditions.map(node => grouping.bindHaving(node));
  const operands = tests.map(test => operandsOf(test).map(node => grouping.bindAbove(node)));
  const ttl = hintedTtl(select.hints, select.from);
  const aggregated = grouping.build(items, expressions, ttl);
  const joined = grouping.scalars.build(aggregated, [...expressions, ...having, ...operands.flat()]);
  const above = [...joined.expressions];
  const selected = above.splice(0, items.length);
  const filtered = above.splice(0, having.length).reduce<LogicalNode>(filter, joined.node);
  const kept = tests.reduce(
    (node, test, i) =>
      joinTest(node, above.splice(0, operands[i]!.length), test, { ...context, outer: null }),
    filtered,
  );
  const over = grouping.over.build(kept, selected);
  return project(
    over.node,
    over.items,
    items.map(item => item.name),
  );
}

/** The conditions of HAVING, and what it asks of queries. */
function splitTests(having: SqlExpression | null): {
  readonly conditions: readonly SqlExpression[];
  readonly tests: readonly SubqueryTest[];
} {
  if (having === null) return { conditions: [], tests: [] };
  const conjuncts = conjunctsOfSyntax(having);
  const tests = conjuncts.flatMap(node => subqueryTest(node) ?? []);
  if (tests.length === 0) return { conditions: [having], tests };
  return { conditions: conjuncts.filter(node => subqueryTest(node) === null), tests };
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
  /** Queries as values, beside the aggregate's columns. */
  readonly scalars: ScalarQueries;
  readonly #calls: AggregateCall[] = [];
  readonly #callDigests = new Map<string, number>();

  constructor(windows: GroupWindows, named: Select['windows'], context: QueryContext) {
    this.scalars = new ScalarQueries(context, null);
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
  build(items: readonly NamedItem[], expressions: readonly Expression[], ttlMs: number | null): LogicalNode {
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
    const window = windowOfGroups(input, keyIndices);
    // Of a window's group, only the window's own time is in order with the watermarks.
    const isTime = (index: number) => window?.columns.get(index) === 'window_time';
    const fields: LogicalField[] = [
      ...this.#keys.map((key, i) => ({
        name: names[keyIndices[i]!]!,
        type: key.type,
        time: isTime(keyIndices[i]!) ? input.fields[keyIndices[i]!]!.time : null,
      })),
      ...this.#calls.map((call, i) => ({
        name: shown(this.#keys.length + i) ?? `agg$${i}`,
        type: call.type,
        time: null,
      })),
    ];
    const ttl = ttlMs === null ? {} : { stateTtlMs: ttlMs };
    return { kind: 'aggregate', input, keys: keyIndices, aggregates: this.#calls, fields, ...ttl };
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
    const beside = this.over.intercept(node) ?? this.scalars.intercept(node);
    if (beside !== null) return beside;
    if (hasAggregate(node) || hasOver(node) || hasScalarQuery(node)) return null;
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
    if (node.withinGroup !== null) throw sqlUnsupported(node.at, 'WITHIN GROUP');
    if (node.nullTreatment !== null && name !== 'ARRAY_AGG') {
      throw sqlUnsupported(node.at, `${node.nullTreatment} NULLS`);
    }
    if (node.args.some(hasAggregate)) throw sqlInvalid(node.at, 'Aggregate expressions cannot be nested');
    if (name === 'APPROX_COUNT_DISTINCT') {
      throw sqlInvalid(node.at, `${name} aggregate function does not support yet for streaming.`);
    }
    const filterIndex =
      node.filter === null ? null : this.#input(this.#below.bindCondition(node.filter, 'FILTER'));
    const add = (inner: SupportedAggregate, argument: Expression | null, more: Partial<AggregateCall> = {}) =>
      this.#added(inner, argument, node, { filter: filterIndex, ...more });
    if (VARIANCES.has(name)) {
      const parts = { sum: (x: Expression) => add('SUM', x), count: (x: Expression) => add('COUNT', x) };
      return bindVariance(name, this.#argument(node, name)!, parts, node.at);
    }
    if (JSON_AGGREGATES.has(name)) {
      const join = (text: Expression, separator: string) => add('LISTAGG', text, { separator });
      return bindJsonAggregate(name, node, arg => this.#below.bind(arg), join);
    }
    if (!isSupportedAggregate(name)) throw sqlUnsupported(node.at, `the aggregate ${name}`);
    if (name === 'LISTAGG') return this.#listAgg(node, add);
    const more = name === 'ARRAY_AGG' && node.nullTreatment === 'IGNORE' ? { ignoresNulls: true } : {};
    return add(name, this.#argument(node, name), more);
  }

  /** The column of an aggregate call, added if there is none like it. */
  #added(
    name: SupportedAggregate,
    argument: Expression | null,
    { distinct, at }: FunctionCall,
    more: Partial<AggregateCall>,
  ): Expression {
    const mayBeEmpty = this.#keys.length === 0 || (more.filter ?? null) !== null;
    const type = aggregateType(name, argument?.type ?? null, mayBeEmpty, at);
    const call: AggregateCall = {
      name,
      argument: argument === null ? null : this.#input(argument),
      distinct: distinct && name !== 'MIN' && name !== 'MAX',
      filter: null,
      ...more,
      type,
    };
    return column(this.#keys.length + this.#call(call), type);
  }

  /** `LISTAGG(text [, separator])`. */
  #listAgg(
    node: FunctionCall,
    add: (name: 'LISTAGG', argument: Expression, more: Partial<AggregateCall>) => Expression,
  ): Expression {
    const [text, separator, third] = node.args;
    if (text === undefined || third !== undefined) {
      throw sqlInvalid(
        node.at,
        "Invalid number of arguments to function 'LISTAGG'. Was expecting 1 or 2 arguments",
      );
    }
    if (separator !== undefined && separator.kind !== 'string') {
      throw sqlInvalid(separator.at, 'The separator of LISTAGG must be a string literal');
    }
    const between = separator === undefined ? {} : { separator: separator.value };
    return add('LISTAGG', this.#below.bind(text), between);
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
