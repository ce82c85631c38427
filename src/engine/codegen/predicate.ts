import type { Column } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { CodeWriter } from './code.ts';
import { compileExpression } from './expression.ts';
import { instantiate, instantiateLoop } from './instantiate.ts';
import { makeRuntime, type SessionContext } from './runtime/mod.ts';

/** True when the condition holds for a pair of rows (not for null). */
export type Predicate = (
  left: readonly Column[],
  leftRow: number,
  right: readonly Column[],
  rightRow: number,
) => boolean;

/**
 * Tests pairs of rows, the p-th of `leftRows[p]` and `rightRows[p]`. Writes the positions for which the
 * condition holds (not null) into `kept`, ascending, and returns how many.
 */
export type PairFilter = (
  left: readonly Column[],
  leftRows: Int32Array,
  right: readonly Column[],
  rightRows: Int32Array,
  count: number,
  kept: Int32Array,
) => number;

/** Compiles a condition over a joined row: columns below `leftCount` are the left row's. */
export function compilePredicate(
  condition: Expression,
  leftCount: number,
  session: SessionContext,
): Predicate {
  const { w, test } = overPair(condition, leftCount);
  const body = w.take();
  const code = `${w.hoisted.join('\n')}
${body}
return !${test.isNull} && ${test.code};`;
  const signature = 'predicate(left, i, right, j)';
  return instantiate<Predicate>(signature, code, { constants: w.constants, rt: makeRuntime(session) });
}

/** Compiles a condition over a joined row into a loop over many pairs. */
export function compilePairFilter(
  condition: Expression,
  leftCount: number,
  session: SessionContext,
): PairFilter {
  const { w, test } = overPair(condition, leftCount);
  const body = w.take();
  const code = `${w.hoisted.join('\n')}
let m = 0;
for (let p = 0; p < count; p++) {
const i = leftRows[p], j = rightRows[p];
${body}
if (!${test.isNull} && ${test.code}) kept[m++] = p;
}
return m;`;
  const signature = 'filter(left, leftRows, right, rightRows, count, kept)';
  return instantiateLoop<PairFilter>(signature, code, { constants: w.constants, rt: makeRuntime(session) });
}

function overPair(condition: Expression, leftCount: number) {
  const w = new CodeWriter(index =>
    index < leftCount
      ? { columns: 'left', index, row: 'i' }
      : { columns: 'right', index: index - leftCount, row: 'j' },
  );
  return { w, test: compileExpression(w, condition) };
}
