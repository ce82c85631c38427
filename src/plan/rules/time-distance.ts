import type { Expression } from '../expression.ts';

/** What a comparison says of `left time - right time`: not below, not above; null where it says nothing. */
export interface TimeDistance {
  /** Columns of the left input and of the right input. */
  readonly leftTime: number;
  readonly rightTime: number;
  readonly lowerMs: number | null;
  readonly upperMs: number | null;
}

interface TimeTerm {
  readonly column: number;
  readonly offsetMs: number;
}

const MIRRORED: Readonly<Record<string, string>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/**
 * Reads a comparison of a time of the left input, the first `width` columns, with one of the right, each with
 * constant intervals. Null when it is none. `isTime` says which columns count, of both inputs.
 */
export function timeDistance(
  condition: Expression,
  width: number,
  isTime: (column: number) => boolean,
): TimeDistance | null {
  if (condition.kind !== 'call' || MIRRORED[condition.name] === undefined) return null;
  const [x, y] = condition.operands.map(operand => timeTerm(operand, isTime));
  if (x === null || x === undefined || y === null || y === undefined) return null;
  const isMirrored = x.column >= width;
  if (isMirrored === y.column >= width) return null;
  const operator = isMirrored ? MIRRORED[condition.name]! : condition.name;
  const [l, r] = isMirrored ? [y, x] : [x, y];
  const bound = r.offsetMs - l.offsetMs;
  const exact = operator === '=';
  return {
    leftTime: l.column,
    rightTime: r.column - width,
    lowerMs: exact || operator === '>=' ? bound : operator === '>' ? bound + 1 : null,
    upperMs: exact || operator === '<=' ? bound : operator === '<' ? bound - 1 : null,
  };
}

/** A time, with day-time intervals added and taken off. */
function timeTerm(expression: Expression, isTime: (column: number) => boolean): TimeTerm | null {
  if (expression.kind === 'column') {
    return isTime(expression.index) ? { column: expression.index, offsetMs: 0 } : null;
  }
  if (expression.kind !== 'call' || (expression.name !== '+' && expression.name !== '-')) return null;
  const [base, interval] = expression.operands;
  const inner = base === undefined ? null : timeTerm(base, isTime);
  if (inner === null || interval?.kind !== 'literal' || interval.type.kind !== 'INTERVAL_DAY_TIME')
    return null;
  const ms = Number(interval.value) * (expression.name === '-' ? -1 : 1);
  return { column: inner.column, offsetMs: inner.offsetMs + ms };
}
