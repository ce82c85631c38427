import type { DataType, Field } from '../../core/mod.ts';
import type { Join, TableAlias, TableReference } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column, literal } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { type LogicalField, type LogicalNode, project } from '../logical.ts';
import { Scope, type ScopeColumn } from '../scope.ts';
import { simple, withNullable } from '../types/kinds.ts';
import { calciteType } from '../types/print.ts';
import { ExpressionBinder } from './expression.ts';
import type { QueryContext } from './from.ts';
import type { Relation } from './relation.ts';

type Unnest = TableReference & { readonly kind: 'unnest' };

/** UNNEST that stands alone in FROM, over constants or the query around. */
export function bindUnnest(reference: Unnest, context: QueryContext): Relation {
  const node: LogicalNode = {
    kind: 'values',
    rows: [[literal(0, simple('INT', false))]],
    fields: [{ name: 'ZERO', type: simple('INT', false), time: null }],
  };
  return unnested(reference, { node, scope: new Scope([]) }, false, context);
}

/** `a CROSS JOIN UNNEST(a.list)`, `a, UNNEST(a.list)`, `a LEFT JOIN UNNEST(a.list) ON TRUE`. */
export function bindUnnestJoin(
  reference: Join,
  right: Unnest,
  left: Relation,
  context: QueryContext,
): Relation {
  const { type, on, at } = reference;
  if (type === 'RIGHT' || type === 'FULL') throw sqlUnsupported(at, `${type} JOIN with UNNEST`);
  if (reference.natural || reference.using.length > 0) throw sqlUnsupported(at, 'USING with UNNEST');
  if (type !== 'CROSS' && on === null) {
    throw sqlInvalid(at, `${type} join requires a condition (NATURAL keyword or ON or USING clause)`);
  }
  const isTrue = on === null || (on.kind === 'boolean' && on.value);
  if (type === 'LEFT' && !isTrue)
    throw sqlUnsupported(at, 'LEFT JOIN with UNNEST on another condition than TRUE');
  const joined = unnested(right, left, type === 'LEFT', context);
  if (isTrue || on === null) return joined;
  const condition = new ExpressionBinder(joined.scope).bindCondition(on, 'ON');
  const node: LogicalNode = { kind: 'filter', input: joined.node, condition, fields: joined.node.fields };
  return { ...joined, node };
}

function unnested(reference: Unnest, left: Relation, outer: boolean, context: QueryContext): Relation {
  const [argument, second] = reference.args;
  if (argument === undefined || second !== undefined) {
    throw sqlUnsupported(reference.at, 'UNNEST of several collections');
  }
  const collection = new ExpressionBinder(new Scope(left.scope.columns, context.outer)).bind(argument);
  const elements = [...elementFields(collection.type, reference)];
  if (reference.ordinality) elements.push({ name: 'ORDINALITY', type: simple('INT', false) });
  const names = namesOf(elements, reference.alias);
  const { node: input, index } = withColumn(left.node, collection);
  const fields = elements.map(
    ({ type }, i): LogicalField => ({
      name: names[i]!,
      type: outer ? withNullable(type, true) : type,
      time: null,
    }),
  );
  const node: LogicalNode = {
    kind: 'unnest',
    input,
    collection: index,
    outer,
    ordinality: reference.ordinality,
    fields: [...input.fields, ...fields],
  };
  const qualifier = reference.alias?.name.name ?? null;
  if (qualifier !== null && left.scope.columns.some(c => c.qualifier === qualifier)) {
    throw sqlInvalid(reference.at, `Duplicate relation name '${qualifier}' in FROM clause`);
  }
  const columns = fields.map(
    ({ name, type }, i): ScopeColumn => ({
      qualifier,
      name,
      index: input.fields.length + i,
      type,
      hidden: false,
    }),
  );
  return { node, scope: new Scope([...left.scope.columns, ...columns]) };
}

/** The columns of an element; what is in a row that is null is null. */
function elementFields(type: DataType, reference: Unnest): readonly Field[] {
  switch (type.kind) {
    case 'ARRAY':
    case 'MULTISET': {
      const { element } = type;
      if (element.kind !== 'ROW') return [{ name: 'EXPR$0', type: element }];
      return element.fields.map(f => ({
        ...f,
        type: withNullable(f.type, f.type.nullable || element.nullable),
      }));
    }
    case 'MAP':
      return [
        { name: 'KEY', type: type.key },
        { name: 'VALUE', type: type.value },
      ];
    default:
      throw sqlInvalid(
        reference.at,
        `Cannot apply 'UNNEST' to arguments of type 'UNNEST(<${calciteType(type)}>)'. ` +
          "Supported form(s): 'UNNEST(<MULTISET>)'\n'UNNEST(<ARRAY>)'\n'UNNEST(<MAP>)'",
      );
  }
}

/** An alias without columns names the only column, too. */
function namesOf(fields: readonly Field[], alias: TableAlias | null): readonly string[] {
  if (alias === null) return fields.map(f => f.name);
  if (alias.columns.length === 0) return fields.length === 1 ? [alias.name.name] : fields.map(f => f.name);
  if (alias.columns.length !== fields.length) {
    throw sqlInvalid(
      alias.name.at,
      `List of column aliases must have same degree as table; table has ${fields.length} columns ` +
        `(${fields.map(f => `'${f.name}'`).join(', ')}), whereas alias list has ${alias.columns.length} columns`,
    );
  }
  return alias.columns.map(c => c.name);
}

/** The node with the expression as one of its columns. */
function withColumn(node: LogicalNode, expression: Expression): { node: LogicalNode; index: number } {
  if (expression.kind === 'column') return { node, index: expression.index };
  const own = node.fields.map((field, i) => column(i, field.type));
  const names = [...node.fields.map(f => f.name), '$collection'];
  return { node: project(node, [...own, expression], names), index: own.length };
}
