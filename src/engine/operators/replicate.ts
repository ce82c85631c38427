import { BatchBuilder, forEachRow } from '../../core/mod.ts';
import type { ReplicateNode } from '../../plan/mod.ts';
import { compileCopy } from '../../state/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';

const OUT_ROWS = 4096;

/** Each row as often as its count says, with its own kind each time. */
export function openReplicate(node: ReplicateNode, { output }: OperatorContext): Operator {
  const out = new BatchBuilder(node.schema);
  const types = node.schema.fields.map(f => f.type);
  const from = [...node.input.schema.fields.keys()].filter(c => c !== node.count);
  const copy = compileCopy(types, from, [...types.keys()]);
  const flush = (): void => {
    if (out.rowCount > 0) output.emit(out.build());
    out.reset();
  };
  return {
    onBatch: batch => {
      const counts = (batch.columns[node.count] as { values: BigInt64Array }).values;
      forEachRow(batch, row => {
        for (let left = counts[row]!; left > 0n; left--) {
          if (out.rowCount >= OUT_ROWS) flush();
          out.reserve(out.rowCount + 1);
          copy(batch.columns, row, out.columns, out.rowCount);
          out.endRow(batch.rowKinds === null ? 0 : batch.rowKinds[row]!);
        }
      });
      flush();
    },
    onWatermark: ms => output.watermark(ms),
  };
}
