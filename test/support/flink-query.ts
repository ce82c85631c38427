import { type Batch, forEachRow, isAccumulate, rowValues } from '../../src/core/mod.ts';
import { sessionOf } from '../../src/engine/codegen/mod.ts';
import { buildGraph, type ScanPort } from '../../src/engine/graph.ts';
import { MAX_WATERMARK, runValues } from '../../src/engine/operators/mod.ts';
import { createDecoder } from '../../src/formats/mod.ts';
import { Catalog, planQuery, type ScanNode } from '../../src/plan/mod.ts';

/** Lines of a table's input, by the name of the table. */
export type InputOf = (table: string) => readonly string[];

/**
 * Runs a query over whole inputs, row by row, one table after the other, and gives the table that its
 * changes come to: each row as printed cells, sorted by its JSON text.
 */
export function finalTable(sql: string, inputOf: InputOf): readonly (readonly (string | null)[])[] {
  const { root } = planQuery(printing(sql), new Catalog());
  const counts = new Map<string, number>();
  const onBatch = (batch: Batch) =>
    forEachRow(batch, row => {
      const key = JSON.stringify(rowValues(batch, row));
      const next = (counts.get(key) ?? 0) + (isAccumulate(batch.rowKinds?.[row] ?? 0) ? 1 : -1);
      if (next < 0) throw new Error(`retracted without having been there: ${key}`);
      counts.set(key, next);
    });
  const into = { onBatch, onWatermark: () => undefined };
  const graph = buildGraph([{ node: root, into }], {
    session: sessionOf({}, () => 0),
    onLate: () => undefined,
  });
  for (const { node, context } of graph.values) runValues(node, context);
  for (const port of graph.scans)
    for (const watermark of port.watermarks) watermark.addSplit(port.node.table.name);
  for (const port of graph.scans) feed(port, inputOf(port.node.table.name));
  for (const port of graph.scans) end(port);
  const rows = [...counts].flatMap(([key, n]) => Array<string>(n).fill(key));
  return rows.sort().map(row => JSON.parse(row) as (string | null)[]);
}

/** The query with each of its columns cast to STRING, as a client prints them. */
function printing(sql: string): string {
  const start = sql.lastIndexOf(';', sql.trimEnd().length - 2) + 1;
  const { root } = planQuery(sql, new Catalog());
  const cells = root.schema.fields.map(f => `CAST(\`${f.name}\` AS STRING) AS \`${f.name}\``);
  const query = sql.slice(start).trim().replace(/;$/, '');
  return `${sql.slice(0, start)} SELECT ${cells.join(', ')} FROM (${query}) AS asked`;
}

function feed(port: ScanPort, lines: readonly string[]): void {
  const { physicalSchema, options } = port.node.table;
  const format = options['format'] === 'json' ? 'json' : 'debezium-json';
  for (const watermark of port.watermarks) watermark.setSplit(port.node.table.name);
  for (const line of lines) {
    const decoder = createDecoder(format, physicalSchema, (port.node as ScanNode).projection);
    const bytes = new TextEncoder().encode(line);
    decoder.load(bytes);
    decoder.decode(Int32Array.of(0), Int32Array.of(bytes.length), 0, 1);
    const [rejection] = decoder.takeRejections();
    if (rejection !== undefined) throw new Error(`${line}: ${rejection.reason}`);
    if (decoder.rowCount > 0) port.output.emit(decoder.takeBatch());
  }
}

function end(port: ScanPort): void {
  for (const watermark of port.watermarks) watermark.splitEnded(port.node.table.name);
  port.output.watermark(MAX_WATERMARK);
}
