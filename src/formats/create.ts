import type { Schema } from '../core/types.ts';
import { avroReader } from './avro/reader.ts';
import { avroOptions } from './avro/schema.ts';
import { csvOptions } from './csv/options.ts';
import { CsvReader } from './csv/reader.ts';
import type { Decoder } from './decoder.ts';
import { DebeziumDecoder } from './json/debezium-decoder.ts';
import { JsonDecoder } from './json/json-decoder.ts';
import { type FormatName, jsonOptions } from './options.ts';
import { rawReader } from './raw/raw.ts';
import { RecordDecoder } from './record-decoder.ts';

/**
 * A decoder for records of `schema` that yields the columns `projection` (indices, in the order wanted;
 * null = all). `options` are the format's, without its prefix.
 */
export function createDecoder(
  format: FormatName,
  schema: Schema,
  projection: readonly number[] | null,
  options: Readonly<Record<string, string>> = {},
): Decoder {
  if (format === 'csv') {
    const csv = csvOptions(options);
    return new RecordDecoder(
      projected(schema, projection),
      new CsvReader(schema, projection, csv),
      csv.ignoreParseErrors,
    );
  }
  if (format === 'avro') {
    const reader = avroReader(schema, projection, avroOptions(options));
    return new RecordDecoder(projected(schema, projection), reader, false);
  }
  if (format === 'raw') {
    return new RecordDecoder(projected(schema, projection), rawReader(schema, projection, options), false);
  }
  const { fields } = projected(schema, projection);
  const parsed = jsonOptions(format, options);
  return format === 'json' ? new JsonDecoder({ fields }, parsed) : new DebeziumDecoder({ fields }, parsed);
}

const projected = (schema: Schema, projection: readonly number[] | null): Schema =>
  projection === null ? schema : { fields: projection.map(i => schema.fields[i]!) };
