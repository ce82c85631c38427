import { type ColumnBuffer, copyCell, putValue } from '../../core/mod.ts';
import type { OverAggregateNode } from '../../plan/mod.ts';
import type { RowLists } from '../../state/mod.ts';

/**
 * Writes the LAGs of a row into row `at`. As in Flink they look back from the last row of the same time, and
 * by its place among the rows taken.
 */
export type LagWriter = (
  lists: RowLists,
  taken: Float64Array,
  id: number,
  out: readonly ColumnBuffer[],
  at: number,
) => void;

/** `first` is the output's first LAG column. */
export function compileLag({ lags }: OverAggregateNode, first: number): LagWriter {
  if (lags.length === 0) return () => undefined;
  return (lists, taken, id, out, at) => {
    const { next, previous } = lists;
    let last = id;
    while (next[last] !== 0 && taken[next[last]!] === 1) last = next[last]!;
    lags.forEach(({ argument, offset, otherwise }, k) => {
      let row = last;
      for (let step = 0; step < offset && row !== 0; step++) row = previous[row]!;
      const target = out[first + k]!;
      if (row === 0) putValue(target, at, otherwise);
      else copyCell(lists.rows.columns[argument]!, row, target, at);
    });
  };
}
