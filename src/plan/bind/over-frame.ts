import type { FrameBound, SqlExpression, WindowSpec } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import type { Expression } from '../expression.ts';
import type { OverFrame } from '../logical-over.ts';
import { isInteger } from '../types/kinds.ts';

/** What an aggregate sees where no frame is written. */
export const DEFAULT_FRAME: OverFrame = { unit: 'RANGE', preceding: null };
/** What a rank sees. */
export const ROW_BY_ROW: OverFrame = { unit: 'ROWS', preceding: null };

/** Binds ROWS or RANGE [BETWEEN] … PRECEDING [AND CURRENT ROW]: Flink has no window that looks ahead. */
export function bindFrame(spec: WindowSpec, bind: (node: SqlExpression) => Expression): OverFrame {
  if (spec.frame === null) return spec.orderBy.length === 0 ? ROW_BY_ROW : DEFAULT_FRAME;
  const { unit, start, end } = spec.frame;
  const looksAhead = [start, end].some(bound => bound !== null && isFollowing(bound));
  if (looksAhead || (end !== null && end.kind !== 'current')) {
    throw sqlInvalid(spec.at, 'OVER RANGE FOLLOWING windows are not supported yet.');
  }
  if (start.kind === 'unbounded') return { unit, preceding: null };
  if (start.kind === 'current') return { unit, preceding: 0 };
  return { unit, preceding: amount(unit, bind(start.value!), spec) };
}

const isFollowing = (bound: FrameBound) => bound.kind !== 'current' && bound.direction === 'FOLLOWING';

function amount(unit: 'ROWS' | 'RANGE', value: Expression, spec: WindowSpec): number {
  if (value.kind !== 'literal' || typeof value.value === 'string') {
    throw sqlInvalid(spec.at, `${unit} value must be a constant`);
  }
  if (unit === 'RANGE') {
    if (value.type.kind === 'INTERVAL_DAY_TIME') return Number(value.value);
    throw sqlInvalid(spec.at, 'Data type of ORDER BY prohibits use of RANGE clause');
  }
  if (!isInteger(value.type)) throw sqlInvalid(spec.at, 'ROWS value must be an integer constant');
  return Number(value.value);
}
