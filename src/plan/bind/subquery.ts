import type { Query, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { allOf, call, column, literal } from '../build-expression.ts';
import { decorrelate, mapOuter, moveColumns } from '../correlation.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { type LogicalNode, project } from '../logical.ts';
import { simple } from '../types/kinds.ts';
import { bindComparison } from './comparison.ts';
import { ExpressionBinder } from './expression.ts';
import type { QueryContext } from './from.ts';
import type { Relation } from './relation.ts';
import { distinct } from './set-operation.ts';

/** A condition that asks whether a query has a fitting row. */
export interface SubqueryTest {
  /** What is looked for: the operand of IN; null for EXISTS. */
  readonly operand: SqlExpression | null;
  readonly query: Query;
  readonly negated: boolean;
  readonly at: SourcePosition;
}

/** The conditions an AND is made of. */
export function conjunctsOfSyntax(node: SqlExpression): readonly SqlExpression[] {
  if (node.kind !== 'binary' || node.operator !== 'AND') return [node];
  return [...conjunctsOfSyntax(node.left), ...conjunctsOfSyntax(node.right)];
}

/** The test that a condition is: `[NOT] IN (SELECT …)` or `[NOT] EXISTS (SELECT …)`; null for others. */
export function subqueryTest(node: SqlExpression): SubqueryTest | null {
  if (node.kind === 'exists') return { operand: null, query: node.query, negated: false, at: node.at };
  if (node.kind === 'in' && 'kind' in node.items) {
    return { operand: node.operand, query: node.items, negated: node.negated, at: node.at };
  }
  if (node.kind !== 'unary' || node.operator !== 'NOT') return null;
  const inner = subqueryTest(node.operand);
  return inner === null ? null : { ...inner, negated: !inner.negated };
}

/** What a test looks for: the operand of IN, or the items of a row; nothing for EXISTS. */
export function operandsOf({ operand }: SubqueryTest): readonly SqlExpression[] {
  if (operand === null) return [];
  return operand.kind === 'row' ? operand.items : [operand];
}

/** Keeps the rows of a FROM that pass a test. */
export function joinSubquery(from: Relation, test: SubqueryTest, context: QueryContext): Relation {
  const binder = new ExpressionBinder(from.scope);
  const operands = operandsOf(test).map(node => binder.bind(node));
  const node = joinTest(from.node, operands, test, { ...context, outer: from.scope });
  return { node, scope: from.scope };
}

/**
 * Keeps the rows that pass a test, by a semi join, or by an anti join when it is negated. `operands` are over
 * the rows; the query sees them as `context.outer`.
 */
export function joinTest(
  left: LogicalNode,
  operands: readonly Expression[],
  test: SubqueryTest,
  context: QueryContext,
): LogicalNode {
  const { at, negated } = test;
  const asked = context.bindQuery(test.query, context);
  const inner = decorrelate(asked);
  if (inner === null) throw sqlUnsupported(at, 'a subquery that is correlated other than by its WHERE');
  const width = left.fields.length;
  const compared = test.operand === null ? [] : compare(operands, asked, width, test);
  const correlated = inner.conditions.map(condition =>
    mapOuter(
      moveColumns(condition, index => index + width),
      index => column(index, left.fields[index]!.type),
    ),
  );
  return {
    kind: 'join',
    joinType: negated ? 'ANTI' : 'SEMI',
    left,
    right: compared.length + correlated.length === 0 ? oneIfAny(inner.node) : inner.node,
    condition: allOf([...compared, ...correlated]),
    fields: left.fields.map(field => ({ ...field, time: null })),
    at,
  };
}

/** One row as long as there is any: of EXISTS that asks for nothing more. */
function oneIfAny(node: LogicalNode): LogicalNode {
  return distinct(project(node, [literal(true, simple('BOOLEAN', false))], ['$f0']));
}

/** Over the joined row, the operands of IN beside the query's columns. */
function compare(
  operands: readonly Expression[],
  asked: LogicalNode,
  width: number,
  { negated, at }: SubqueryTest,
): readonly Expression[] {
  if (operands.length !== asked.fields.length) {
    throw sqlInvalid(at, 'Values passed to IN operator must have compatible types');
  }
  return operands.map((left, i) => {
    const right = column(width + i, asked.fields[i]!.type);
    const equal = bindComparison('=', left, right, at);
    return negated ? unlessKnownToDiffer(left, right, equal, at) : equal;
  });
}

/** NOT IN drops a row unless it surely differs from all: what is NULL on either side counts as a hit. */
function unlessKnownToDiffer(
  left: Expression,
  right: Expression,
  equal: Expression,
  at: SourcePosition,
): Expression {
  const type = simple('BOOLEAN', false);
  const nulls = [left, right].filter(side => side.type.nullable);
  if (nulls.length === 0) return equal;
  return call('OR', [...nulls.map(side => call('IS NULL', [side], type, at)), equal], equal.type, at);
}
