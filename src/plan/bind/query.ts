import { unreachable } from '../../core/mod.ts';
import type { Query, QueryBody, Values } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { coerce } from '../build-expression.ts';
import type { Catalog } from '../catalog.ts';
import type { Expression } from '../expression.ts';
import type { LogicalNode } from '../logical.ts';
import { Scope } from '../scope.ts';
import { commonType } from '../types/merge.ts';
import { ExpressionBinder } from './expression.ts';
import type { CommonTables, QueryContext } from './from.ts';
import { bindOrdered } from './order.ts';
import { bindSelect } from './select.ts';
import { bindSetOperation } from './set-operation.ts';

/** Binds a query against a catalog: its fields are the columns of the result. */
export function bindQuery(query: Query, catalog: Catalog): LogicalNode {
  const context: QueryContext = {
    catalog,
    common: new Map(),
    views: [],
    outer: null,
    hints: [],
    bindQuery: (inner, around) => bindIn(inner, around),
  };
  return bindIn(query, context, true);
}

function bindIn(query: Query, outer: QueryContext, isWhole = false): LogicalNode {
  const context = withCommonTables(query, outer);
  return bindOrdered(query, isWhole, body => bindBody(body, context));
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
      return bindSetOperation(body, part => bindBody(part, context));
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
