import { BatchBuilder, copyCell } from '../../core/mod.ts';
import type { ValuesNode } from '../../plan/mod.ts';
import { compileCalc } from '../codegen/mod.ts';
import { MAX_WATERMARK, type OperatorContext } from './operator.ts';

/** Inline rows: emitted once, then the input is at its end. */
export function runValues(node: ValuesNode, { output, session }: OperatorContext): void {
  const out = new BatchBuilder(node.schema, Math.max(1, node.rows.length));
  const none = {
    schema: { fields: [] },
    rowCount: 1,
    columns: [],
    rowKinds: null,
    selection: null,
    selectionCount: 1,
  };
  for (const row of node.rows) {
    const computed = compileCalc(null, row, node.schema, session)(none);
    computed.columns.forEach((column, c) => {
      copyCell(column, 0, out.columns[c]!, out.rowCount);
    });
    out.endRow();
  }
  if (out.rowCount > 0) output.emit(out.build());
  output.watermark(MAX_WATERMARK);
}
