import { BatchBuilder, type Column, isAccumulate, RowKind } from '../../core/mod.ts';
import type { SinkMaterializerNode } from '../../plan/mod.ts';
import { compileCopy, compileEqual, RowLists } from '../../state/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';

/**
 * Keeps the rows of each key of the sink in the order they came and lets the last of them be the one the sink
 * has: Flink's SinkUpsertMaterializer. What takes back a row that is not the last one changes nothing there.
 */
export function openSinkMaterializer(node: SinkMaterializerNode, context: OperatorContext): Operator {
  const { output } = context;
  const { schema, keys, inputKey } = node;
  const lists = new RowLists(context.state, 'rows', { schema, keys });
  const types = schema.fields.map(f => f.type);
  const all = [...types.keys()];
  const copy = compileCopy(types, all, all);
  const known = inputKey ?? all;
  const knownTypes = known.map(c => types[c]!);
  const sameRow = compileEqual(knownTypes, known, known);
  const out = new BatchBuilder(schema);

  const send = (kind: number, columns: readonly Column[], row: number): void => {
    out.reserve(out.rowCount + 1);
    copy(columns, row, out.columns, out.rowCount);
    out.endRow(kind);
  };
  const find = (key: number, columns: readonly Column[], row: number): number => {
    let id = lists.first(key);
    while (id !== 0 && !sameRow(lists.rows.columns, id, columns, row)) id = lists.next[id]!;
    return id;
  };
  const add = (key: number, columns: readonly Column[], row: number): void => {
    const isFirst = lists.size(key) === 0;
    const id = inputKey === null ? 0 : find(key, columns, row);
    if (id === 0) lists.insert(key, columns, row);
    else lists.replace(id, columns, row);
    send(isFirst ? RowKind.insert : RowKind.updateAfter, columns, row);
  };
  const retract = (key: number, columns: readonly Column[], row: number): void => {
    const id = find(key, columns, row);
    if (id === 0) return; // taken back already
    const wasLast = id === lists.last(key);
    lists.remove(id);
    if (!wasLast) return;
    const last = lists.last(key);
    if (last === 0) send(RowKind.delete, columns, row);
    else send(RowKind.updateAfter, lists.rows.columns, last);
  };

  return {
    onBatch: batch => {
      out.reset();
      const found = lists.lookUp(batch, true);
      for (let k = 0; k < batch.selectionCount; k++) {
        const row = batch.selection === null ? k : batch.selection[k]!;
        const kind = batch.rowKinds === null ? RowKind.insert : batch.rowKinds[row]!;
        if (isAccumulate(kind)) add(found[k]!, batch.columns, row);
        else retract(found[k]!, batch.columns, row);
      }
      lists.sweepFound(batch.selectionCount);
      if (out.rowCount > 0) output.emit(out.build());
    },
    onWatermark: ms => output.watermark(ms),
  };
}
