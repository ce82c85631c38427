import type { SqlExpression } from '../../sql/mod.ts';
import { AGGREGATES } from '../functions/aggregates.ts';

/** True when the node or a part of it satisfies the question. Queries inside are not entered. */
export function someNode(node: SqlExpression, question: (node: SqlExpression) => boolean): boolean {
  return question(node) || childrenOf(node).some(child => someNode(child, question));
}

/** True when an aggregate is called somewhere in the expression. */
export function hasAggregate(node: SqlExpression): boolean {
  return someNode(node, isAggregateCall);
}

/** True when a query stands as a value somewhere in the expression. */
export function hasScalarQuery(node: SqlExpression): boolean {
  return someNode(node, inner => inner.kind === 'subquery');
}

/** True when a function with OVER is called somewhere in the expression. */
export function hasOver(node: SqlExpression): boolean {
  return someNode(node, inner => inner.kind === 'call' && inner.over !== null);
}

export function isAggregateCall(node: SqlExpression): boolean {
  return (
    node.kind === 'call' && node.over === null && AGGREGATES.has(node.name.parts.join('.').toUpperCase())
  );
}

function childrenOf(node: SqlExpression): readonly SqlExpression[] {
  const found: SqlExpression[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) value.forEach(visit);
    else if ('kind' in value && value.kind === 'query') return;
    else if ('kind' in value && 'at' in value) found.push(value as SqlExpression);
    else if ('when' in value || 'expression' in value) Object.values(value).forEach(visit);
  };
  for (const [key, value] of Object.entries(node)) if (key !== 'at' && key !== 'type') visit(value);
  return found;
}
