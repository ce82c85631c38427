import type { DataType, Field, Schema } from '../../core/mod.ts';
import type { MetadataColumn, TableDeclaration } from '../../plan/mod.ts';
import type { KafkaOptions } from './options.ts';

/** Where an output column of a table comes from: which column of the value or the key, or which metadata. */
export type ColumnPlace =
  /** `keyIndex` is where a deletion has it, -1 where its key does not tell. */
  | { readonly kind: 'value'; readonly index: number; readonly keyIndex: number }
  | { readonly kind: 'key'; readonly index: number }
  | { readonly kind: 'metadata'; readonly column: MetadataColumn };

/** How the columns of a table lie in a record's value and key. */
export interface RecordLayout {
  /** The columns that are read, in order. */
  readonly schema: Schema;
  readonly places: readonly ColumnPlace[];
  /** Fields of the value and which of them are read. */
  readonly value: { readonly schema: Schema; readonly projection: readonly number[] };
  /** The same of the key. */
  readonly key: { readonly schema: Schema; readonly projection: readonly number[] };
  /** Values alone give the columns, in order: the quick way. */
  readonly isPlain: boolean;
}

/** The fields of the key, named as in the key, and those of the value. */
export function recordFields(
  table: TableDeclaration,
  options: KafkaOptions,
): { readonly key: readonly number[]; readonly value: readonly number[]; readonly keySchema: Schema } {
  const { fields } = table.physicalSchema;
  const key = options.keyFields.map(name => fields.findIndex(field => field.name === name));
  const value = [...fields.keys()].filter(i => !options.isKeyApart || !key.includes(i));
  const keyFields = key.map(
    (i): Field => ({ ...fields[i]!, name: fields[i]!.name.slice(options.keyPrefix.length) }),
  );
  return { key, value, keySchema: { fields: keyFields } };
}

/** The layout of the columns `projection`, which counts metadata behind the physical columns. */
export function recordLayout(
  table: TableDeclaration,
  projection: readonly number[],
  options: KafkaOptions,
): RecordLayout {
  const { fields } = table.physicalSchema;
  const { key, value, keySchema } = recordFields(table, options);
  const inKey = projection.filter(i => !value.includes(i) && key.includes(i));
  const inValue = projection.filter(i => value.includes(i));
  // A deletion has no value: its key tells all there is to know.
  const ofKey = options.isUpsert ? projection.filter(i => key.includes(i)) : inKey;
  const places = projection.map((i): ColumnPlace => {
    const metadata = i < fields.length ? undefined : table.metadata?.[i - fields.length];
    if (metadata !== undefined) return { kind: 'metadata', column: metadata };
    if (inValue.includes(i)) {
      return { kind: 'value', index: inValue.indexOf(i), keyIndex: ofKey.indexOf(i) };
    }
    return { kind: 'key', index: ofKey.indexOf(i) };
  });
  const bothJson = options.value.format === 'json' && options.key?.format === 'json';
  return {
    schema: { fields: projection.map(i => fields[i] ?? table.metadata![i - fields.length]!) },
    places,
    value: { schema: { fields: value.map(i => fields[i]!) }, projection: inValue.map(i => value.indexOf(i)) },
    key: { schema: keySchema, projection: ofKey.map(i => key.indexOf(i)) },
    isPlain:
      places.every(place => place.kind === 'value') &&
      (!options.isUpsert || (bothJson && !options.isKeyApart)),
  };
}

/** The type, NULL allowed. */
export const nullable = (type: DataType): DataType => ({ ...type, nullable: true }) as DataType;
