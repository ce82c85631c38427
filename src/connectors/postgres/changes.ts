import { assert, type Batch, forEachRow, isAccumulate, MillraceError, RowKind } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { cellText } from './cell-text.ts';

/** Cells by column: `upserts[c][i]` is column c of the i-th row. As JSON they are an epoch's staged bytes. */
export interface Changes {
  readonly upserts: readonly (readonly (string | null)[])[];
  /** Key columns of the rows to remove. */
  readonly deletes: readonly (readonly (string | null)[])[];
}

interface Change {
  readonly cells: (string | null)[];
  readonly isDelete: boolean;
}

/** Collects changes; with a primary key only the last one of each key stays. */
export class ChangeBuffer {
  readonly #table: TableDeclaration;
  readonly #byKey = new Map<string, Change>();
  #inserts: (string | null)[][] = [];

  constructor(table: TableDeclaration) {
    this.#table = table;
  }

  get rowCount(): number {
    return this.#byKey.size + this.#inserts.length;
  }

  add(batch: Batch): void {
    const { physicalSchema, primaryKey } = this.#table;
    forEachRow(batch, row => {
      const kind = batch.rowKinds?.[row] ?? RowKind.insert;
      const cells = physicalSchema.fields.map((f, c) => cellText(batch.columns[c]!, f.type, row));
      if (primaryKey.length === 0) {
        if (kind !== RowKind.insert) throw new MillraceError('SQL_INVALID', NEEDS_KEY);
        this.#inserts.push(cells);
        return;
      }
      const keyCells = primaryKey.map(i => cells[i]!);
      const key = keyCells.length === 1 ? String(keyCells[0]) : JSON.stringify(keyCells);
      const isDelete = !isAccumulate(kind);
      this.#byKey.set(key, { cells: isDelete ? keyCells : cells, isDelete });
    });
  }

  /** What was collected, or null when nothing was; starts over. */
  take(): Changes | null {
    if (this.rowCount === 0) return null;
    const upserts: (string | null)[][] = this.#table.physicalSchema.fields.map(() => []);
    const deletes: (string | null)[][] = this.#table.primaryKey.map(() => []);
    const put = (target: (string | null)[][], cells: (string | null)[]): void =>
      cells.forEach((cell, c) => void target[c]!.push(cell));
    for (const cells of this.#inserts) put(upserts, cells);
    for (const { cells, isDelete } of this.#byKey.values()) put(isDelete ? deletes : upserts, cells);
    this.#byKey.clear();
    this.#inserts = [];
    return { upserts, deletes };
  }
}

/** Flink's words. */
export const NEEDS_KEY =
  'please declare primary key for sink table when query contains update/delete record.';

export function encodeChanges(changes: Changes): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(changes));
}

export function decodeChanges(staged: Uint8Array): Changes {
  const changes = JSON.parse(new TextDecoder().decode(staged)) as Changes;
  assert(Array.isArray(changes.upserts) && Array.isArray(changes.deletes), 'staged bytes hold changes');
  return changes;
}
