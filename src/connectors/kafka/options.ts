import { MillraceError } from '../../core/mod.ts';
import { FORMAT_NAMES, type FormatName, formatOptionNames, isFormat } from '../../formats/mod.ts';
import { refuseMissingOptions, refuseUnknownOptions, type TableDeclaration } from '../../plan/mod.ts';
import { clusterOf } from './cluster-of.ts';
import { unknownProperties } from './properties.ts';

/** Where reading begins or ends, by partition. */
export type OffsetSpec =
  | { readonly kind: 'earliest' | 'latest' | 'unbounded' }
  | { readonly kind: 'timestamp'; readonly millis: number }
  | { readonly kind: 'specific'; readonly offsets: ReadonlyMap<number, number> }
  /** Where the group stands; `reset` says where to begin in partitions in which it never committed. */
  | { readonly kind: 'group'; readonly group: string; readonly reset: OffsetReset };

/** `properties.auto.offset.reset` */
export type OffsetReset = 'earliest' | 'latest' | 'none';

export interface FormatChoice {
  readonly format: FormatName;
  /** The format's options without prefix. */
  readonly options: Readonly<Record<string, string>>;
}

/** What the WITH clause of a `kafka` or `upsert-kafka` table says. */
export interface KafkaOptions {
  readonly topic: string;
  readonly isUpsert: boolean;
  readonly value: FormatChoice;
  readonly key: FormatChoice | null;
  /** Names of the columns that make the record's key. */
  readonly keyFields: readonly string[];
  /** What those names begin with in the table and not in the key. */
  readonly keyPrefix: string;
  /** The key's columns are not in the value. */
  readonly isKeyApart: boolean;
  readonly partitioner: Partitioner;
  readonly startup: OffsetSpec;
  readonly bounded: OffsetSpec;
  readonly delivery: 'exactly-once' | 'at-least-once';
  /** The consumer group that is told at every checkpoint how far the table was read; null for none. */
  readonly commitGroup: string | null;
}

/** Where a record goes: by its key, all to one partition, or to each in turn. */
export type Partitioner = 'default' | 'fixed' | 'round-robin';

const COMMON = [
  'connector',
  'topic',
  'properties.bootstrap.servers',
  'properties.group.id',
  'sink.parallelism',
];
const BOTH = ['key.format', 'key.fields-prefix', 'value.format', 'value.fields-include'];
const SINK = ['sink.delivery-guarantee', 'sink.transactional-id-prefix'];
const SCAN = [
  'scan.startup.mode',
  'scan.startup.timestamp-millis',
  'scan.startup.specific-offsets',
  'scan.topic-partition-discovery.interval',
];
const BOUNDED = ['scan.bounded.mode', 'scan.bounded.timestamp-millis', 'scan.bounded.specific-offsets'];
const KAFKA = [...COMMON, ...BOTH, ...SINK, ...SCAN, ...BOUNDED, 'format', 'key.fields', 'sink.partitioner'];
const UPSERT = [
  ...COMMON,
  ...BOTH,
  ...SINK,
  ...BOUNDED,
  'sink.buffer-flush.max-rows',
  'sink.buffer-flush.interval',
];
type Given = Readonly<Record<string, string>>;

/** Read and check the options of a table; everything unknown or wrong is refused in Flink's words. */
export function kafkaOptions(table: TableDeclaration): KafkaOptions {
  const given = table.options;
  const connector = given['connector'] ?? 'kafka';
  const isUpsert = connector === 'upsert-kafka';
  const required = isUpsert ? ['topic', 'key.format', 'value.format'] : ['topic'];
  refuseMissingOptions(given, required);
  const value = formatOf(given, given['value.format'] === undefined ? 'format' : 'value.format');
  if (value === null) throw invalid("Could not find required format 'value.format' or 'format'.");
  const key = formatOf(given, 'key.format');
  refuseUnknown(connector, given, isUpsert ? UPSERT : KAFKA);
  refuseUnsupported(given);
  const keyFields = isUpsert
    ? table.primaryKey.map(i => table.physicalSchema.fields[i]!.name)
    : (given['key.fields'] ?? '').split(';').filter(name => name !== '');
  if (isUpsert) checkUpsert(table, value);
  checkKey(table, key, keyFields);
  checkPrefix(given, keyFields);
  return {
    topic: given['topic']!,
    isUpsert,
    value,
    key,
    keyFields,
    keyPrefix: given['key.fields-prefix'] ?? '',
    isKeyApart: isKeyApart(given),
    partitioner: partitionerOf(given),
    startup: isUpsert ? { kind: 'earliest' } : startupOf(given),
    bounded: boundedOf(given),
    delivery: deliveryOf(given),
    commitGroup: commitGroupOf(given),
  };
}

