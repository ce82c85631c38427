import { MillraceError } from '../../core/mod.ts';
import { type FormatName, formatOptionNames } from '../../formats/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';

/** Where reading begins or ends, by partition. */
export type OffsetSpec =
  | { readonly kind: 'earliest' | 'latest' | 'unbounded' }
  | { readonly kind: 'timestamp'; readonly millis: number }
  | { readonly kind: 'specific'; readonly offsets: ReadonlyMap<number, number> };

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
  readonly startup: OffsetSpec;
  readonly bounded: OffsetSpec;
  readonly delivery: 'exactly-once' | 'at-least-once';
}

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
/** Servers that mean our own log: what statements written for a local Kafka carry. */
const OWN_SERVERS = /^(localhost|127\.0\.0\.1|\[::1\]|kafka|broker)(:\d+)?$/;

type Given = Readonly<Record<string, string>>;

/** Read and check the options of a table; everything unknown or wrong is refused in Flink's words. */
export function kafkaOptions(table: TableDeclaration): KafkaOptions {
  const given = table.options;
  const connector = given['connector'] ?? 'kafka';
  const isUpsert = connector === 'upsert-kafka';
  const required = isUpsert ? ['topic', 'key.format', 'value.format'] : ['topic'];
  refuseMissing(required.filter(name => given[name] === undefined));
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
  return {
    topic: given['topic']!,
    isUpsert,
    value,
    key,
    keyFields,
    startup: isUpsert ? { kind: 'earliest' } : startupOf(given),
    bounded: boundedOf(given),
    delivery: deliveryOf(given),
  };
}

const invalid = (message: string): MillraceError => new MillraceError('SQL_INVALID', message);

function refuseMissing(names: readonly string[]): void {
  if (names.length === 0) return;
  throw invalid(
    `One or more required options are missing.\n\nMissing required options are:\n\n${names.join('\n')}`,
  );
}

function refuseUnknown(connector: string, given: Given, known: readonly string[]): void {
  const formats = (['format', 'key.format', 'value.format'] as const).flatMap(name => {
    const choice = formatOf(given, name);
    return choice === null
      ? []
      : formatOptionNames(choice.format).map(o => `${prefixOf(name)}${choice.format}.${o}`);
  });
  const supported = [...known, ...formats].sort();
  const unknown = Object.keys(given).filter(
    name => !supported.includes(name) && !name.startsWith('properties.'),
  );
  if (unknown.length === 0) return;
  throw invalid(
    `Unsupported options found for '${connector}'.\n\nUnsupported options:\n\n${unknown.sort().join('\n')}` +
      `\n\nSupported options:\n\n${supported.join('\n')}`,
  );
}

/** Things Kafka's connector has and ours has not yet, each refused by its name. */
function refuseUnsupported(given: Given): void {
  const servers = given['properties.bootstrap.servers'];
  const refused = [
    servers !== undefined && !servers.split(',').every(s => OWN_SERVERS.test(s.trim()))
      ? `'properties.bootstrap.servers' = '${servers}': leave it out to use the platform's own log`
      : null,
    (given['topic'] ?? '').includes(';') ? "a list of topics in 'topic'" : null,
    given['scan.startup.mode'] === 'group-offsets' || given['scan.bounded.mode'] === 'group-offsets'
      ? "'group-offsets': positions are kept in the job's checkpoints; use earliest-offset or latest-offset"
      : null,
    (given['value.fields-include'] ?? 'ALL') === 'ALL' ? null : "'value.fields-include' = 'EXCEPT_KEY'",
    (given['key.fields-prefix'] ?? '') === '' ? null : "'key.fields-prefix'",
  ].filter(reason => reason !== null);
  if (refused.length > 0)
    throw new MillraceError('SQL_UNSUPPORTED', `not supported yet: ${refused.join(', ')}`);
}

const prefixOf = (name: string): string => (name === 'format' ? '' : name.slice(0, -'format'.length));

function formatOf(given: Given, name: 'format' | 'key.format' | 'value.format'): FormatChoice | null {
  const format = given[name];
  if (format === undefined) return null;
  if (format !== 'json' && format !== 'debezium-json') {
    throw invalid(
      `Could not find any format factory for identifier '${format}': there are debezium-json and json.`,
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
  if (value.format !== 'json') {
    throw invalid(`'upsert-kafka' connector doesn't support '${value.format}' as value format.`);
  }
}

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
  if (key !== null && key.format !== 'json')
    throw invalid("'key.format' must be an insert-only format: json.");
  for (const name of keyFields) {
    if (table.physicalSchema.fields.some(f => f.name === name)) continue;
    throw invalid(`Could not find the field '${name}' in the table schema for usage in the key format.`);
  }
}

function startupOf(given: Given): OffsetSpec {
  const mode = given['scan.startup.mode'] ?? 'earliest-offset';
  if (mode === 'earliest-offset') return { kind: 'earliest' };
  if (mode === 'latest-offset') return { kind: 'latest' };
  return timedOrSpecific(given, 'scan.startup', mode);
}

function boundedOf(given: Given): OffsetSpec {
  const mode = given['scan.bounded.mode'] ?? 'unbounded';
  if (mode === 'unbounded') return { kind: 'unbounded' };
  if (mode === 'latest-offset') return { kind: 'latest' };
  return timedOrSpecific(given, 'scan.bounded', mode);
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
  throw invalid(
    `Could not parse value '${guarantee}' for key 'sink.delivery-guarantee': exactly-once or at-least-once.`,
  );
}
