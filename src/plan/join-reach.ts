import { conjunctsOf } from './build-expression.ts';
import { inputsOf } from './numbering.ts';
import type { PhysicalNode } from './physical.ts';
import type { JoinNode } from './physical-join.ts';
import { type TimeDistance, timeDistance } from './rules/time-distance.ts';

/** Rows of one input of a join whose time in `column` + `keptForMs` is not above the other input's watermark. */
export interface JoinReach {
  readonly column: number;
  readonly keptForMs: number;
}

/**
 * Which rows of a join's inputs no row can match any more that is still to come. A window's row comes only
 * while its end is above the watermark: whoever must not be before that end, or not long before, can be
 * forgotten once the watermark has passed. Null for an input of which nothing is known.
 */
export function joinReach(node: JoinNode): {
  readonly left: JoinReach | null;
  readonly right: JoinReach | null;
} {
  const { left, right, joinType } = node;
  const inserts = left.changelogMode === 'append' && right.changelogMode === 'append';
  if (joinType !== 'INNER' || !inserts) return { left: null, right: null };
  const width = left.schema.fields.length;
  const fields = [...left.schema.fields, ...right.schema.fields];
  const isTime = (column: number): boolean => fields[column]!.type.kind === 'TIMESTAMP';
  const found: TimeDistance[] = [];
  for (const condition of node.condition === null ? [] : conjunctsOf(node.condition)) {
    const distance = timeDistance(condition, width, isTime);
    if (distance !== null) found.push(distance);
  }
  node.leftKeys.forEach((leftTime, k) => {
    const rightTime = node.rightKeys[k]!;
    if (node.nullsJoin[k] || !isTime(leftTime) || !isTime(width + rightTime)) return;
    found.push({ leftTime, rightTime, lowerMs: 0, upperMs: 0 });
  });
  return {
    left: nearest(found.map(d => reach(d.leftTime, d.lowerMs, right, d.rightTime))),
    right: nearest(
      found.map(d => reach(d.rightTime, d.upperMs === null ? null : -d.upperMs, left, d.leftTime)),
    ),
  };
}

/** Of a column that is at most `-leastMs` before column `end` of the other input, when that is a window's end. */
function reach(column: number, leastMs: number | null, other: PhysicalNode, end: number): JoinReach | null {
  // The end is above the watermark by two at least, its last instant by one.
  return leastMs === null || !isWindowEnd(other, end) ? null : { column, keptForMs: -leastMs - 1 };
}

function nearest(found: readonly (JoinReach | null)[]): JoinReach | null {
  return found.reduce((a, b) => (a === null || (b !== null && b.keptForMs < a.keptForMs) ? b : a), null);
}

/**
 * Whether the column holds the end of windows that leave when event time has passed them. Where a source may
 * be idle, event time behind may be ahead of what it still has.
 */
function isWindowEnd(node: PhysicalNode, column: number): boolean {
  if (node.kind === 'calc') {
    const from = node.projections[column]!;
    return from.kind === 'column' && isWindowEnd(node.input, from.index);
  }
  if (node.kind === 'exchange') return isWindowEnd(node.input, column);
  if (node.kind !== 'windowAggregate') return false;
  const { keys, aggregates, windowProperties, time } = node;
  const property = windowProperties[column - keys.length - aggregates.length];
  return property === 'window_end' && time.attribute === 'rowtime' && !time.isInstant && !mayIdle(node);
}

const mayIdle = (node: PhysicalNode): boolean =>
  (node.kind === 'watermark' && node.idleTimeoutMs !== null) || inputsOf(node).some(mayIdle);
