import fc from 'fast-check';
import { TABLES } from './render.ts';

/** One step: changes of one table, as choices. */
export interface Step {
  readonly table: number;
  readonly changes: readonly Change[];
}
interface Change {
  readonly kind: 'insert' | 'delete' | 'update';
  /** Which of the rows that are there. */
  readonly which: number;
  readonly values: readonly number[];
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'delete', 'update'),
  which: fc.nat(20),
  values: fc.array(fc.nat(4), { minLength: 4, maxLength: 4 }),
});

/** What comes to the tables, step by step. */
export const histories: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ table: fc.nat(TABLES.length - 1), changes: fc.array(change, { minLength: 1, maxLength: 6 }) }),
  { minLength: 1, maxLength: 6 },
);

/** The cells of a row in a small world, so that rows meet: NULL, few numbers, few letters. */
function rowOf(table: number, values: readonly number[]): readonly (string | null)[] {
  return TABLES[table]!.columns.map((type, i) => {
    const value = values[i]!;
    if (value === 0) return null;
    return type === 'INT' ? `${value - 2}` : 'abcd'[value - 1]!;
  });
}

/** A table's rows while its history goes on. */
export class Contents {
  readonly rows: (readonly (string | null)[])[] = [];

  /** Applies changes; gives the lines that a test file says them with. */
  apply(table: number, changes: readonly Change[]): string[] {
    const line = (kind: string, row: readonly (string | null)[]) =>
      `${kind} ${row.map(cell => cell ?? 'NULL').join(' | ')}`;
    return changes.flatMap(({ kind, which, values }) => {
      const row = rowOf(table, values);
      if (kind === 'insert' || this.rows.length === 0) {
        this.rows.push(row);
        return [line('+I', row)];
      }
      const at = which % this.rows.length;
      const old = this.rows[at]!;
      if (kind === 'delete') {
        this.rows.splice(at, 1);
        return [line('-D', old)];
      }
      this.rows[at] = row;
      return [line('-U', old), line('+U', row)];
    });
  }
}
