import { readFileSync } from 'node:fs';
import { type Batch, MillraceError, type RowValue, type Schema } from '../../src/core/mod.ts';
import { compileCalc, type SessionContext, sessionOf } from '../../src/engine/codegen/mod.ts';
import { buildGraph, type ScanPort } from '../../src/engine/graph.ts';
import { MAX_WATERMARK, runValues } from '../../src/engine/operators/mod.ts';
import { createDecoder, isFormat } from '../../src/formats/mod.ts';
import { Catalog, type Expression, type PhysicalNode, planQuery } from '../../src/plan/mod.ts';
import { accumulate, type Row } from '../unit/engine/harness.ts';

/** The accumulated result, cells as text. The tables' files are read one after another. */
export function replay(sql: string): string[] {
  const options = { 'table.local-time-zone': 'UTC' };
  const { root } = planQuery(sql, new Catalog(), options);
  const session = sessionOf(options, () => 0);
  const print = printer(root, session);
  const changes: Row[] = [];
  const into = { onBatch: (batch: Batch) => changes.push(...print(batch)), onWatermark: () => undefined };
  const graph = buildGraph([{ node: root, into: into as never }], { session, onLate: () => undefined });
  for (const { node, context } of graph.values) runValues(node, context);
  for (const port of graph.scans) for (const w of port.watermarks) w.addSplit('0');
  for (const port of graph.scans) {
    for (const w of port.watermarks) w.setSplit('0');
    for (const batch of readFile(port)) port.output.emit(batch);
    for (const w of port.watermarks) w.splitEnded('0');
    port.output.watermark(MAX_WATERMARK);
  }
  return accumulate(changes);
}

/** Each row with its cells cast to STRING, as Flink's client shows them. */
function printer(root: PhysicalNode, session: SessionContext): (batch: Batch) => Row[] {
  const string = { kind: 'VARCHAR', length: 2147483647, nullable: true } as const;
  const casts = root.schema.fields.map(({ type }, index): Expression => {
    const operand: Expression = { kind: 'column', index, type };
    return { kind: 'cast', operand, type: string, safe: false, at: { line: 1, column: 1 } };
  });
  const schema: Schema = { fields: root.schema.fields.map(({ name }) => ({ name, type: string })) };
  const kernel = compileCalc(null, casts, schema, session);
  return batch => rowsOf(kernel(batch));
}

function rowsOf(batch: Batch): Row[] {
  const decoder = new TextDecoder();
  return Array.from({ length: batch.selectionCount }, (_, k): Row => {
    const row = batch.selection === null ? k : batch.selection[k]!;
    const cells = batch.columns.map((column): RowValue => {
      if (column.physical !== 'bytes' || column.nulls?.[row] === 1) return null;
      const from = column.offsets[row]!;
      return decoder.decode(column.data.subarray(from, from + column.lengths[row]!));
    });
    return [batch.rowKinds?.[row] ?? 0, ...cells];
  });
}

/** A row a batch, borrowed: the watermark follows each row, and the decoder reuses its memory. */
function* readFile({ node }: ScanPort): Generator<Batch> {
  const { options, physicalSchema } = node.table;
  const format = options['format'] ?? '';
  if (!isFormat(format)) {
    throw new MillraceError('SQL_UNSUPPORTED', `the format ${format} in this test`);
  }
  const own = Object.entries(options).filter(([key]) => key.startsWith(`${format}.`));
  const plain = Object.fromEntries(own.map(([key, value]) => [key.slice(format.length + 1), value]));
  const decoder = createDecoder(format, physicalSchema, node.projection, plain);
  const lines = readFileSync(options['path']!, 'utf8').trim().split('\n');
  const encoder = new TextEncoder();
  for (const line of lines) {
    const bytes = encoder.encode(line);
    decoder.load(bytes);
    decoder.decode(Int32Array.of(0), Int32Array.of(bytes.length), 0, 1);
    if (decoder.rowCount > 0) yield decoder.takeBatch();
  }
}
