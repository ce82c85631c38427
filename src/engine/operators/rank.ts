import { BatchBuilder, forEachRow, isAccumulate, RowKind } from '../../core/mod.ts';
import type { RankNode } from '../../plan/mod.ts';
import { compileCompare, compileCopy, RowLists } from '../../state/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';

const OUT_ROWS = 4096;

/**
 * Top-n. Of an append-only input no more rows than are ranked are kept, of a changing one all. Changes leave
 * row by row as in Flink: with the rank (or an offset) the rows behind move down or up one by one; without,
 * the row that falls out leaves and the new one comes.
 */
export function openRank(node: RankNode, context: OperatorContext): Operator {
  const { input, partition, to } = node;
  const types = input.schema.fields.map(f => f.type);
  const sort = node.order.map(({ column, descending, nullsLast }) => {
    return { column, ascending: !descending, nullsLast };
  });
  const lists = new RowLists(context.state, 'top', {
    schema: input.schema,
    keys: partition,
    ...(sort.length > 0 ? { sort } : {}),
  });
  const compare = compileCompare(types, sort);
  const keepsAll = input.changelogMode !== 'append';
  const writer = new RankWriter(node, lists, context);

  /** Steps from the first row, or `to` when the row is not among the ranked. */
  const positionOf = (key: number, id: number): number => {
    let at = 0;
    for (let row = lists.first(key); row !== id; row = lists.next[row]!) if (++at >= to) return to;
    return at;
  };

  return {
    onBatch: batch => {
      const keys = lists.lookUp(batch, true);
      const { columns, rowKinds, selectionCount } = batch;
      let k = 0;
      forEachRow(batch, row => {
        const key = keys[k++]!;
        if (rowKinds !== null && !isAccumulate(rowKinds[row]!)) {
          const id = lists.findEqual(key, columns, row);
          if (id === 0) return;
          writer.left(id, positionOf(key, id), lists.size(key));
          lists.remove(id);
          return;
        }
        const isFull = !keepsAll && lists.size(key) >= to;
        if (isFull && compare(lists.rows.columns, lists.last(key), columns, row) <= 0) return;
        const id = lists.insert(key, columns, row);
        writer.came(id, positionOf(key, id), lists.size(key));
        if (isFull) lists.remove(lists.last(key));
      });
      lists.sweepFound(selectionCount);
      writer.flush();
    },
    onWatermark: ms => context.output.watermark(ms),
  };
}

/** Writes the changes that a row makes which came to, or leaves, place `at` (from 0) of `size` rows. */
class RankWriter {
  readonly #out: BatchBuilder;
  readonly #node: RankNode;
  readonly #lists: RowLists;
  readonly #context: OperatorContext;
  readonly #copy: ReturnType<typeof compileCopy>;
  /** Rows behind change their place in the result. */
  readonly #shifts: boolean;

  constructor(node: RankNode, lists: RowLists, context: OperatorContext) {
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
        if (behind !== 0) this.#send(RowKind.updateBefore, behind, rank);
        this.#send(behind === 0 ? RowKind.insert : RowKind.updateAfter, row, rank);
      });
      return;
    }
    if (size > to) this.#send(RowKind.delete, this.#ahead(id, to - at), to);
    this.#send(RowKind.insert, id, at + 1);
  }

  left(id: number, at: number, size: number): void {
    const { to } = this.#node;
    if (at >= to) return;
    if (this.#shifts) {
      this.#shift(id, at, (row, behind, rank) => {
        this.#send(behind === 0 ? RowKind.delete : RowKind.updateBefore, row, rank);
        if (behind !== 0) this.#send(RowKind.updateAfter, behind, rank);
      });
      return;
    }
    this.#send(RowKind.delete, id, at + 1);
    if (size > to) this.#send(RowKind.insert, this.#ahead(id, to - at), to);
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

  #send(kind: number, id: number, rank: number): void {
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
    if (this.#out.rowCount > 0) this.#context.output.emit(this.#out.build());
    this.#out.reset();
  }
}
