import type { Field } from '../core/mod.ts';
import { column, columnsOf, mapColumns, remap } from './build-expression.ts';
import type { CatalogColumn, TableEntry } from './catalog.ts';
import { readsFields, sourceMode } from './connectors.ts';
import { declarationOf } from './declaration.ts';
import type { Expression } from './expression.ts';
import type { SourceNode } from './logical.ts';
import type { PhysicalNode } from './physical.ts';
import { calc } from './physical-build.ts';
import { withStoredFields } from './row-fields.ts';
import { sameType } from './types/kinds.ts';
import { sourceIdleMs } from './watermark-options.ts';

/** Indices of the columns that a record brings: stored ones in order of declaration, then metadata. */
export function recordColumns(table: TableEntry): readonly number[] {
  const of = (kind: CatalogColumn['kind']) => table.columns.flatMap((c, i) => (c.kind === kind ? [i] : []));
  return [...of('physical'), ...of('metadata')];
}

/** A source's node and where each declared column ended up; -1 when it is not read. */
export interface SourceBlock {
  readonly node: PhysicalNode;
  readonly map: readonly number[];
}

/** What SET says about reading. */
export interface ReadOptions {
  /** How long a source may be silent before its watermark is no longer waited for; null for ever. */
  readonly idleMs: number | null;
  /** A source with a primary key may send a change twice. */
  readonly duplicates: boolean;
}

/**
 * scan → calc of computed columns → watermark → changelogNormalize, with the columns that are needed. The
 * watermark comes before any exchange, because it follows the source's splits.
 */
export function buildSource(
  declared: SourceNode,
  needed: ReadonlySet<number>,
  reading: ReadOptions,
): SourceBlock {
  const output = [...withAlways(declared, needed, reading)].sort((a, b) => a - b);
  const table = readsFields(declared.options) ? withStoredFields(declared.table, output) : declared.table;
  const source = { ...declared, table };
  const scanned = [...scannedColumns(table, output)].sort((a, b) => a - b);
  const { node, map } = scan(source, scanned);
  const computed = computeColumns(table, node, map, output);
  const block = withWatermark(source, computed, reading.idleMs);
  return isNormalized(source, reading) ? normalized(source, block) : block;
}

/** Columns a source must keep: the event time with what its watermark reads, the key of an upsert stream. */
function withAlways(source: SourceNode, needed: ReadonlySet<number>, reading: ReadOptions): Set<number> {
  const { watermark, primaryKey } = source.table;
  const all = new Set(needed);
  if (watermark !== null) {
    all.add(watermark.rowtime);
    for (const index of columnsOf(watermark.expression)) all.add(index);
  }
  if (isNormalized(source, reading)) for (const index of primaryKey) all.add(index);
  return all;
}

/** The stored columns that the output is made of; at least one, for rows to count. */
function scannedColumns(table: TableEntry, output: readonly number[]): Set<number> {
  const scanned = new Set<number>();
  for (const index of output) {
    const found = table.columns[index]!;
    if (found.kind !== 'computed') scanned.add(index);
    else for (const read of columnsOf(found.expression)) scanned.add(read);
  }
  if (scanned.size === 0) scanned.add(recordColumns(table)[0]!);
  return scanned;
}

/** Whether the last row of each key must be kept: for upserts, and where a change may come twice. */
function isNormalized({ table, options }: SourceNode, { duplicates }: ReadOptions): boolean {
  const mode = sourceMode(options);
  return mode === 'upsert' || (mode === 'retract' && duplicates && table.primaryKey.length > 0);
}

function scan(source: SourceNode, scanned: readonly number[]): SourceBlock {
  const { table, options } = source;
  const declaration = declarationOf(table, options);
  const record = recordColumns(table);
  const map = table.columns.map((_, i) => scanned.indexOf(i));
  const fields = scanned.map((i): Field => {
    const { name, type, kind } = table.columns[i]!;
    if (kind === 'physical') return { name, type };
    return { name, type: declaration.metadata!.find(m => m.name === name)!.type };
  });
  const schema = { fields };
  const mode = sourceMode(options);
  const node: PhysicalNode = {
    kind: 'scan',
    id: -1,
    schema,
    changelogMode: mode,
    table: declaration,
    projection: scanned.map(i => record.indexOf(i)),
  };
  return { node, map };
}

/** An upsert stream, or one with doubles, as a full changelog. */
function normalized({ table }: SourceNode, { node: input, map }: SourceBlock): SourceBlock {
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
  const { fields } = input.schema;
  const asDeclared = (i: number) => map[i]! >= 0 && sameType(fields[map[i]!]!.type, table.columns[i]!.type);
  if (output.every(asDeclared)) return { node: input, map };
  const at = { line: 1, column: 1 };
  // What a column of the record is to expressions: as declared, which for metadata may take a CAST.
  const stored = table.columns.map((c, i): Expression | null =>
    map[i]! < 0
      ? null
      : sameType(fields[map[i]!]!.type, c.type)
        ? column(map[i]!, c.type)
        : { kind: 'cast', operand: column(map[i]!, fields[map[i]!]!.type), type: c.type, safe: false, at },
  );
  const expressions = output.map((i): Expression => {
    const found = table.columns[i]!;
    return found.kind === 'computed' ? mapColumns(found.expression, index => stored[index]!) : stored[i]!;
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
  const ownIdleMs = sourceIdleMs(source.options);
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
    idleTimeoutMs: ownIdleMs === undefined ? idleMs : ownIdleMs,
  };
  return { node, map };
}
