import { type Column, forEachRow, isAccumulate } from '../../core/mod.ts';
import type { RankNode } from '../../plan/mod.ts';
import { compileCompare, compileEqual, RowLists } from '../../state/mod.ts';
import { Expiry, stateTtl, WRITTEN } from './expiry.ts';
import { MiniBatch } from './mini-batch.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { OrderTree } from './order-tree.ts';
import { FirstRows } from './rank-first.ts';
import { NetChanges } from './rank-net.ts';
import { RankWriter } from './rank-writer.ts';

/**
 * Top-n. Of an append-only input no more rows than are ranked are kept, of a changing one all. Changes leave
 * row by row as in Flink: with the rank (or an offset) the rows behind move down or up one by one; without,
 * the row that falls out leaves and the new one comes. With mini-batch only what it changed in the end.
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
  // Rows that expire are not ones that wait: then a mini-batch is what is delivered at once.
  const first =
    net !== null && to === 1 && !keepsAll && expiry === null ? new FirstRows(lists, net, compare) : null;
  const miniBatch = new MiniBatch(context.output, expiry === null ? context.session.miniBatchRows : 1, () => {
    net?.send();
    lists.sweep();
    writer.flush();
  });

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
      if (first !== null) {
        first.take(batch);
        lists.noteFound(selectionCount);
        miniBatch.took(selectionCount);
        return;
      }
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
        net.added(insert(key, columns, row));
        if (isFull) net.remove(lists.last(key));
      });
      lists.noteFound(selectionCount);
      miniBatch.took(selectionCount);
    },
    onWatermark: ms => miniBatch.watermark(ms),
    ...(isNet && expiry === null ? { finish: () => miniBatch.finish() } : {}),
    ...(expiry === null ? {} : { onProcessingTime: sweep }),
  };
}