const invalid = (message: string): MillraceError => new MillraceError('SQL_INVALID', message);

function refuseUnknown(connector: string, given: Given, known: readonly string[]): void {
  const formats = (['format', 'key.format', 'value.format'] as const).flatMap(name => {
    const choice = formatOf(given, name);
    return choice === null
      ? []
      : formatOptionNames(choice.format).map(o => `${prefixOf(name)}${choice.format}.${o}`);
  });
  const plain = Object.entries(given).filter(([name]) => !name.startsWith('properties.'));
  refuseUnknownOptions(connector, Object.fromEntries(plain), [...known, ...formats]);
}

/** Things Kafka's connector has and ours has not yet, each refused by its name. */
function refuseUnsupported(given: Given): void {
  const isForeign = clusterOf(given) !== null;
  const refused = [
    (given['topic'] ?? '').includes(';') ? "a list of topics in 'topic'" : null,
    ...unknownProperties(given, isForeign).map(name => `'${name}'`),
    CUSTOM_PARTITIONER.test(given['sink.partitioner'] ?? '')
      ? `'sink.partitioner' = '${given['sink.partitioner']}'`
      : null,
  ].filter(reason => reason !== null);
  if (refused.length > 0)
    throw new MillraceError('SQL_UNSUPPORTED', `not supported yet: ${refused.join(', ')}`);
}

const prefixOf = (name: string): string => (name === 'format' ? '' : name.slice(0, -'format'.length));

function formatOf(given: Given, name: 'format' | 'key.format' | 'value.format'): FormatChoice | null {
  const format = given[name];
  if (format === undefined) return null;
  if (!isFormat(format)) {
    throw invalid(
      `Could not find any format factory for identifier '${format}': there are ${FORMAT_NAMES.join(', ')}.`,
    );
  }
  const prefix = `${prefixOf(name)}${format}.`;
  const own = Object.entries(given).filter(([option]) => option.startsWith(prefix));
  return {
    format,
    options: Object.fromEntries(own.map(([option, value]) => [option.slice(prefix.length), value])),
  };
}

function checkUpsert(table: TableDeclaration, value: FormatChoice): void {
  if (table.primaryKey.length === 0) {
    throw invalid(
      "'upsert-kafka' tables require to define a PRIMARY KEY constraint. The PRIMARY KEY specifies which columns " +
        'should be read from or write to the Kafka message key.',
    );
  }
  if (value.format === 'debezium-json') throw notInsertOnly(value.format, 'value');
}

const notInsertOnly = (format: string, role: string): MillraceError =>
  invalid(
    `'upsert-kafka' connector doesn't support '${format}' as ${role} format, because '${format}' is not in ` +
      'insert-only mode.',
  );

function checkKey(table: TableDeclaration, key: FormatChoice | null, keyFields: readonly string[]): void {
  if (key === null && keyFields.length > 0) {
    throw invalid(
      "The option 'key.fields' can only be declared if a key format is defined using 'key.format'.",
    );
  }
  if (key !== null && keyFields.length === 0) {
    throw invalid(
      "A key format 'key.format' requires the declaration of one or more of key fields using 'key.fields'.",
    );
  }
  if (key?.format === 'debezium-json') throw notInsertOnly(key.format, 'key');
  for (const name of keyFields) {
    if (table.physicalSchema.fields.some(f => f.name === name)) continue;
    throw invalid(`Could not find the field '${name}' in the table schema for usage in the key format.`);
  }
}

/** A prefix makes sense only where the key's fields are in the key alone; in Flink's words. */
function checkPrefix(given: Given, keyFields: readonly string[]): void {
  const prefix = given['key.fields-prefix'] ?? '';
  if (prefix === '') return;
  if (!isKeyApart(given)) {
    throw invalid(
      "A key prefix is not allowed when option 'value.fields-include' is set to 'ALL'. Set it to 'EXCEPT_KEY' " +
        'instead to avoid field overlaps.',
    );
  }
  const bare = keyFields.find(name => !name.startsWith(prefix));
  if (bare === undefined) return;
  throw invalid(
    `All fields in 'key.fields' must be prefixed with '${prefix}' when option 'key.fields-prefix' is set but field ` +
      `'${bare}' is not prefixed.`,
  );
}

