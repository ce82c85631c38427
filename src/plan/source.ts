import type { Field } from '../core/mod.ts';
import { column, columnsOf, remap } from './build-expression.ts';
import type { TableEntry } from './catalog.ts';
import { sourceMode } from './connectors.ts';
import type { Expression } from './expression.ts';
import type { SourceNode } from './logical.ts';
import type { PhysicalNode, TableDeclaration } from './physical.ts';
import { calc } from './physical-build.ts';

/** The declaration the connector sees: stored columns only. */
export function declarationOf(table: TableEntry, options: TableDeclaration['options']): TableDeclaration {
  const stored = storedColumns(table);
  const fields = stored.map(i => ({ name: table.columns[i]!.name, type: table.columns[i]!.type }));
  return {
    name: table.name,
    physicalSchema: { fields },
    primaryKey: table.primaryKey.map(i => stored.indexOf(i)),
    options,
  };
}

/** Indices of the columns that exist in the stored record. */
export function storedColumns(table: TableEntry): readonly number[] {
  return table.columns.flatMap((c, i) => (c.kind === 'physical' ? [i] : []));
}

/** A source's node and where each declared column ended up; -1 when it is not read. */
export interface SourceBlock {
  readonly node: PhysicalNode;
  readonly map: readonly number[];
}

/**
 * scan → calc of computed columns → watermark → changelogNormalize, with the columns that are needed. The
 * watermark comes before any exchange, because it follows the source's splits.
 */
export function buildSource(
  source: SourceNode,
  needed: ReadonlySet<number>,
  idleMs: number | null,
): SourceBlock {
  const { table } = source;
  const output = [...withAlways(source, needed)].sort((a, b) => a - b);
  const scanned = [...scannedColumns(table, output)].sort((a, b) => a - b);
  const { node, map } = scan(source, scanned);
  const computed = computeColumns(table, node, map, output);
  return normalized(source, withWatermark(source, computed, idleMs));
}

/** Columns a source must keep: the event time with what its watermark reads, the key of an upsert stream. */
function withAlways(source: SourceNode, needed: ReadonlySet<number>): Set<number> {
  const { watermark, primaryKey } = source.table;
  const all = new Set(needed);
  if (watermark !== null) {
    all.add(watermark.rowtime);
    for (const index of columnsOf(watermark.expression)) all.add(index);
  }
  if (sourceMode(source.options) === 'upsert') for (const index of primaryKey) all.add(index);
  return all;
}

/** The stored columns that the output is made of; at least one, for rows to count. */
function scannedColumns(table: TableEntry, output: readonly number[]): Set<number> {
  const scanned = new Set<number>();
  for (const index of output) {
    const found = table.columns[index]!;
    if (found.kind === 'physical') scanned.add(index);
    else for (const read of columnsOf(found.expression)) scanned.add(read);
  }
  if (scanned.size === 0) scanned.add(storedColumns(table)[0]!);
  return scanned;
}

function scan(source: SourceNode, scanned: readonly number[]): SourceBlock {
  const { table, options } = source;
  const stored = storedColumns(table);
  const map = table.columns.map((_, i) => scanned.indexOf(i));
  const schema = {
    fields: scanned.map((i): Field => ({ name: table.columns[i]!.name, type: table.columns[i]!.type })),
  };
  const mode = sourceMode(options);
  const node: PhysicalNode = {
    kind: 'scan',
    id: -1,
    schema,
    changelogMode: mode,
    table: declarationOf(table, options),
    projection: scanned.map(i => stored.indexOf(i)),
  };
  return { node, map };
}

/** An upsert stream as a full changelog. */
function normalized({ table }: SourceNode, { node: input, map }: SourceBlock): SourceBlock {
  if (input.changelogMode !== 'upsert') return { node: input, map };
  const { schema } = input;
  const keys = table.primaryKey.map(i => map[i]!);
  return {
    node: { kind: 'changelogNormalize', id: -1, schema, changelogMode: 'retract', input, keys },
    map,
  };
}

function computeColumns(
  table: TableEntry,
  input: PhysicalNode,
  map: readonly number[],
  output: readonly number[],
): SourceBlock {
  if (output.every(i => table.columns[i]!.kind === 'physical')) return { node: input, map };
  const expressions = output.map((i): Expression => {
    const found = table.columns[i]!;
    return found.kind === 'physical' ? column(map[i]!, found.type) : remap(found.expression, map);
  });
  const node = calc(
    input,
    null,
    expressions,
    output.map(i => table.columns[i]!.name),
  );
  return { node, map: table.columns.map((_, i) => output.indexOf(i)) };
}

function withWatermark(source: SourceNode, block: SourceBlock, idleMs: number | null): SourceBlock {
  const { watermark } = source.table;
  if (watermark === null) return block;
  const { node: input, map } = block;
  const node: PhysicalNode = {
    kind: 'watermark',
    id: -1,
    schema: input.schema,
    changelogMode: input.changelogMode,
    input,
    rowtime: map[watermark.rowtime]!,
    watermark: remap(watermark.expression, map),
    idleTimeoutMs: idleMs,
  };
  return { node, map };
}
