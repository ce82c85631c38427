import type { Query, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { allOf, branch, call, column, columnsOf, literal, mapColumns } from '../build-expression.ts';
import { decorrelate, isCorrelated, mapOuter } from '../correlation.ts';
import type { AggregateCall, Expression, SourcePosition } from '../expression.ts';
import { type AggregateNode, type LogicalNode, project } from '../logical.ts';
import type { Scope } from '../scope.ts';
import { simple, withNullable } from '../types/kinds.ts';
import { calciteType } from '../types/print.ts';
import { bindComparison } from './comparison.ts';
import type { QueryContext } from './from.ts';

/** Stands for the value of the k-th query until it is joined. */
const PLACEHOLDER = 10_000_000;

/**
 * Queries that stand as values among the expressions of a SELECT. Each becomes a left join: of one row, or,
 * when it asks for rows equal to the query's around, of the aggregate for each key.
 */
export class ScalarQueries {
  readonly #context: QueryContext;
  readonly #scope: Scope | null;
  readonly #asked: { readonly node: LogicalNode; readonly at: SourcePosition }[] = [];

  /** `scope`: the columns a query may be correlated with; null when it may not be. */
  constructor(context: QueryContext, scope: Scope | null) {
    this.#context = context;
    this.#scope = scope;
  }

  /** The value of a query as an expression; null for any other node. */
  intercept(node: SqlExpression): Expression | null {
    if (node.kind !== 'subquery') return null;
    const { bindQuery } = this.#context;
    const asked = bindQuery(node.query as Query, { ...this.#context, outer: this.#scope });
    const [field, second] = asked.fields;
    if (field === undefined || second !== undefined) {
      const given = asked.fields.map(f => `${calciteType(f.type)} ${f.name.toUpperCase()}`).join(', ');
      throw sqlInvalid(
        node.at,
        `Cannot apply '$SCALAR_QUERY' to arguments of type '$SCALAR_QUERY(<RECORDTYPE(${given})>)'. ` +
          `Supported form(s): '$SCALAR_QUERY(<RECORDTYPE(SINGLE FIELD)>)'`,
      );
    }
    const index = this.#asked.push({ node: asked, at: node.at }) - 1;
    return column(PLACEHOLDER + index, withNullable(field.type, true));
  }

  /** The node with the queries joined, and the expressions over it. Its first columns are the input's. */
  build(
    input: LogicalNode,
    expressions: readonly Expression[],
  ): { readonly node: LogicalNode; readonly expressions: readonly Expression[] } {
    const values: Expression[] = [];
    let node = input;
    for (const { node: asked, at } of this.#asked) {
      const joined = isCorrelated(asked) ? joinByKey(node, asked, at) : joinRow(node, asked, at);
      node = joined.node;
      values.push(joined.value);
    }
    if (values.length === 0) return { node, expressions };
    const replace = (expression: Expression) =>
      mapColumns(expression, (index, type) =>
        index >= PLACEHOLDER && index < PLACEHOLDER + values.length
          ? values[index - PLACEHOLDER]!
          : column(index, type),
      );
    return { node, expressions: expressions.map(replace) };
  }
}

interface Joined {
  readonly node: LogicalNode;
  readonly value: Expression;
}

function leftJoin(
  left: LogicalNode,
  right: LogicalNode,
  condition: Expression | null,
  at: SourcePosition,
): LogicalNode {
  const filled = right.fields.map(f => ({ ...f, type: withNullable(f.type, true), time: null }));
  return { kind: 'join', joinType: 'LEFT', left, right, condition, at, fields: [...left.fields, ...filled] };
}

function joinRow(input: LogicalNode, asked: LogicalNode, at: SourcePosition): Joined {
  const right = isOneRow(asked) ? asked : singleValue(asked, at);
  const type = withNullable(asked.fields[0]!.type, true);
  return { node: leftJoin(input, right, null, at), value: column(input.fields.length, type) };
}

/** True for a query that never gives a second row. */
function isOneRow(node: LogicalNode): boolean {
  switch (node.kind) {
    case 'project':
    case 'filter':
      return isOneRow(node.input);
    case 'aggregate':
      return node.keys.length === 0;
    case 'rank':
      return node.partition.length === 0 && node.from === node.to;
    case 'values':
      return node.rows.length < 2;
    default:
      return false;
  }
}

/** The one value of a query's only row; a second row is an error while it runs. */
function singleValue(asked: LogicalNode, at: SourcePosition): AggregateNode {
  const field = asked.fields[0]!;
  const type = withNullable(field.type, true);
  const one: AggregateCall = { name: 'SINGLE_VALUE', argument: 0, distinct: false, filter: null, type, at };
  const fields = [{ name: field.name, type, time: null }];
  return { kind: 'aggregate', input: asked, keys: [], aggregates: [one], fields };
}

/** Joins the aggregate of a correlated query, computed for each value it is asked for. */
function joinByKey(input: LogicalNode, asked: LogicalNode, at: SourcePosition): Joined {
  const { aggregate, result } = aggregateOf(asked, at);
  const below = decorrelate(aggregate.input);
  if (below === null || isCorrelated(result)) {
    throw sqlUnsupported(at, 'a subquery that is correlated other than by equality in its WHERE');
  }
  const pairs = below.conditions.map(condition => equalPair(condition, at));
  const own = below.node.fields.map((field, i) => column(i, field.type));
  const names = below.node.fields.map(field => field.name);
  const keyed = project(
    below.node,
    [...own, ...pairs.map(pair => pair.inner)],
    [...names, ...pairs.map((_, i) => `key$${i}`)],
  );
  const fields = [
    ...pairs.map((pair, i) => ({ name: `key$${i}`, type: pair.inner.type, time: null })),
    ...aggregate.fields,
  ];
  const keys = pairs.map((_, i) => own.length + i);
  const right: LogicalNode = { ...aggregate, input: keyed, keys, fields };
  const width = input.fields.length;
  const condition = pairs.map(({ outer, inner }, i) => {
    const asking = mapOuter(outer, index => column(index, input.fields[index]!.type));
    return bindComparison('=', asking, column(width + i, inner.type), at);
  });
  const value = mapColumns(result, index => {
    const { type } = aggregate.fields[index]!;
    const found = column(width + pairs.length + index, withNullable(type, true));
    return aggregate.aggregates[index]!.name === 'COUNT' ? orZero(found, at) : found;
  });
  return { node: leftJoin(input, right, allOf(condition), at), value };
}

/** The global aggregate a query asks for, and its result over the aggregate's columns. */
function aggregateOf(
  asked: LogicalNode,
  at: SourcePosition,
): { aggregate: AggregateNode; result: Expression } {
  const inner = asked.kind === 'project' ? asked.input : asked;
  if (inner.kind === 'aggregate' && inner.keys.length === 0 && inner.aggregates.length > 0) {
    const result = asked.kind === 'project' ? asked.expressions[0]! : column(0, asked.fields[0]!.type);
    return { aggregate: inner, result };
  }
  const aggregate = singleValue(asked, at);
  return { aggregate, result: column(0, aggregate.fields[0]!.type) };
}

/** Where there is no row for a key, COUNT is 0. */
function orZero(found: Expression, at: SourcePosition): Expression {
  const isMissing = call('IS NULL', [found], simple('BOOLEAN', false), at);
  const zero = literal(0n, simple('BIGINT', false));
  return { kind: 'case', branches: [branch(isMissing, zero)], otherwise: found, type: found.type };
}

/** A condition `inner = outer`, each side reading one query only. */
function equalPair(condition: Expression, at: SourcePosition): { inner: Expression; outer: Expression } {
  const [a, b] = condition.kind === 'call' && condition.name === '=' ? condition.operands : [];
  const isInner = (e: Expression) => !isCorrelated(e) && columnsOf(e).size > 0;
  const isOuter = (e: Expression) => isCorrelated(e) && columnsOf(e).size === 0;
  if (a !== undefined && b !== undefined) {
    if (isInner(a) && isOuter(b)) return { inner: a, outer: b };
    if (isInner(b) && isOuter(a)) return { inner: b, outer: a };
  }
  throw sqlUnsupported(at, 'a subquery that is correlated other than by equality in its WHERE');
}
