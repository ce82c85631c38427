import type { Expression } from '../expression.ts';
import type { LogicalField, TimeAttribute } from '../logical.ts';

/** How near the times of two rows must lie: `lowerMs <= left time - right time <= upperMs`. */
export interface IntervalBounds {
  readonly time: TimeAttribute;
  /** Time columns, of the left input and of the right input. */
  readonly leftTime: number;
  readonly rightTime: number;
  readonly lowerMs: number;
  readonly upperMs: number;
  /** The conditions that say so. */
  readonly conditions: readonly Expression[];
}

interface TimeTerm {
  readonly column: number;
  readonly offsetMs: number;
}
interface TimePredicate {
  readonly condition: Expression;
  readonly time: TimeAttribute;
  readonly leftTime: number;
  readonly rightTime: number;
  readonly lowerMs: number | null;
  readonly upperMs: number | null;
}

/**
 * Finds, among the conditions of a join, those that bound the distance of two time attributes: one equality,
 * or two comparisons that bound it from both sides, as Flink wants it. Null when it is no interval join.
 */
export function intervalBounds(
  conjuncts: readonly Expression[],
  left: readonly LogicalField[],
  right: readonly LogicalField[],
): IntervalBounds | null {
  const fields = [...left, ...right];
  const found = conjuncts.flatMap(condition => timePredicate(condition, fields, left.length) ?? []);
  const [a, b, more] = found;
  if (a === undefined || more !== undefined) return null;
  if (b !== undefined && (a.leftTime !== b.leftTime || a.rightTime !== b.rightTime)) return null;
  const both = b ?? a;
  const lowerMs = a.lowerMs ?? both.lowerMs;
  const upperMs = a.upperMs ?? both.upperMs;
  if (lowerMs === null || upperMs === null) return null;
  const { time, leftTime, rightTime } = a;
  return { time, leftTime, rightTime, lowerMs, upperMs, conditions: found.map(p => p.condition) };
}

const MIRRORED: Readonly<Record<string, string>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** A comparison of one side's time attribute with the other's, each with constant intervals. */
function timePredicate(
  condition: Expression,
  fields: readonly LogicalField[],
  width: number,
): TimePredicate | null {
  if (condition.kind !== 'call' || MIRRORED[condition.name] === undefined) return null;
  const [x, y] = condition.operands.map(operand => timeTerm(operand, fields));
  if (x === null || x === undefined || y === null || y === undefined) return null;
  const isMirrored = x.column >= width;
  if (isMirrored === y.column >= width) return null;
  const { time } = fields[x.column]!;
  if (time === null || fields[y.column]!.time !== time) return null;
  const operator = isMirrored ? MIRRORED[condition.name]! : condition.name;
  const [l, r] = isMirrored ? [y, x] : [x, y];
  const bound = r.offsetMs - l.offsetMs;
  const exact = operator === '=';
  return {
    condition,
    time,
    leftTime: l.column,
    rightTime: r.column - width,
    lowerMs: exact || operator === '>=' ? bound : operator === '>' ? bound + 1 : null,
    upperMs: exact || operator === '<=' ? bound : operator === '<' ? bound - 1 : null,
  };
}

/** A time attribute, with day-time intervals added and taken off. */
function timeTerm(expression: Expression, fields: readonly LogicalField[]): TimeTerm | null {
  if (expression.kind === 'column') {
    return fields[expression.index]!.time === null ? null : { column: expression.index, offsetMs: 0 };
  }
  if (expression.kind !== 'call' || (expression.name !== '+' && expression.name !== '-')) return null;
  const [base, interval] = expression.operands;
  const inner = base === undefined ? null : timeTerm(base, fields);
  if (inner === null || interval?.kind !== 'literal' || interval.type.kind !== 'INTERVAL_DAY_TIME')
    return null;
  const ms = Number(interval.value) * (expression.name === '-' ? -1 : 1);
  return { column: inner.column, offsetMs: inner.offsetMs + ms };
}
