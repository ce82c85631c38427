import { sqlInvalid } from '../../sql/mod.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import type { LogicalNode } from '../logical.ts';
import { type WindowProperty, windowText } from '../window-spec.ts';
import { type WindowColumns, windowColumns } from './window-columns.ts';

/** A join that sets the windows of both sides equal. */
export interface WindowJoin {
  readonly left: WindowColumns;
  readonly right: WindowColumns;
  /** The columns that are set equal, each over its own side. */
  readonly start: { readonly left: number; readonly right: number };
  readonly end: { readonly left: number; readonly right: number };
}

/** Finds the equality of both windows' starts and ends among a join's conditions; null when it is not there. */
export function windowJoinOf(
  conjuncts: readonly Expression[],
  left: LogicalNode,
  right: LogicalNode,
): WindowJoin | null {
  const ofLeft = windowColumns(left);
  const ofRight = windowColumns(right);
  if (ofLeft === null || ofRight === null) return null;
  const width = left.fields.length;
  const equal = (property: WindowProperty) => {
    for (const conjunct of conjuncts) {
      if (conjunct.kind !== 'call' || conjunct.name !== '=') continue;
      const [a, b] = conjunct.operands;
      if (a?.kind !== 'column' || b?.kind !== 'column') continue;
      const [low, high] = a.index < b.index ? [a.index, b.index] : [b.index, a.index];
      if (low >= width || high < width) continue;
      if (ofLeft.columns.get(low) !== property || ofRight.columns.get(high - width) !== property) continue;
      return { left: low, right: high - width };
    }
    return null;
  };
  const start = equal('window_start');
  const end = equal('window_end');
  return start === null || end === null ? null : { left: ofLeft, right: ofRight, start, end };
}

/** Both sides must be cut alike, by event time; in Flink's words. */
export function checkWindowJoin({ left, right }: WindowJoin, at: SourcePosition): void {
  const [a, b] = [left.window, right.window].map(w => windowText(w.window, []));
  const [timeA, timeB] = [left.window, right.window].map(w => w.input.fields[w.time]!);
  if (timeA!.time !== timeB!.time || timeA!.type.kind !== timeB!.type.kind) {
    throw sqlInvalid(
      at,
      "Currently, window join doesn't support different time attribute type of left and right inputs.\n" +
        `The left time attribute type is ${timeA!.type.kind} *${timeA!.time?.toUpperCase()}*.\n` +
        `The right time attribute type is ${timeB!.type.kind} *${timeB!.time?.toUpperCase()}*.`,
    );
  }
  if (a !== b) {
    throw sqlInvalid(
      at,
      "Currently, window join doesn't support different window table function of left and right inputs.\n" +
        `The left window table function is ${a}.\nThe right window table function is ${b}.`,
    );
  }
  if (timeA!.time === 'proctime') {
    throw sqlInvalid(at, 'Processing time Window Join is not supported yet.');
  }
}
