import type { Expression } from '../expression.ts';
import type { LogicalField, TimeAttribute } from '../logical.ts';
import { type TimeDistance, timeDistance } from './time-distance.ts';

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

interface TimePredicate extends TimeDistance {
  readonly condition: Expression;
  readonly time: TimeAttribute;
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

/** A comparison of one side's time attribute with the other's, each with constant intervals. */
function timePredicate(
  condition: Expression,
  fields: readonly LogicalField[],
  width: number,
): TimePredicate | null {
  const distance = timeDistance(condition, width, column => fields[column]!.time !== null);
  if (distance === null) return null;
  const { time } = fields[distance.leftTime]!;
  if (time === null || fields[width + distance.rightTime]!.time !== time) return null;
  return { condition, time, ...distance };
}
