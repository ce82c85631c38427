import { BatchBuilder, RowKind } from '../../core/mod.ts';
import type { RankNode } from '../../plan/mod.ts';
import { compileCopy, type RowLists } from '../../state/mod.ts';
import type { OperatorContext } from './operator.ts';
import { PickedRows } from './picked-rows.ts';

const OUT_ROWS = 4096;

/** Writes the changes that a row makes which came to, or leaves, place `at` (from 0) of `size` rows. */
export class RankWriter {
  readonly #out: BatchBuilder;
  readonly #node: RankNode;
  readonly #lists: RowLists;
  readonly #context: OperatorContext;
  readonly #copy: ReturnType<typeof compileCopy>;
  /** Rows behind change their place in the result. */
  readonly #shifts: boolean;
  /** Not null where rows stay in the lists until `flush`: then they are not copied before. */
  readonly #picked: PickedRows | null;

  constructor(node: RankNode, lists: RowLists, context: OperatorContext, stay: boolean) {
    this.#picked = stay ? new PickedRows(node) : null;
    this.#out = new BatchBuilder(node.schema);
    this.#node = node;
    this.#lists = lists;
    this.#context = context;
    const types = node.input.schema.fields.map(f => f.type);
    this.#copy = compileCopy(types, [...types.keys()], [...types.keys()]);
    this.#shifts = node.withRank || node.from > 1;
  }

  came(id: number, at: number, size: number): void {
    const { to } = this.#node;
    if (at >= to) return;
    if (this.#shifts) {
      this.#shift(id, at, (row, behind, rank) => {
        if (behind !== 0) this.send(RowKind.updateBefore, behind, rank);
        this.send(behind === 0 ? RowKind.insert : RowKind.updateAfter, row, rank);
      });
      return;
    }
    if (size > to) this.send(RowKind.delete, this.#ahead(id, to - at), to);
    this.send(RowKind.insert, id, at + 1);
  }

  left(id: number, at: number, size: number): void {
    const { to } = this.#node;
    if (at >= to) return;
    if (this.#shifts) {
      this.#shift(id, at, (row, behind, rank) => {
        this.send(behind === 0 ? RowKind.delete : RowKind.updateBefore, row, rank);
        if (behind !== 0) this.send(RowKind.updateAfter, behind, rank);
      });
      return;
    }
    this.send(RowKind.delete, id, at + 1);
    if (size > to) this.send(RowKind.insert, this.#ahead(id, to - at), to);
  }

  /** Each ranked row from `id` on, with the row behind it. */
  #shift(id: number, at: number, change: (row: number, behind: number, rank: number) => void): void {
    const { from, to } = this.#node;
    const { next } = this.#lists;
    let row = id;
    for (let rank = at + 1; row !== 0 && rank <= to; rank++) {
      const behind = next[row]!;
      if (rank >= from) change(row, behind, rank);
      row = behind;
    }
  }

  /** The row so many steps behind. */
  #ahead(id: number, steps: number): number {
    const { next } = this.#lists;
    let row = id;
    for (let k = 0; k < steps; k++) row = next[row]!;
    return row;
  }

  send(kind: number, id: number, rank: number): void {
    const picked = this.#picked;
    if (picked !== null) {
      if (picked.add(kind, id, rank) === OUT_ROWS) this.flush();
      return;
    }
    const out = this.#out;
    if (out.rowCount >= OUT_ROWS) this.flush();
    const at = out.rowCount;
    out.reserve(at + 1);
    this.#copy(this.#lists.rows.columns, id, out.columns, at);
    if (this.#node.withRank) {
      const column = out.columns.at(-1)!;
      column.nulls[at] = 0;
      if (column.physical === 'i64') column.values[at] = BigInt(rank);
    }
    out.endRow(kind);
  }

  flush(): void {
    if (this.#picked !== null) {
      const batch = this.#picked.take(this.#lists.rows.columns);
      if (batch !== null) this.#context.output.emit(batch);
      return;
    }
    if (this.#out.rowCount > 0) this.#context.output.emit(this.#out.build());
    this.#out.reset();
  }
}
