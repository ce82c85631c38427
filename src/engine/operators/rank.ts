import { BatchBuilder, type Column, forEachRow, isAccumulate, RowKind } from '../../core/mod.ts';
import type { RankNode } from '../../plan/mod.ts';
import { compileCompare, compileCopy, compileEqual, RowLists } from '../../state/mod.ts';
import { Expiry, stateTtl, WRITTEN } from './expiry.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { OrderTree } from './order-tree.ts';
import { PickedRows } from './picked-rows.ts';

const OUT_ROWS = 4096;

/**
 * Top-n. Of an append-only input no more rows than are ranked are kept, of a changing one all. Changes leave
 * row by row as in Flink: with the rank (or an offset) the rows behind move down or up one by one; without,
 * the row that falls out leaves and the new one comes. With mini-batch only what a batch changed in the end.
 */
export function openRank(node: RankNode, context: OperatorContext): Operator {
  const { input, partition, to } = node;
  const types = input.schema.fields.map(f => f.type);
  const sort = node.order.map(({ column, descending, nullsLast }) => {
    return { column, ascending: !descending, nullsLast };
  });
  const ttlMs = stateTtl(context, null);
  const lists = new RowLists(context.state, 'top', {
    schema: input.schema,
    keys: partition,
    ...(ttlMs === null ? {} : { extra: [WRITTEN] }),
    ...(sort.length > 0 ? { sort } : {}),
  });
  const compare = compileCompare(types, sort);
  const keepsAll = input.changelogMode !== 'append';
  // Where all rows are kept their places are found by an index.
  const tree = keepsAll && sort.length > 0 ? new OrderTree(lists, compare) : null;
  if (tree !== null) context.state.onRestored(() => tree.rebuild());
  const expire = (id: number): void => {
    tree?.remove(lists.keyOf[id]!, id);
    lists.remove(id);
  };
  const expiry = ttlMs === null ? null : new Expiry(context, ttlMs, lists.rows, types.length, expire);
  const equal = compileEqual(types, [...types.keys()], [...types.keys()]);
  const isNet = context.session.miniBatchRows > 1;
  const writer = new RankWriter(node, lists, context, isNet);
  const net = isNet ? new NetChanges(node, lists, writer) : null;

  /** Steps from the first row, or `to` when the row is not among the ranked. */
  const positionOf = (key: number, id: number): number => {
    let at = 0;
    for (let row = lists.first(key); row !== id; row = lists.next[row]!) if (++at >= to) return to;
    return at;
  };

  /** The row that a retraction means, 0 for none. */
  const find = (key: number, columns: readonly Column[], row: number): number => {
    if (tree === null) return lists.findEqual(key, columns, row);
    const kept = lists.rows.columns;
    const { next } = lists;
    let id = tree.firstFrom(key, columns, row);
    while (id !== 0 && !equal(kept, id, columns, row)) {
      id = compare(kept, id, columns, row) === 0 ? next[id]! : 0;
    }
    return id;
  };
  const insert = (key: number, columns: readonly Column[], row: number): number => {
    const before = tree?.lastUpTo(key, columns, row);
    const id = lists.insert(key, columns, row, before);
    tree?.add(key, id, before!);
    expiry?.write(id);
    return id;
  };

  const sweep = (nowMs?: number): void => {
    if (expiry === null) return;
    expiry.sweep(nowMs);
    lists.sweep();
  };

  return {
    onBatch: batch => {
      sweep();
      const keys = lists.lookUp(batch, true);
      const { columns, rowKinds, selectionCount } = batch;
      let k = 0;
      forEachRow(batch, row => {
        const key = keys[k++]!;
        if (rowKinds !== null && !isAccumulate(rowKinds[row]!)) {
          const id = find(key, columns, row);
          if (id === 0) return;
          tree?.remove(key, id);
          if (net === null) {
            writer.left(id, positionOf(key, id), lists.size(key));
            lists.remove(id);
          } else {
            net.touch(key);
            net.remove(id);
          }
          return;
        }
        const isFull = !keepsAll && lists.size(key) >= to;
        if (isFull && compare(lists.rows.columns, lists.last(key), columns, row) <= 0) return;
        if (net === null) {
          const id = insert(key, columns, row);
          writer.came(id, positionOf(key, id), lists.size(key));
          if (isFull) lists.remove(lists.last(key));
          return;
        }
        net.touch(key);
        insert(key, columns, row);
        if (isFull) net.remove(lists.last(key));
      });
      net?.send();
      lists.sweepFound(selectionCount);
      writer.flush();
    },
    onWatermark: ms => context.output.watermark(ms),
    ...(expiry === null ? {} : { onProcessingTime: sweep }),
  };
}

