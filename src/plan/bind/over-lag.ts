import type { FunctionCall, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { coerce } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import type { OverCall } from '../logical-over.ts';
import { isInteger, withNullable } from '../types/kinds.ts';

/** Binds `LAG(x [, offset [, default]])`. */
export function bindLag(
  node: FunctionCall,
  bind: (node: SqlExpression) => Expression,
  columnOf: (e: Expression) => number,
): OverCall {
  const [value, offset, otherwise] = node.args.map(bind);
  if (value === undefined || node.args.length > 3) {
    throw sqlInvalid(
      node.at,
      "Invalid number of arguments to function 'LAG'. Was expecting 1, 2 or 3 arguments",
    );
  }
  if (offset !== undefined && (offset.kind !== 'literal' || !isInteger(offset.type))) {
    throw sqlUnsupported(node.at, 'LAG with an offset that is not a constant');
  }
  const fallback = otherwise === undefined ? null : coerce(otherwise, value.type, node.at);
  if (fallback !== null && fallback.kind !== 'literal') {
    throw sqlUnsupported(node.at, 'LAG with a default that is not a constant of its type');
  }
  const isNullable = value.type.nullable || fallback === null || fallback.type.nullable;
  const call = {
    name: 'LAG',
    argument: columnOf(value),
    distinct: false,
    filter: null,
    type: withNullable(value.type, isNullable),
  } as const;
  const distance = offset?.kind === 'literal' ? Number(offset.value) : 1;
  return { call, lag: { offset: distance, otherwise: fallback?.value ?? null }, at: node.at };
}
