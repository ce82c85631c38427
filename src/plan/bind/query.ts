import { unreachable } from '../../core/mod.ts';
import type { Query, QueryBody, SetOperation, Values } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { coerce, column } from '../build-expression.ts';
import type { Catalog } from '../catalog.ts';
import type { Expression } from '../expression.ts';
import { type LogicalNode, project } from '../logical.ts';
import { Scope } from '../scope.ts';
import { sameType } from '../types/kinds.ts';
import { commonType } from '../types/merge.ts';
import { ExpressionBinder } from './expression.ts';
import type { CommonTables, QueryContext } from './from.ts';
import { bindSelect } from './select.ts';

/** Binds a query against a catalog: its fields are the columns of the result. */
export function bindQuery(query: Query, catalog: Catalog): LogicalNode {
  return bindIn(query, { catalog, common: new Map(), views: [], outer: null, bindQuery: bindIn });
}

function bindIn(query: Query, outer: QueryContext): LogicalNode {
  const [order] = query.orderBy;
  if (order !== undefined) throw sqlUnsupported(order.expression.at, 'ORDER BY');
  const limit = query.limit ?? query.offset;
  if (limit !== null) throw sqlUnsupported(limit.at, 'LIMIT');
  return bindBody(query.body, withCommonTables(query, outer));
}

function withCommonTables(query: Query, outer: QueryContext): QueryContext {
  let context = outer;
  for (const table of query.with) {
    if (query.with.some(other => other !== table && other.name.name === table.name.name)) {
      throw sqlInvalid(table.name.at, `Duplicate name '${table.name.name}' in WITH`);
    }
    const common: CommonTables = new Map([...context.common, [table.name.name, { table, context }]]);
    context = { ...context, common };
  }
  return context;
}

function bindBody(body: QueryBody, context: QueryContext): LogicalNode {
  switch (body.kind) {
    case 'select':
      return bindSelect(body, context);
    case 'values':
      return bindValues(body);
    case 'setOperation':
      return bindSetOperation(body, context);
    case 'query':
      return bindIn(body, context);
    default:
      return unreachable(body);
  }
}

function bindValues(values: Values): LogicalNode {
  const binder = new ExpressionBinder(new Scope([]));
  const rows = values.rows.map(row => row.map(item => binder.bind(item)));
  const types = rows[0]!.map((_, i) => commonType(rows.map(row => row[i]!.type)));
  const cells = rows.map(row =>
    row.map((cell, i): Expression => {
      const type = types[i];
      if (type === null || type === undefined) {
        throw sqlInvalid(values.at, 'Values passed to VALUES operator must have compatible types');
      }
      return coerce(cell, type, values.at);
    }),
  );
  const fields = types.map((type, i) => ({ name: `EXPR$${i}`, type: type!, time: null }));
  return { kind: 'values', rows: cells, fields };
}

function bindSetOperation(operation: SetOperation, context: QueryContext): LogicalNode {
  const { operator, all } = operation;
  if (operator !== 'UNION') throw sqlUnsupported(operation.at, operator);
  const left = bindBody(operation.left, context);
  const right = bindBody(operation.right, context);
  if (left.fields.length !== right.fields.length) {
    throw sqlInvalid(operation.at, 'Column count mismatch in UNION');
  }
  const types = left.fields.map((field, i) => {
    const type = commonType([field.type, right.fields[i]!.type]);
    if (type === null) throw sqlInvalid(operation.at, `Type mismatch in column ${i + 1} of UNION`);
    return type;
  });
  const sides = [left, right].map(node => {
    if (node.fields.every((field, i) => sameType(field.type, types[i]!))) return node;
    const cells = node.fields.map((field, i) => coerce(column(i, field.type), types[i]!, operation.at));
    return project(
      node,
      cells,
      node.fields.map(field => field.name),
    );
  });
  const fields = left.fields.map((field, i) => ({
    name: field.name,
    type: types[i]!,
    time: sides.every(side => side.fields[i]!.time === field.time) ? field.time : null,
  }));
  const inputs = sides.flatMap(side => (side.kind === 'union' ? side.inputs : [side]));
  const union: LogicalNode = { kind: 'union', inputs, fields };
  return all ? union : distinct(union);
}

/** Each row once: a group of all columns. */
export function distinct(node: LogicalNode): LogicalNode {
  const fields = node.fields.map(field => ({ ...field, time: null }));
  return { kind: 'aggregate', input: node, keys: node.fields.map((_, i) => i), aggregates: [], fields };
}
