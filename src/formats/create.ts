import type { Schema } from '../core/types.ts';
import type { Decoder } from './decoder.ts';
import { DebeziumDecoder } from './json/debezium-decoder.ts';
import { JsonDecoder } from './json/json-decoder.ts';
import { type FormatName, jsonOptions } from './options.ts';

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
  const fields = projection === null ? schema.fields : projection.map(i => schema.fields[i]!);
  const parsed = jsonOptions(format, options);
  return format === 'json' ? new JsonDecoder({ fields }, parsed) : new DebeziumDecoder({ fields }, parsed);
}
