import { MillraceError } from '../core/errors.ts';
import { AVRO_OPTIONS } from './avro/schema.ts';
import { CSV_OPTIONS } from './csv/options.ts';
import { RAW_OPTIONS } from './raw/raw.ts';
import type { TimestampStandard } from './text/timestamp.ts';

/** Formats whose records are JSON. */
export type JsonFormat = 'json' | 'debezium-json';
export type FormatName = JsonFormat | 'avro' | 'csv' | 'raw';

/** Every format. */
export const FORMAT_NAMES: readonly FormatName[] = ['avro', 'csv', 'debezium-json', 'json', 'raw'];

export const isFormat = (name: string): name is FormatName =>
  (FORMAT_NAMES as readonly string[]).includes(name);

/** What Flink's `json.*` and `debezium-json.*` options say. */
export interface JsonOptions {
  /** A column that the record lacks is an error, not null. */
  readonly failOnMissingField: boolean;
  /** A field that can't be converted becomes null; a record that can't be parsed is skipped, not rejected. */
  readonly ignoreParseErrors: boolean;
  readonly timestampStandard: TimestampStandard;
  readonly mapNullKeyMode: 'FAIL' | 'DROP' | 'LITERAL';
  readonly mapNullKeyLiteral: string;
  /** Leave out null fields when writing. */
  readonly ignoreNullFields: boolean;
}

type Reader = (value: string, name: string) => Partial<JsonOptions>;

const READERS: Readonly<Record<string, Reader>> = {
  'fail-on-missing-field': (v, n) => ({ failOnMissingField: booleanOf(v, n) }),
  'ignore-parse-errors': (v, n) => ({ ignoreParseErrors: booleanOf(v, n) }),
  'timestamp-format.standard': (v, n) => ({ timestampStandard: oneOf(v, n, ['SQL', 'ISO-8601']) }),
  'map-null-key.mode': (v, n) => ({ mapNullKeyMode: oneOf(v, n, ['FAIL', 'DROP', 'LITERAL']) }),
  'map-null-key.literal': v => ({ mapNullKeyLiteral: v }),
  'encode.ignore-null-fields': (v, n) => ({ ignoreNullFields: booleanOf(v, n) }),
  // Decimals are always written plain; the option is accepted because statements carry it.
  'encode.decimal-as-plain-number': acceptBoolean,
  'decode.json-parser.enabled': acceptBoolean,
  'schema-include': (v, n) => refuseSchema(booleanOf(v, n), n),
};

const JSON_ONLY = ['fail-on-missing-field', 'decode.json-parser.enabled'];
const DEBEZIUM_ONLY = ['schema-include'];

/** The option names of a format, without its prefix, sorted. */
export function formatOptionNames(format: FormatName): readonly string[] {
  if (format === 'avro') return AVRO_OPTIONS;
  if (format === 'csv') return CSV_OPTIONS;
  if (format === 'raw') return RAW_OPTIONS;
  const others = format === 'json' ? DEBEZIUM_ONLY : JSON_ONLY;
  return Object.keys(READERS)
    .filter(name => !others.includes(name))
    .sort();
}

export const JSON_DEFAULTS: JsonOptions = {
  failOnMissingField: false,
  ignoreParseErrors: false,
  timestampStandard: 'SQL',
  mapNullKeyMode: 'FAIL',
  mapNullKeyLiteral: 'null',
  ignoreNullFields: false,
};

/** Read a format's options, given without prefix. Unknown names and wrong values are CONFIG_INVALID. */
export function jsonOptions(format: JsonFormat, given: Readonly<Record<string, string>>): JsonOptions {
  const names = formatOptionNames(format);
  let options: JsonOptions = JSON_DEFAULTS;
  for (const [name, value] of Object.entries(given)) {
    const full = `${format}.${name}`;
    if (!names.includes(name)) {
      throw new MillraceError(
        'CONFIG_INVALID',
        `unknown option '${full}'; ${format} has: ${names.join(', ')}`,
      );
    }
    options = { ...options, ...READERS[name]!(value, full) };
  }
  if (options.failOnMissingField && options.ignoreParseErrors) {
    const message = "json.fail-on-missing-field and json.ignore-parse-errors shouldn't both be true.";
    throw new MillraceError('CONFIG_INVALID', message);
  }
  return options;
}

function booleanOf(value: string, name: string): boolean {
  return oneOf(value.toLowerCase(), name, ['true', 'false']) === 'true';
}

function oneOf<T extends string>(value: string, name: string, allowed: readonly T[]): T {
  const found = allowed.find(a => a === value);
  if (found !== undefined) return found;
  throw new MillraceError(
    'CONFIG_INVALID',
    `option '${name}' is '${value}'; expected ${allowed.join(' or ')}`,
  );
}

function acceptBoolean(value: string, name: string): Partial<JsonOptions> {
  booleanOf(value, name);
  return {};
}

function refuseSchema(include: boolean, name: string): Partial<JsonOptions> {
  if (!include) return {};
  const message = `option '${name}' = 'true' is not supported yet: set schemas.enable=false in the connector`;
  throw new MillraceError('SQL_UNSUPPORTED', message);
}
