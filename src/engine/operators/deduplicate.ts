import { type Batch, BatchBuilder, forEachRow, RowKind, type TimestampColumn } from '../../core/mod.ts';
import type { DeduplicateNode } from '../../plan/mod.ts';
import { compileCopy, compileEqual, KeyedRows } from '../../state/mod.ts';
import { Expiry, stateTtl, WRITTEN } from './expiry.ts';
import { MiniBatch } from './mini-batch.ts';
import { NetRows } from './net-rows.ts';
import type { Operator, OperatorContext } from './operator.ts';

const OUT_ROWS = 4096;

/**
 * Keeps one row a key of an append-only input. By event time an earlier (FirstRow) or not earlier (LastRow)
 * row replaces the one that is held; by processing time the first row stays, or each later one that differs
 * replaces it.
 */
export function openDeduplicate(node: DeduplicateNode, context: OperatorContext): Operator {
  const { schema, keys, rowtime } = node;
  const keepsLast = node.keep === 'LastRow';
  const ttlMs = stateTtl(context, null);
  const others = [...schema.fields.keys()].filter(c => !keys.includes(c));
  // Of the first row by processing time nothing but the key is ever asked for.
  const kept = rowtime === null && !keepsLast ? [] : others;
  const rows = new KeyedRows(context.state, 'rows', {
    key: keys.map((c, k) => ({ name: `key${k}`, type: schema.fields[c]!.type })),
    cells: [
      ...kept.map((c, k) => ({ name: `c${k}`, type: schema.fields[c]!.type })),
      ...(ttlMs === null ? [] : [WRITTEN]),
    ],
    from: keys,
  });
  const { store } = rows;
  const expiry =
    ttlMs === null
      ? null
      : new Expiry(context, ttlMs, store, keys.length + kept.length, id => rows.remove(id));
  /** Keys added by the batch that is being looked at. */
  let fresh = new Uint8Array(16);
  rows.onAdd = id => {
    fresh[id] = 1;
  };
  const stored = [...keys, ...kept];
  const places = [...stored.keys()];
  const types = stored.map(c => schema.fields[c]!.type);
  const keptTypes = kept.map(c => schema.fields[c]!.type);
  const keptPlaces = kept.map((_, k) => keys.length + k);
  const copyIn = compileCopy(keptTypes, kept, keptPlaces);
  const copyBack = compileCopy(types, places, stored);
  const allTypes = schema.fields.map(f => f.type);
  const copyRow = compileCopy(allTypes, [...allTypes.keys()], [...allTypes.keys()]);
  const equal = compileEqual(keptTypes, keptPlaces, kept);
  /** Changes wait for the end of the mini-batch: the held row has all cells of the output. */
  const isNet = context.session.miniBatchRows > 1 && kept === others;
  const tellsSame = rowtime !== null || expiry !== null;
  const net = isNet ? new NetRows(node, store, kept, context.output, tellsSame) : null;
  // Rows that expire are not ones that wait: then a mini-batch is what is delivered at once.
  const rowsTogether = expiry === null ? context.session.miniBatchRows : 1;
  const miniBatch = new MiniBatch(context.output, rowsTogether, () => net?.send());
  const timeAt = rowtime === null ? -1 : stored.indexOf(rowtime);
  const out = new BatchBuilder(schema);
  /** With mini-batch: ids of the keys that a batch changes, and for each the row that comes to be held. */
  let changed = new Int32Array(0);
  let winners = new Int32Array(0);
  /** By id: the number of the batch that changed it last, and its place among the changed. */
  let changedBy = new Int32Array(16);
  let placeOf = new Int32Array(16);
  let batchNumber = 0;

  const flush = (): void => {
    if (out.rowCount > 0) context.output.emit(out.build());
    out.reset();
  };
  const replaces = (batch: Batch, row: number, id: number): boolean => {
    // With a TTL what follows must hear that the key still lives, by an equal row too.
    if (rowtime === null)
      return keepsLast && (expiry !== null || !equal(store.columns, id, batch.columns, row));
    const held = (store.columns[timeAt] as TimestampColumn).millis[id]!;
    const time = (batch.columns[rowtime] as TimestampColumn).millis[row]!;
    return keepsLast ? time >= held : time < held;
  };
  const emitRow = (id: number, kind: number): void => {
    copyBack(store.columns, id, out.columns, out.rowCount);
    out.endRow(kind);
  };
  /** The rows of a batch that are held in the end replace those held before. */
  const takeNet = (batch: Batch, ids: Int32Array, net: NetRows): void => {
    const { selection, selectionCount } = batch;
    if (changed.length < selectionCount) {
      changed = new Int32Array(selectionCount);
      winners = new Int32Array(selectionCount);
    }
    const times = rowtime === null ? null : (batch.columns[rowtime] as TimestampColumn).millis;
    const held = times === null ? null : (store.columns[timeAt] as TimestampColumn).millis;
    let count = 0;
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      const id = ids[k]!;
      const isKnown = changedBy[id] === batchNumber;
      if (times !== null && held !== null && (isKnown || fresh[id] === 0)) {
        const before = isKnown ? times[winners[placeOf[id]!]!]! : held[id]!;
        if (keepsLast ? times[row]! < before : times[row]! >= before) continue;
      }
      if (!isKnown) {
        changedBy[id] = batchNumber;
        changed[count] = id;
        placeOf[id] = count++;
      }
      winners[placeOf[id]!] = row;
    }
    if (rowtime === null) count = withoutEqual(batch, count);
    for (let k = 0; expiry !== null && k < count; k++) expiry.write(changed[k]!);
    net.replace(batch, changed, winners, fresh, count);
  };
  /** By processing time a key whose last row is the one it holds does not change. */
  const withoutEqual = (batch: Batch, count: number): number => {
    let left = 0;
    for (let k = 0; k < count; k++) {
      const [id, row] = [changed[k]!, winners[k]!];
      if (fresh[id] === 0 && !replaces(batch, row, id)) continue;
      changed[left] = id;
      winners[left++] = row;
    }
    return left;
  };
  const take = (batch: Batch, row: number, id: number): void => {
    const isFirst = fresh[id] === 1;
    if (!isFirst && !replaces(batch, row, id)) return;
    if (out.rowCount >= OUT_ROWS) flush();
    out.reserve(out.rowCount + 2);
    expiry?.write(id);
    if (isFirst) fresh[id] = 0;
    else {
      emitRow(id, RowKind.updateBefore);
      for (const c of keptPlaces) store.dropBytes(c, id);
    }
    copyIn(batch.columns, row, store.columns, id);
    copyRow(batch.columns, row, out.columns, out.rowCount);
    out.endRow(isFirst ? RowKind.insert : RowKind.updateAfter);
  };

  return {
    onBatch: batch => {
      expiry?.sweep();
      // A row for each key, and one for what it held before.
      store.reserve(batch.selectionCount * 2);
      if (fresh.length < store.live.length) {
        fresh = new Uint8Array(store.live.length);
        changedBy = new Int32Array(store.live.length);
        placeOf = new Int32Array(store.live.length);
      }
      batchNumber++;
      const ids = rows.findOrAdd(batch);
      if (net !== null) {
        takeNet(batch, ids, net);
        miniBatch.took(batch.selectionCount);
      } else {
        let k = 0;
        forEachRow(batch, row => take(batch, row, ids[k++]!));
        flush();
      }
    },
    onWatermark: ms => miniBatch.watermark(ms),
    ...(net !== null && expiry === null ? { finish: () => miniBatch.finish() } : {}),
    ...(expiry === null ? {} : { onProcessingTime: (nowMs: number) => expiry.sweep(nowMs) }),
  };
}
