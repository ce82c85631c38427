import type { OrderItem, Query, QueryBody, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column, digestOf } from '../build-expression.ts';
import { type LogicalNode, project } from '../logical.ts';
import type { SortKey } from '../logical-over.ts';
import { simple } from '../types/kinds.ts';
import { ExpressionBinder } from './expression.ts';
import { sortKey } from './over.ts';
import { relation } from './relation.ts';

type BindBody = (body: QueryBody) => LogicalNode;

/**
 * Binds a query with ORDER BY, LIMIT, OFFSET. `isWhole`: it is the whole statement's query; the order of a
 * query inside means nothing without a limit, and is dropped.
 */
export function bindOrdered(query: Query, isWhole: boolean, bindBody: BindBody): LogicalNode {
  const { orderBy, limit, offset } = query;
  const hasLimit = limit !== null || offset !== null;
  if (orderBy.length === 0 && !hasLimit) return bindBody(query.body);
  const { node, order, width } = bindOrder(orderBy, query.body, bindBody);
  if (!hasLimit) return isWhole ? shown(sorted(node, order, query), width) : bindBody(query.body);
  const skipped = offset === null ? 0 : count(offset);
  if (limit === null) {
    throw sqlInvalid(offset!.at, 'FETCH is missed, which on streaming table is not supported currently.');
  }
  const to = skipped + count(limit);
  if (to === skipped) return { kind: 'values', rows: [], fields: node.fields.slice(0, width) };
  const rank = { name: 'rank$', type: simple('BIGINT', false), time: null };
  const fields = [...node.fields, rank];
  const at = limit.at;
  const top: LogicalNode = {
    kind: 'rank',
    input: node,
    partition: [],
    order,
    from: skipped + 1,
    to,
    ofLimit: true,
    at,
    fields,
  };
  return shown(top, width);
}

function sorted(node: LogicalNode, order: readonly SortKey[], query: Query): LogicalNode {
  const at = query.orderBy[0]!.expression.at;
  return { kind: 'sort', input: node, order, at, fields: node.fields };
}

/** The first columns of a node: those that are not there for the order alone. */
function shown(node: LogicalNode, width: number): LogicalNode {
  if (node.fields.length === width) return node;
  const fields = node.fields.slice(0, width);
  return project(
    node,
    fields.map((field, i) => column(i, field.type)),
    fields.map(field => field.name),
  );
}

function count(node: SqlExpression): number {
  const value = node.kind === 'number' ? Number(node.text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw sqlUnsupported(node.at, 'a LIMIT or OFFSET that is not a whole number');
}

interface Ordered {
  readonly node: LogicalNode;
  readonly order: readonly SortKey[];
  /** How many columns the query itself has; behind them are those that only the order reads. */
  readonly width: number;
}

function bindOrder(items: readonly OrderItem[], body: QueryBody, bindBody: BindBody): Ordered {
  const plain = bindBody(body);
  const width = plain.fields.length;
  const places = items.map(item => placeOf(item.expression, plain));
  const hidden = items.filter((_, i) => places[i] === null).map(item => item.expression);
  const node = hidden.length === 0 ? plain : withHidden(body, plain, hidden, bindBody);
  let next = width;
  const order = items.map((item, i) => sortKey(item, places[i] ?? sameColumn(node, next++)));
  return { node, order, width };
}

/** The column of the result that a name or a number in ORDER BY stands for. */
function placeOf(node: SqlExpression, { fields }: LogicalNode): number | null {
  if (node.kind === 'number' && /^\d+$/.test(node.text)) {
    const ordinal = Number(node.text);
    if (ordinal < 1 || ordinal > fields.length) throw sqlInvalid(node.at, 'Ordinal out of range');
    return ordinal - 1;
  }
  if (node.kind !== 'column' || node.parts.length !== 1) return null;
  const index = fields.findIndex(field => field.name === node.parts[0]);
  return index < 0 ? null : index;
}

/** The query with further columns for its order. */
function withHidden(
  body: QueryBody,
  plain: LogicalNode,
  hidden: readonly SqlExpression[],
  bindBody: BindBody,
): LogicalNode {
  if (body.kind === 'select') {
    if (body.distinct) {
      const [first] = hidden;
      const text = first?.kind === 'column' ? first.parts.join('.') : 'in ORDER BY';
      throw sqlInvalid(first!.at, `Expression '${text}' is not in the select clause`);
    }
    const items = hidden.map((expression, i) => ({
      expression,
      alias: { name: `sort$${i}`, at: expression.at },
    }));
    return bindBody({ ...body, items: [...body.items, ...items] });
  }
  const binder = new ExpressionBinder(relation(plain, null).scope);
  const own = plain.fields.map((field, i) => column(i, field.type));
  return project(
    plain,
    [...own, ...hidden.map(expression => binder.bind(expression))],
    [...plain.fields.map(field => field.name), ...hidden.map((_, i) => `sort$${i}`)],
  );
}

/** The first column that is computed as column `index` is. */
function sameColumn(node: LogicalNode, index: number): number {
  if (node.kind !== 'project') return index;
  const digest = digestOf(node.expressions[index]);
  return node.expressions.findIndex(expression => digestOf(expression) === digest);
}
