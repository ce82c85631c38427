import type { DataType } from '../core/mod.ts';
import { sqlInvalid } from '../sql/mod.ts';
import { type CatalogColumn, DEFAULT_DATABASE, fullName, type TableEntry } from './catalog.ts';
import { readableMetadata, writableMetadata } from './metadata.ts';
import type { MetadataColumn, TableDeclaration } from './physical.ts';
import { castRefusal } from './types/casts.ts';
import { flinkType } from './types/print.ts';
import { withoutWatermarkOptions } from './watermark-options.ts';

/** The declaration a reading connector sees: stored columns, then every METADATA column. */
export function declarationOf(table: TableEntry, options: TableDeclaration['options']): TableDeclaration {
  const metadata = table.columns.filter(c => c.kind === 'metadata');
  return declare(
    table,
    options,
    metadata.map(c => readMetadata(table, c, options)),
  );
}

/** The declaration a writing connector sees: stored columns, then METADATA columns that are not VIRTUAL. */
export function sinkDeclarationOf(table: TableEntry, options: TableDeclaration['options']): TableDeclaration {
  const metadata = table.columns.filter(c => c.kind === 'metadata').filter(c => !c.isVirtual);
  return declare(
    table,
    options,
    metadata.map(c => writtenMetadata(table, c, options)),
  );
}

function declare(
  table: TableEntry,
  options: TableDeclaration['options'],
  metadata: readonly MetadataColumn[],
): TableDeclaration {
  const stored = table.columns.flatMap((c, i) => (c.kind === 'physical' ? [i] : []));
  const fields = table.columns.flatMap(c =>
    c.kind !== 'physical'
      ? []
      : [{ name: c.name, type: c.type, ...(c.path === undefined ? {} : { path: c.path }) }],
  );
  const { partitionKeys } = table;
  return {
    name: table.name,
    ...(table.database === DEFAULT_DATABASE ? {} : { database: table.database }),
    physicalSchema: { fields },
    primaryKey: table.primaryKey.map(i => stored.indexOf(i)),
    ...(metadata.length === 0 ? {} : { metadata }),
    ...(partitionKeys.length === 0 ? {} : { partitionKeys: partitionKeys.map(i => stored.indexOf(i)) }),
    options: withoutWatermarkOptions(options),
  };
}

type MetadataEntry = CatalogColumn & { readonly kind: 'metadata' };

function readMetadata(
  table: TableEntry,
  c: MetadataEntry,
  options: TableDeclaration['options'],
): MetadataColumn {
  const keys = readableMetadata(options);
  const known = Object.hasOwn(keys, c.key) ? keys[c.key] : undefined;
  if (known === undefined) throw unknownMetadata(table, c, Object.keys(keys), 'reading');
  refuseMetadataType(table, c, 'from', known.type, castRefusal(known.type, c.type));
  return { name: c.name, key: c.key, type: known.type };
}

function writtenMetadata(
  table: TableEntry,
  c: MetadataEntry,
  options: TableDeclaration['options'],
): MetadataColumn {
  const keys = writableMetadata(options);
  const known = Object.hasOwn(keys, c.key) ? keys[c.key] : undefined;
  if (known === undefined) throw unknownMetadata(table, c, Object.keys(keys), 'writing');
  refuseMetadataType(table, c, 'to', known.type, castRefusal(c.type, known.type));
  return { name: c.name, key: c.key, type: known.type };
}

function unknownMetadata(table: TableEntry, c: MetadataEntry, keys: readonly string[], use: string): Error {
  const { at } = table.definition.columns.find(d => d.name.name === c.name)!.name;
  const from = use === 'reading' ? 'source' : 'sink';
  if (keys.length === 0) {
    return sqlInvalid(
      at,
      `Table '${fullName(table)}' declares metadata columns, but the connector ` +
        `'${table.options['connector']}' gives none as a ${from}.`,
    );
  }
  return sqlInvalid(
    at,
    `Invalid metadata key '${c.key}' in column '${c.name}' of table '${fullName(table)}'. The ${from} of the ` +
      `connector '${table.options['connector']}' supports the following metadata keys for ${use}:\n${keys.join('\n')}`,
  );
}

function refuseMetadataType(
  table: TableEntry,
  c: MetadataEntry,
  direction: 'from' | 'to',
  key: DataType,
  refusal: string | null,
): void {
  if (refusal === null) return;
  const { at } = table.definition.columns.find(d => d.name.name === c.name)!.name;
  throw sqlInvalid(
    at,
    `Invalid data type for metadata column '${c.name}' of table '${fullName(table)}'. The column cannot be ` +
      `declared as '${flinkType(c.type)}' because the type must be castable ${direction} metadata type ` +
      `'${flinkType(key)}'.`,
  );
}
