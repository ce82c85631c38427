import { ROW_KIND_NAMES, RowKind, type RowValue } from '../../src/core/mod.ts';
import type { StatementAnswer } from '../../src/plan/mod.ts';
import type { Row } from '../unit/engine/harness.ts';

/** The rows of answers, a line each; cells of several lines stay so. */
export function answerLines(answers: readonly StatementAnswer[]): string[] {
  const cell = (value: string | boolean | null) =>
    value === null ? 'NULL' : typeof value === 'boolean' ? String(value).toUpperCase() : value.trimEnd();
  return answers.flatMap(({ rows }) => rows.flatMap(row => row.map(cell).join(' | ').split('\n')));
}

type Print = (row: readonly RowValue[]) => string;

/** The rows that changes come to, sorted. Checks that nothing is taken back that is not there. */
export function countedRows(changes: readonly Row[], print: Print): string[] {
  const rows: string[] = [];
  for (const [kind, ...values] of changes) {
    const text = print(values);
    if (kind === RowKind.insert || kind === RowKind.updateAfter) rows.push(text);
    else {
      const at = rows.indexOf(text);
      if (at < 0) throw new Error(`${ROW_KIND_NAMES[kind]} without its row: ${text}`);
      rows.splice(at, 1);
    }
  }
  return rows.sort();
}

/** The same for a sink that puts each change in the place of its key. Checks that a key begins with +I. */
export function upsertedRows(changes: readonly Row[], key: readonly number[], print: Print): string[] {
  const rows = new Map<string, string>();
  for (const [kind, ...values] of changes) {
    const own = print(values.map((value, i) => (key.includes(i) ? value : null)));
    if (kind === RowKind.updateBefore) continue;
    if (kind !== RowKind.insert && !rows.has(own))
      throw new Error(`${ROW_KIND_NAMES[kind]} of no row: ${own}`);
    if (kind === RowKind.delete) rows.delete(own);
    else rows.set(own, print(values));
  }
  return [...rows.values()].sort();
}
