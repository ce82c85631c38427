import { MillraceError } from '../../core/mod.ts';
import { DEFAULTS, HONOURED, type Honoured, IGNORED, PASSED_BY_WORKER } from './config-options.ts';

/** A capture's settings, read from the JSON that Debezium's users write. */
export interface CaptureConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Never printed. */
  readonly password: string;
  readonly database: string;
  readonly ssl: boolean | { readonly rejectUnauthorized: boolean };
  readonly prefix: string;
  readonly slot: string;
  readonly dropSlotOnStop: boolean;
  readonly publication: string;
  readonly publicationMode: 'filtered' | 'all_tables' | 'disabled';
  /** In the order they are read at first; empty: every table. */
  readonly include: readonly RegExp[];
  readonly exclude: readonly RegExp[];
  readonly snapshotMode: 'initial' | 'always' | 'never';
  readonly tombstones: boolean;
  readonly decimals: 'precise' | 'string' | 'double';
  readonly times: 'adaptive' | 'adaptive_time_microseconds' | 'connect';
  /** Of `c`, `u`, `d`, `t`. */
  readonly skipped: ReadonlySet<string>;
  readonly transactionMetadata: boolean;
  /** 0: none. */
  readonly heartbeatIntervalMs: number;
  readonly statusIntervalMs: number;
  readonly unavailable: string;
  readonly topicPartitions: number;
  /** Replica identities to set before the first read: table pattern and FULL, DEFAULT or NOTHING. */
  readonly replicaIdentities: readonly { readonly table: RegExp; readonly identity: string }[];
}

type Options = ReadonlyMap<string, string>;

/**
 * Read a connector config. CONFIG_INVALID names the option that is unknown, missing or has a value that
 * capture does
 * not honour; nothing is ignored in silence except what belongs to a Connect worker
 * (`docs/reference/capture.md`).
 */
export function readConfig(name: string, json: Readonly<Record<string, unknown>>): CaptureConfig {
  const options = new Map(Object.entries(json).map(([key, value]) => [key, String(value ?? '')]));
  for (const key of options.keys()) refuseUnknown(name, key);
  for (const [option, { values, why }] of Object.entries(HONOURED))
    refuseValue(name, options, option, values, why);
  const read = reader(name, options);
  return {
    host: read.text('database.hostname'),
    port: read.wholeNumber('database.port', 1),
    user: read.text('database.user'),
    password: options.get('database.password') ?? '',
    database: read.text('database.dbname'),
    ssl: sslOf(read.text('database.sslmode')),
    prefix: read.text('topic.prefix'),
    slot: slotName(name, read.text('slot.name')),
    dropSlotOnStop: read.text('slot.drop.on.stop') === 'true',
    publication: read.text('publication.name'),
    publicationMode: read.text('publication.autocreate.mode') as CaptureConfig['publicationMode'],
    include: patterns(name, options, 'table.include.list'),
    exclude: patterns(name, options, 'table.exclude.list'),
    snapshotMode: snapshotMode(read.text('snapshot.mode')),
    tombstones: read.text('tombstones.on.delete') === 'true',
    decimals: read.text('decimal.handling.mode') as CaptureConfig['decimals'],
    times: read.text('time.precision.mode') as CaptureConfig['times'],
    skipped: skippedOperations(name, read.text('skipped.operations')),
    transactionMetadata: read.text('provide.transaction.metadata') === 'true',
    heartbeatIntervalMs: read.wholeNumber('heartbeat.interval.ms', 0),
    statusIntervalMs: read.wholeNumber('status.update.interval.ms', 1),
    unavailable: read.text('unavailable.value.placeholder'),
    topicPartitions: read.wholeNumber('topic.creation.default.partitions', 1),
    replicaIdentities: replicaIdentities(name, options.get('replica.identity.autoset.values') ?? ''),
  };
}

function reader(name: string, options: Options) {
  const text = (option: string): string => {
    const value = options.get(option) ?? DEFAULTS[option];
    if (value === undefined || value === '') throw invalid(name, `needs ${option}`);
    return value;
  };
  const wholeNumber = (option: string, min: number): number => {
    const value = text(option);
    if (/^\d{1,9}$/.test(value) && Number(value) >= min) return Number(value);
    throw invalid(name, `${option} is ${JSON.stringify(value)}; expected a whole number from ${min}`);
  };
  return { text, wholeNumber };
}

function refuseUnknown(name: string, option: string): void {
  if (option in DEFAULTS || option in HONOURED || IGNORED.has(option) || PASSED_BY_WORKER.test(option))
    return;
  throw invalid(name, `has the unknown option ${option}; docs/reference/capture.md lists what is honoured`);
}

function refuseValue(
  name: string,
  options: Options,
  option: string,
  values: Honoured['values'],
  why: string,
): void {
  const value = options.get(option);
  if (value === undefined || values.includes(value)) return;
  throw invalid(name, `${option}=${value} is not honoured; expected ${values.join(' or ')}${why}`);
}

function snapshotMode(value: string): CaptureConfig['snapshotMode'] {
  if (value === 'no_data') return 'never';
  return value as CaptureConfig['snapshotMode'];
}

function sslOf(mode: string): CaptureConfig['ssl'] {
  if (mode === 'disable' || mode === 'prefer' || mode === 'allow') return false;
  return mode === 'require' ? { rejectUnauthorized: false } : true;
}

function slotName(name: string, slot: string): string {
  if (/^[a-z0-9_]{1,63}$/.test(slot)) return slot;
  throw invalid(
    name,
    `slot.name is ${JSON.stringify(slot)}; expected lower-case letters, digits and underscores`,
  );
}

/** Patterns match the whole of `schema.table`, without regard to case. */
function patterns(name: string, options: Options, option: string): readonly RegExp[] {
  return (options.get(option) ?? '')
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => pattern(name, option, part));
}

function pattern(name: string, option: string, text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`, 'i');
  } catch (cause) {
    throw invalid(name, `${option} holds ${text}, which is no regular expression`, cause);
  }
}

function skippedOperations(name: string, text: string): ReadonlySet<string> {
  if (text === 'none') return new Set();
  const operations = text.split(',').map(part => part.trim());
  const wrong = operations.find(operation => !/^[cudt]$/.test(operation));
  if (wrong === undefined) return new Set(operations);
  throw invalid(name, `skipped.operations names ${wrong}; expected none or a list of c, u, d, t`);
}

function replicaIdentities(name: string, text: string): CaptureConfig['replicaIdentities'] {
  const option = 'replica.identity.autoset.values';
  return text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => {
      const [, table, identity] = /^(.+):\s*(FULL|DEFAULT|NOTHING)$/i.exec(part) ?? [];
      if (table !== undefined && identity !== undefined) {
        return { table: pattern(name, option, table.trim()), identity: identity.toUpperCase() };
      }
      throw invalid(name, `${option} holds ${part}; expected TABLE:FULL, TABLE:DEFAULT or TABLE:NOTHING`);
    });
}

function invalid(name: string, what: string, cause?: unknown): MillraceError {
  return new MillraceError('CONFIG_INVALID', `connector ${name} ${what}`, { cause });
}
