import { MillraceError } from '../../core/errors.ts';
import { type DataType, printType, type Schema } from '../../core/types.ts';
import { booleanOption, type OptionReaders, oneOfOption, readOptions } from '../option-values.ts';

/** A schema as Avro's specification writes it, in JSON. */
export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | { readonly [key: string]: AvroSchema | number | null | readonly unknown[] };

export interface AvroOptions {
  /** TIMESTAMP is Avro's timestamp, as it was before Flink 1.19; TIMESTAMP_LTZ is refused. */
  readonly legacyTimestamps: boolean;
}

const READERS: OptionReaders<AvroOptions> = {
  'timestamp_mapping.legacy': (v, n) => ({ legacyTimestamps: booleanOption(v, n) }),
  encoding: (v, n) => {
    if (oneOfOption(v, n, ['binary', 'json']) === 'binary') return {};
    throw new MillraceError('SQL_UNSUPPORTED', `option '${n}' = 'json' is not supported yet`);
  },
};

/** The names of the options, without the prefix `avro.`. */
export const AVRO_OPTIONS: readonly string[] = Object.keys(READERS).sort();

/** Read the format's options, given without prefix. */
export function avroOptions(given: Readonly<Record<string, string>>): AvroOptions {
  return readOptions('avro', READERS, given, { legacyTimestamps: true });
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'int',
  SMALLINT: 'int',
  INT: 'int',
  BIGINT: 'long',
  FLOAT: 'float',
  DOUBLE: 'double',
  CHAR: 'string',
  VARCHAR: 'string',
  BINARY: 'bytes',
  VARBINARY: 'bytes',
};

/** The schema that Flink derives from a table's columns; types it has none for are refused in its words. */
export function avroSchema(schema: Schema, options: AvroOptions): AvroSchema {
  const record = recordSchema(schema, 'record', options);
  return { ...record, namespace: 'org.apache.flink.avro.generated' };
}

function recordSchema(schema: Schema, name: string, options: AvroOptions) {
  const fields = schema.fields.map(field => {
    checkName(field.name);
    const type = schemaOf(field.type, `${name}_${field.name}`, options);
    return field.type.nullable ? { name: field.name, type, default: null } : { name: field.name, type };
  });
  return { type: 'record', name, fields };
}

function checkName(name: string): void {
  const bad = /[^\p{L}_]/u.exec(name.slice(0, 1)) ?? /[^\p{L}\p{Nd}_]/u.exec(name);
  if (bad !== null) throw new MillraceError('SQL_INVALID', `Illegal character in: ${name}`);
}

function schemaOf(type: DataType, name: string, options: AvroOptions): AvroSchema {
  const bare = bareSchema(type, name, options);
  return type.nullable ? ['null', bare] : bare;
}

function bareSchema(type: DataType, name: string, options: AvroOptions): AvroSchema {
  switch (type.kind) {
    case 'DECIMAL':
      return { type: 'bytes', logicalType: 'decimal', precision: type.precision, scale: type.scale };
    case 'DATE':
      return { type: 'int', logicalType: 'date' };
    case 'TIME':
      checkPrecision('TIME', type.precision, 3);
      return { type: 'int', logicalType: 'time-millis' };
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestampSchema(type, type.precision, options);
    case 'ARRAY':
      return { type: 'array', items: schemaOf(type.element, name, options) };
    case 'MAP':
      return { type: 'map', values: schemaOf(itemOf(type.key, type.value), name, options) };
    case 'MULTISET':
      return { type: 'map', values: schemaOf(itemOf(type.element, COUNT), name, options) };
    case 'ROW':
      return recordSchema({ fields: type.fields }, name, options);
    default: {
      const primitive = PRIMITIVES[type.kind];
      if (primitive === undefined) throw underivable(type);
      return primitive;
    }
  }
}

const COUNT: DataType = { kind: 'INT', nullable: false };

function itemOf(key: DataType, value: DataType): DataType {
  if (key.kind === 'CHAR' || key.kind === 'VARCHAR') return value;
  throw new MillraceError(
    'SQL_INVALID',
    `Avro format doesn't support non-string as key type of map. The key type is: ${printType(key)}`,
  );
}

function timestampSchema(type: DataType, precision: number, { legacyTimestamps }: AvroOptions): AvroSchema {
  const isLocal = type.kind === 'TIMESTAMP';
  if (legacyTimestamps) {
    if (!isLocal) throw underivable(type);
    checkPrecision('TIMESTAMP', precision, 3);
    return { type: 'long', logicalType: 'timestamp-millis' };
  }
  checkPrecision(isLocal ? 'LOCAL TIMESTAMP' : 'TIMESTAMP', precision, 6);
  const unit = precision <= 3 ? 'millis' : 'micros';
  return { type: 'long', logicalType: `${isLocal ? 'local-' : ''}timestamp-${unit}` };
}

function checkPrecision(what: string, precision: number, max: number): void {
  if (precision <= max) return;
  throw new MillraceError(
    'SQL_INVALID',
    `Avro does not support ${what} type with precision: ${precision}, it only supports precision less than ${max}.`,
  );
}

const underivable = (type: DataType): MillraceError =>
  new MillraceError('SQL_INVALID', `Unsupported to derive Schema for type: ${printType(type)}`);
