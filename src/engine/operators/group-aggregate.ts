import { type Batch, isAccumulate } from '../../core/mod.ts';
import type { GroupAggregateNode } from '../../plan/mod.ts';
import { Aggregation } from './aggregation.ts';
import { Expiry, stateTtl, WRITTEN } from './expiry.ts';
import { GroupChanges } from './group-changes.ts';
import { MiniBatch } from './mini-batch.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { partsOf } from './parts.ts';

const OUT_ROWS = 4096;

/**
 * Unbounded GROUP BY. Each row's change of its group leaves as +I, -U +U, or -D; the changes of a mini-batch as
 * one. A group whose rows are all retracted is forgotten.
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
  const changes = new GroupChanges(groups, schema, keys.length, {
    withBefore: node.changelogMode !== 'upsert',
    // With a TTL what follows must hear that the key still lives.
    withUnchanged: expiry !== null,
  });

  /** A row taken back of a group that is not there, or no more: it is left out. */
  const isUnknown = ({ rowKinds, selection }: Batch): boolean => {
    const id = groups.ids[0]!;
    const row = selection === null ? 0 : selection[0]!;
    if (rowKinds === null || isAccumulate(rowKinds[row]!) || groups.rows[id] !== 0) return false;
    groups.remove(id);
    return true;
  };

  // A retraction of what has expired is to be met alone.
  const rowsTogether = expiry === null ? context.session.miniBatchRows : 1;
  const isRowByRow = rowsTogether === 1;
  const miniBatch = new MiniBatch(output, rowsTogether, () => {
    changes.write();
    if (!isRowByRow || changes.size >= OUT_ROWS) changes.flush(output);
  });

  return {
    onBatch: (batch: Batch) => {
      expiry?.sweep();
      for (const part of partsOf(batch, () => miniBatch.room)) {
        groups.lookUp(part);
        if (expiry !== null && isUnknown(part)) continue;
        expiry?.writeAll(groups.ids, part.selectionCount);
        changes.remember(part.selectionCount);
        groups.apply(part);
        miniBatch.took(part.selectionCount);
      }
      if (isRowByRow) changes.flush(output);
    },
    onWatermark: ms => miniBatch.watermark(ms),
    ...(isRowByRow ? {} : { finish: () => miniBatch.finish() }),
    ...(expiry === null ? {} : { onProcessingTime: (nowMs: number) => expiry.sweep(nowMs) }),
  };
}
