import { type Batch, BatchBuilder, isAccumulate, RowKind, selectRows } from '../../core/mod.ts';
import type { ChangelogNormalizeNode } from '../../plan/mod.ts';
import { compileCopy, compileEqual, KeyTable } from '../../state/mod.ts';
import { Expiry, stateTtl, WRITTEN } from './expiry.ts';
import type { Operator, OperatorContext } from './operator.ts';

/**
 * Remembers the last row per key, so that an upsert stream (or one with doubles) becomes a full changelog.
 */
export function openChangelogNormalize(node: ChangelogNormalizeNode, context: OperatorContext): Operator {
  const { output } = context;
  const { schema, keys } = node;
  const ttlMs = stateTtl(context, null);
  const cells = ttlMs === null ? schema.fields : [...schema.fields, WRITTEN];
  const store = context.state.table('rows', { fields: cells }, keys);
  const table = new KeyTable(store, keys, keys);
  context.state.onRestored(() => table.reindex());
  const expiry =
    ttlMs === null ? null : new Expiry(context, ttlMs, store, schema.fields.length, id => table.remove(id));
  const types = schema.fields.map(f => f.type);
  const all = [...types.keys()];
  const copy = compileCopy(types, all, all);
  const equal = compileEqual(types, all, all);
  const out = new BatchBuilder(schema);
  const one = new Int32Array(1);
  const row = new Int32Array(1);
  let fresh = false;
  table.onAdd = () => {
    fresh = true;
  };

  const send = (kind: number, id: number): void => {
    out.reserve(out.rowCount + 1);
    copy(store.columns, id, out.columns, out.rowCount);
    out.endRow(kind);
  };
  const upsert = (batch: Batch, i: number): void => {
    fresh = false;
    table.findOrAdd(batch, one);
    const id = one[0]!;
    expiry?.write(id);
    if (!fresh && expiry === null && equal(store.columns, id, batch.columns, i)) return;
    if (!fresh) send(RowKind.updateBefore, id);
    for (let c = 0; c < types.length; c++) store.dropBytes(c, id);
    copy(batch.columns, i, store.columns, id);
    send(fresh ? RowKind.insert : RowKind.updateAfter, id);
  };
  const remove = (batch: Batch): void => {
    table.find(batch, one, true);
    if (one[0] === 0) return;
    send(RowKind.delete, one[0]!);
    table.remove(one[0]!);
  };

  return {
    onBatch: batch => {
      out.reset();
      expiry?.sweep();
      for (let k = 0; k < batch.selectionCount; k++) {
        row[0] = batch.selection === null ? k : batch.selection[k]!;
        const single = selectRows(batch, row, 1);
        const kind = batch.rowKinds === null ? RowKind.insert : batch.rowKinds[row[0]!]!;
        if (isAccumulate(kind)) upsert(single, row[0]!);
        else if (kind === RowKind.delete) remove(single);
        // -U says nothing that the remembered row does not.
      }
      if (out.rowCount > 0) output.emit(out.build());
    },
    onWatermark: ms => output.watermark(ms),
    ...(expiry === null ? {} : { onProcessingTime: (nowMs: number) => expiry.sweep(nowMs) }),
  };
}
