import type { ChangelogMode, TableDeclaration } from './physical.ts';

/** Formats that carry a whole changelog. */
const CHANGELOG_FORMATS: readonly string[] = ['debezium-json', 'canal-json', 'maxwell-json', 'ogg-json'];

/**
 * What a table's options say about the changes it gives and takes. The options themselves the connector
 * checks.
 */
const formatOf = (options: TableDeclaration['options']): string | undefined =>
  options['format'] ?? options['value.format'];

/** Which row kinds a table gives when read. */
export function sourceMode(options: TableDeclaration['options']): ChangelogMode {
  if (options['connector'] === 'upsert-kafka') return 'upsert';
  return CHANGELOG_FORMATS.includes(formatOf(options) ?? '') ? 'retract' : 'append';
}

/** Formats whose decoders read fields of rows by themselves. */
const FIELD_FORMATS: readonly string[] = ['json', 'debezium-json'];

/** Whether a scan can read `bid.price` without the rest of `bid`. */
export function readsFields(options: TableDeclaration['options']): boolean {
  return FIELD_FORMATS.includes(formatOf(options) ?? '');
}

/** Whether a table can be asked for the rows of a key. */
export function readsByKey(options: TableDeclaration['options']): boolean {
  return options['connector'] === 'jdbc';
}

/** Which row kinds a table takes: `upsert` needs its primary key. */
export function sinkMode(table: Pick<TableDeclaration, 'options' | 'primaryKey'>): ChangelogMode {
  switch (table.options['connector']) {
    case 'upsert-kafka':
    case 'jdbc':
    case 'documents':
    case 'search':
      return table.primaryKey.length > 0 ? 'upsert' : 'append';
    case 'blackhole':
      return 'upsert';
    case 'print':
      return 'retract';
    default:
      return CHANGELOG_FORMATS.includes(formatOf(table.options) ?? '') ? 'retract' : 'append';
  }
}
