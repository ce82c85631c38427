import type { RejectedRow } from '../../contract/mod.ts';
import { assert, type Batch, forEachRow, isAccumulate, MillraceError, RowKind } from '../../core/mod.ts';
import { JSON_DEFAULTS, jsonText } from '../../formats/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { cellText } from './cell-text.ts';
import type { CellCheck } from './storable.ts';

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

/**
 * Collects changes; with a primary key only the last one of each key stays. Rows that PostgreSQL can't store
 * are rejected; what the table held under their key goes, since it is true no more.
 */
export class ChangeBuffer {
  readonly #table: TableDeclaration;
  readonly #checks: readonly (CellCheck | null)[];
  readonly #byKey = new Map<string, Change>();
  #inserts: (string | null)[][] = [];
  #rejected: RejectedRow[] = [];

  /** @param checks one for each column of the table, null where every cell can be stored */
  constructor(table: TableDeclaration, checks: readonly (CellCheck | null)[]) {
    this.#table = table;
    this.#checks = checks;
  }

  get rowCount(): number {
    return this.#byKey.size + this.#inserts.length;
  }

  add(batch: Batch): void {
    const { physicalSchema, primaryKey } = this.#table;
    forEachRow(batch, row => {
      const kind = batch.rowKinds?.[row] ?? RowKind.insert;
      const cells = physicalSchema.fields.map((f, c) => cellText(batch.columns[c]!, f.type, row));
      const fault = this.#fault(cells);
      if (fault !== null && isAccumulate(kind)) this.#reject(fault, batch, row);
      if (primaryKey.length === 0) {
        if (kind !== RowKind.insert) throw new MillraceError('SQL_INVALID', NEEDS_KEY);
        if (fault === null) this.#inserts.push(cells);
        return;
      }
      // A key that can't be stored was never there.
      if (fault !== null && primaryKey.some(i => this.#faultOf(cells, i) !== null)) return;
      const keyCells = primaryKey.map(i => cells[i]!);
      const key = keyCells.length === 1 ? String(keyCells[0]) : JSON.stringify(keyCells);
      const isDelete = fault !== null || !isAccumulate(kind);
      this.#byKey.set(key, { cells: isDelete ? keyCells : cells, isDelete });
    });
  }

  #fault(cells: readonly (string | null)[]): string | null {
    for (let c = 0; c < cells.length; c++) {
      const fault = this.#faultOf(cells, c);
      if (fault !== null) return `column '${this.#table.physicalSchema.fields[c]!.name}' holds ${fault}`;
    }
    return null;
  }

  #faultOf(cells: readonly (string | null)[], c: number): string | null {
    const check = this.#checks[c] ?? null;
    const cell = cells[c] ?? null;
    return check === null || cell === null ? null : check(cell);
  }

  #reject(fault: string, batch: Batch, row: number): void {
    const members = this.#table.physicalSchema.fields.map(
      ({ name, type }, c) =>
        `${JSON.stringify(name)}:${jsonText(batch.columns[c]!, type, row, JSON_DEFAULTS)}`,
    );
    this.#rejected.push({
      reason: `sink '${this.#table.name}': ${fault}`,
      value: new TextEncoder().encode(`{${members.join(',')}}`),
    });
  }

  /** The rows rejected since the last call. */
  takeRejected(): readonly RejectedRow[] {
    const rejected = this.#rejected;
    if (rejected.length > 0) this.#rejected = [];
    return rejected;
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
