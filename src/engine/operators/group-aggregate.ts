import { type Batch, BatchBuilder, isAccumulate, RowKind } from '../../core/mod.ts';
import type { GroupAggregateNode } from '../../plan/mod.ts';
import { compileCopy, compileEqual } from '../../state/mod.ts';
import { Aggregation } from './aggregation.ts';
import { Expiry, stateTtl, WRITTEN } from './expiry.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { partsOf } from './parts.ts';

const OUT_ROWS = 4096;

/**
 * Unbounded GROUP BY. Each row's change of its group leaves as +I, -U +U, or -D; with mini-batch the changes
 * of a batch as one. A group whose rows are all retracted is forgotten.
 */
export function openGroupAggregate(node: GroupAggregateNode, context: OperatorContext): Operator {
  const { output } = context;
  const { schema, keys, input } = node;
  const keyFields = schema.fields.slice(0, keys.length);
  const ttlMs = stateTtl(context, node.stateTtlMs);
  const groups = new Aggregation(context, {
    input: input.schema,
    keyFields,
    keyColumns: keys,
    exchangeKeys: keys.length,
    extra: ttlMs === null ? [] : [WRITTEN],
    calls: node.aggregates,
    resultsAt: keys.length,
    retracts: input.changelogMode !== 'append',
  });
  const expiry =
    ttlMs === null ? null : new Expiry(context, ttlMs, groups.store, keys.length, id => groups.remove(id));
  const before = new BatchBuilder(schema);
  const out = new BatchBuilder(schema);
  const types = schema.fields.map(f => f.type);
  const all = [...types.keys()];
  const copy = compileCopy(types, all, all);
  const equal = compileEqual(types, all, all);
  const copyKeys = compileCopy(
    keyFields.map(f => f.type),
    [...keyFields.keys()],
    [...keyFields.keys()],
  );
  const withBefore = node.changelogMode !== 'upsert';
  let marks = new Int32Array(16);
  let mark = 0;
  let touched = new Int32Array(16);

  const writeRow = (target: BatchBuilder, id: number): void => {
    target.reserve(target.rowCount + 1);
    copyKeys(groups.store.columns, id, target.columns, target.rowCount);
    groups.emit(id, target.columns, target.rowCount);
  };
  /** Remember each touched group's row as it was; +I stands for one that was not there. */
  const remember = (count: number): number => {
    const { rows, ids } = groups;
    if (marks.length < groups.store.live.length) {
      const grown = new Int32Array(groups.store.live.length);
      grown.set(marks);
      marks = grown;
    }
    if (touched.length < count) touched = new Int32Array(count * 2);
    mark++;
    let n = 0;
    before.reset();
    for (let k = 0; k < count; k++) {
      const id = ids[k]!;
      if (marks[id] === mark) continue;
      marks[id] = mark;
      touched[n++] = id;
      if (rows[id]! > 0) writeRow(before, id);
      else before.reserve(before.rowCount + 1);
      before.endRow(rows[id]! > 0 ? RowKind.updateBefore : RowKind.insert);
    }
    return n;
  };
  const emitChange = (t: number): void => {
    const id = touched[t]!;
    const existed = before.rowKinds[t] === RowKind.updateBefore;
    const exists = groups.rows[id]! > 0;
    out.reserve(out.rowCount + 2);
    if (existed && (withBefore || !exists)) {
      copy(before.columns, t, out.columns, out.rowCount);
      out.endRow(exists ? RowKind.updateBefore : RowKind.delete);
    }
    if (exists) {
      writeRow(out, id);
      // With a TTL what follows must hear that the key still lives.
      if (existed && expiry === null && equal(before.columns, t, out.columns, out.rowCount)) {
        if (withBefore) out.rowCount--;
        return;
      }
      out.endRow(existed ? RowKind.updateAfter : RowKind.insert);
    }
    // Rows below zero are retractions that came early: they wait for their rows.
    if (groups.rows[id] === 0) groups.remove(id);
  };

  /** A row taken back of a group that is not there, or no more: it is left out. */
  const isUnknown = ({ rowKinds, selection }: Batch): boolean => {
    const id = groups.ids[0]!;
    const row = selection === null ? 0 : selection[0]!;
    if (rowKinds === null || isAccumulate(rowKinds[row]!) || groups.rows[id] !== 0) return false;
    groups.remove(id);
    return true;
  };

  return {
    onBatch: (batch: Batch) => {
      out.reset();
      expiry?.sweep();
      // A retraction of what has expired is to be met alone.
      for (const part of partsOf(batch, expiry === null ? context.session.miniBatchRows : 1)) {
        groups.lookUp(part);
        if (expiry !== null && isUnknown(part)) continue;
        expiry?.writeAll(groups.ids, part.selectionCount);
        const changes = remember(part.selectionCount);
        groups.apply(part);
        for (let t = 0; t < changes; t++) {
          emitChange(t);
          if (out.rowCount < OUT_ROWS) continue;
          output.emit(out.build());
          out.reset();
        }
      }
      if (out.rowCount > 0) output.emit(out.build());
    },
    onWatermark: ms => output.watermark(ms),
    ...(expiry === null ? {} : { onProcessingTime: (nowMs: number) => expiry.sweep(nowMs) }),
  };
}