/** What a batch changes: each touched partition's ranked rows before and after. */
class NetChanges {
  readonly #node: RankNode;
  readonly #lists: RowLists;
  readonly #writer: RankWriter;
  /** By key: the number of the batch that touched it last. */
  #touchedBy = new Int32Array(16);
  #batch = 1;
  readonly #keys: number[] = [];
  /** Ranked rows of the touched keys before, one key's behind the other's. */
  #before: number[] = [];
  readonly #ends: number[] = [];
  readonly #gone: number[] = [];
  /** By row: the last round in which it was seen. */
  #seen = new Int32Array(16);
  #round = 0;

  constructor(node: RankNode, lists: RowLists, writer: RankWriter) {
    this.#node = node;
    this.#lists = lists;
    this.#writer = writer;
  }

  /** A key is about to change. */
  touch(key: number): void {
    if (key >= this.#touchedBy.length) {
      const grown = new Int32Array(key * 2);
      grown.set(this.#touchedBy);
      this.#touchedBy = grown;
    }
    if (this.#touchedBy[key] === this.#batch) return;
    this.#touchedBy[key] = this.#batch;
    this.#keys.push(key);
    this.#ranked(key, this.#before);
    this.#ends.push(this.#before.length);
  }

  /** Take a row out of its list; its cells are still wanted. */
  remove(id: number): void {
    this.#lists.detach(id);
    this.#gone.push(id);
  }

  #ranked(key: number, into: number[]): void {
    const { from, to } = this.#node;
    const { next } = this.#lists;
    let id = this.#lists.first(key);
    for (let rank = 1; id !== 0 && rank <= to; rank++) {
      if (rank >= from) into.push(id);
      id = next[id]!;
    }
  }

  /** Send the changes of all touched keys, and forget the rows that went. */
  send(): void {
    if (this.#seen.length < this.#lists.rows.live.length) {
      this.#seen = new Int32Array(this.#lists.rows.live.length * 2);
    }
    const after: number[] = [];
    let start = 0;
    this.#keys.forEach((key, k) => {
      const end = this.#ends[k]!;
      after.length = 0;
      this.#ranked(key, after);
      if (this.#node.withRank) this.#byRank(start, end, after);
      else this.#bySet(start, end, after);
      start = end;
    });
    this.#writer.flush();
    for (const id of this.#gone) this.#lists.rows.release(id);
    this.#keys.length = this.#ends.length = this.#gone.length = 0;
    this.#before = [];
    this.#batch++;
  }

  #byRank(start: number, end: number, after: readonly number[]): void {
    const { from } = this.#node;
    const count = Math.max(end - start, after.length);
    for (let i = 0; i < count; i++) {
      const before = start + i < end ? this.#before[start + i]! : 0;
      const now = after[i] ?? 0;
      if (before === now) continue;
      if (before !== 0) {
        this.#writer.send(now === 0 ? RowKind.delete : RowKind.updateBefore, before, from + i);
      }
      if (now !== 0) this.#writer.send(before === 0 ? RowKind.insert : RowKind.updateAfter, now, from + i);
    }
  }

  #bySet(start: number, end: number, after: readonly number[]): void {
    const seen = this.#seen;
    const round = ++this.#round;
    for (const id of after) seen[id] = round;
    for (let i = start; i < end; i++) {
      const id = this.#before[i]!;
      if (seen[id] === round) seen[id] = 0;
      else this.#writer.send(RowKind.delete, id, 0);
    }
    for (const id of after) if (seen[id] === round) this.#writer.send(RowKind.insert, id, 0);
  }
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