function isKeyApart(given: Given): boolean {
  const include = given['value.fields-include'] ?? 'ALL';
  if (include === 'ALL' || include === 'EXCEPT_KEY') return include === 'EXCEPT_KEY';
  throw invalid(
    `Could not parse value '${include}' for key 'value.fields-include': expected ALL or EXCEPT_KEY.`,
  );
}

/** A class of the user's, which we cannot run. */
const CUSTOM_PARTITIONER = /[.$]/;

function partitionerOf(given: Given): Partitioner {
  const name = given['sink.partitioner'] ?? 'default';
  if (name === 'round-robin' && given['key.fields'] !== undefined) {
    throw invalid(
      "Currently 'round-robin' partitioner only works when option 'key.fields' is not specified.",
    );
  }
  if (name === 'default' || name === 'fixed' || name === 'round-robin') return name;
  throw invalid(`Could not parse value '${name}' for key 'sink.partitioner': default, fixed or round-robin.`);
}

function startupOf(given: Given): OffsetSpec {
  const mode = given['scan.startup.mode'] ?? 'earliest-offset';
  if (mode === 'earliest-offset') return { kind: 'earliest' };
  if (mode === 'latest-offset') return { kind: 'latest' };
  if (mode === 'group-offsets') return groupOffsets(given, resetOf(given));
  return timedOrSpecific(given, 'scan.startup', mode);
}

function boundedOf(given: Given): OffsetSpec {
  const mode = given['scan.bounded.mode'] ?? 'unbounded';
  if (mode === 'unbounded') return { kind: 'unbounded' };
  if (mode === 'latest-offset') return { kind: 'latest' };
  if (mode === 'group-offsets') return groupOffsets(given, 'none');
  return timedOrSpecific(given, 'scan.bounded', mode);
}

function groupOffsets(given: Given, reset: OffsetReset): OffsetSpec {
  const group = given['properties.group.id'];
  if (group !== undefined && group !== '') return { kind: 'group', group, reset };
  throw invalid("'properties.group.id' is required in 'group-offsets' mode but missing.");
}

function resetOf(given: Given): OffsetReset {
  const name = 'properties.auto.offset.reset';
  const reset = given[name] ?? 'none';
  if (reset === 'earliest' || reset === 'latest' || reset === 'none') return reset;
  throw invalid(`${name} can not be set to ${reset}. Valid values: [latest,earliest,none]`);
}

/** As in Flink: a table with a group commits to it unless it is told not to. */
function commitGroupOf(given: Given): string | null {
  const group = given['properties.group.id'] ?? '';
  return group === '' || given['properties.commit.offsets.on.checkpoint'] === 'false' ? null : group;
}

function timedOrSpecific(given: Given, prefix: string, mode: string): OffsetSpec {
  const name = mode === 'timestamp' ? `${prefix}.timestamp-millis` : `${prefix}.specific-offsets`;
  if (mode !== 'timestamp' && mode !== 'specific-offsets') {
    throw invalid(`Invalid value for option '${prefix}.mode': '${mode}'.`);
  }
  const text = given[name];
  if (text === undefined) throw invalid(`'${name}' is required in '${mode}' mode but missing.`);
  if (mode === 'timestamp') return { kind: 'timestamp', millis: numberOf(name, text) };
  const offsets = text.split(';').map(part => {
    const m = /^partition:(\d+),offset:(\d+)$/.exec(part.trim());
    if (m !== null) return [Number(m[1]), Number(m[2])] as const;
    throw invalid(
      `Invalid properties '${name}' should follow the format 'partition:0,offset:42;partition:1,offset:300', ` +
        `but is '${text}'.`,
    );
  });
  return { kind: 'specific', offsets: new Map(offsets) };
}

function numberOf(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalid(`Could not parse value '${text}' for key '${name}'.`);
}

function deliveryOf(given: Given): 'exactly-once' | 'at-least-once' {
  const guarantee = given['sink.delivery-guarantee'] ?? 'exactly-once';
  if (guarantee === 'exactly-once' || guarantee === 'at-least-once') return guarantee;
  if (guarantee === 'none') return 'at-least-once';
  throw invalid(
    `Could not parse value '${guarantee}' for key 'sink.delivery-guarantee': exactly-once or at-least-once.`,
  );
}
