import type { Column } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { CodeWriter } from './code.ts';
import { compileExpression } from './expression.ts';
import { makeRuntime, type SessionContext } from './runtime/mod.ts';

/** True when the condition holds for a pair of rows (not for null). */
export type Predicate = (
  left: readonly Column[],
  leftRow: number,
  right: readonly Column[],
  rightRow: number,
) => boolean;

/** Compiles a condition over a joined row: columns below `leftCount` are the left row's. */
export function compilePredicate(
  condition: Expression,
  leftCount: number,
  session: SessionContext,
): Predicate {
  const w = new CodeWriter(index =>
    index < leftCount
      ? { columns: 'left', index, row: 'i' }
      : { columns: 'right', index: index - leftCount, row: 'j' },
  );
  const test = compileExpression(w, condition);
  const body = w.take();
  const source = `const { constants, rt } = scope;
return function predicate(left, i, right, j) {
${w.hoisted.join('\n')}
${body}
return !${test.isNull} && ${test.code};
}`;
  return new Function('scope', source)({ constants: w.constants, rt: makeRuntime(session) }) as Predicate;
}
