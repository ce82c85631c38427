import { type Batch, copyBatch, type RowValue, rowValues, type Schema } from '../../src/core/mod.ts';
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
  const rows = batches.flatMap(b => Array.from({ length: b.rowCount }, (_, i) => rowValues(b, i)));
  return { schema: root.schema, rows };
}

/** The one value of an expression as text, as a client that prints Flink's rows shows it; null for NULL. */
export function printed(expression: string, options: Record<string, string> = {}): string | null {
  const { schema } = evaluate(`SELECT ${expression} AS v`, options);
  const { kind } = schema.fields[0]!.type;
  const nested =
    kind === 'ARRAY' || kind === 'MAP' || kind === 'ROW' || kind === 'VARCHAR' || kind === 'CHAR';
  const text = nested ? expression : `CAST(${expression} AS STRING)`;
  const { rows } = evaluate(`SELECT ${text} AS v`, options);
  return rows[0]![0] as string | null;
}
