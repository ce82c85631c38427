import {
  type Batch,
  copyBatch,
  isAccumulate,
  type RowValue,
  rowValues,
  type Schema,
} from '../../src/core/mod.ts';
import { sessionOf } from '../../src/engine/codegen/mod.ts';
import { buildGraph } from '../../src/engine/graph.ts';
import { runValues } from '../../src/engine/operators/mod.ts';
import { Catalog, planQuery } from '../../src/plan/mod.ts';

/** Answers of a query over inline rows, as the engine prints and types them. */
export function evaluate(
  sql: string,
  options: Record<string, string> = {},
): { readonly schema: Schema; readonly rows: readonly (readonly RowValue[])[] } {
  const { root } = planQuery(sql, new Catalog(), options);
  const batches: Batch[] = [];
  const into = { onBatch: (batch: Batch) => batches.push(copyBatch(batch)), onWatermark: () => undefined };
  const graph = buildGraph([{ node: root, into: into as never }], {
    session: sessionOf(options, () => 0),
    onLate: () => undefined,
  });
  for (const { node, context } of graph.values) runValues(node, context);
  const rows: (readonly RowValue[])[] = [];
  for (const batch of batches) {
    for (let i = 0; i < batch.rowCount; i++) change(rows, batch.rowKinds?.[i] ?? 0, rowValues(batch, i));
  }
  return { schema: root.schema, rows };
}

/** A row comes, or leaves as it came. */
function change(rows: (readonly RowValue[])[], kind: number, row: readonly RowValue[]): void {
  if (isAccumulate(kind)) rows.push(row);
  else
    rows.splice(
      rows.findIndex(known => keyOf(known) === keyOf(row)),
      1,
    );
}

const keyOf = (row: readonly RowValue[]): string =>
  JSON.stringify(row, (_, cell: unknown) => (typeof cell === 'bigint' ? `${cell}n` : cell));
