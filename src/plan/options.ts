import type { Position } from '../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';

interface OptionInfo {
  readonly help: string;
  /** What a value must look like; any text without it. */
  readonly pattern?: RegExp;
  /** Looks closer than a pattern can. */
  readonly isFine?: (value: string) => boolean;
  /** The words for what fits in an error message. */
  readonly expected?: string;
}

const DURATION =
  /^\d+\s*(?:ms|milli(?:s|second|seconds)?|s|sec(?:ond|onds)?|min(?:ute|utes)?|m|h|hours?|d|days?)?$/;
const duration = (help: string): OptionInfo => ({
  help,
  pattern: DURATION,
  expected: "a duration such as '5 s'",
});

function isZone(name: string): boolean {
  if (name === 'default' || /^(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?$/.test(name)) return true;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Options in force, by key. */
export type Options = Readonly<Record<string, string>>;

const oneOf = (help: string, ...words: readonly string[]): OptionInfo => ({
  help,
  pattern: new RegExp(`^(?:${words.join('|')})$`, 'i'),
  expected: words.map(word => `'${word}'`).join(' or '),
});

const TASKS = {
  pattern: /^(?:[1-9]|[1-9]\d|1[01]\d|12[0-8])$/,
  expected: 'a number from 1 to 128',
} as const;

const number = (help: string, pattern = /^[1-9]\d*$/, expected = 'a number from 1'): OptionInfo => ({
  ...{ help, pattern, expected },
});

const RESTART_OPTIONS: Readonly<Record<string, OptionInfo>> = {
  'restart-strategy.exponential-delay.attempts-before-reset-backoff': number('Failures before it gives up.'),
  'restart-strategy.exponential-delay.backoff-multiplier': number(
    'Factor from one delay to the next.',
    /^\d+(?:\.\d+)?$/,
    'a number',
  ),
  'restart-strategy.exponential-delay.initial-backoff': duration('Delay of the first restart.'),
  'restart-strategy.exponential-delay.jitter-factor': number(
    'Share of a delay that it may be longer or shorter by.',
    /^(?:0(?:\.\d+)?|1(?:\.0+)?)$/,
    'a number from 0 to 1',
  ),
  'restart-strategy.exponential-delay.max-backoff': duration('Longest delay.'),
  'restart-strategy.exponential-delay.reset-backoff-threshold': duration(
    'Running this long without a failure begins anew.',
  ),
  'restart-strategy.failure-rate.delay': duration('Delay of each restart.'),
  'restart-strategy.failure-rate.failure-rate-interval': duration(
    'The interval that failures are counted in.',
  ),
  'restart-strategy.failure-rate.max-failures-per-interval': number('Failures at which it gives up.'),
  'restart-strategy.fixed-delay.attempts': number('Restarts before it gives up.'),
  'restart-strategy.fixed-delay.delay': duration('Delay of each restart.'),
  'restart-strategy.type': oneOf(
    'What a failed job does. Left out: exponential-delay with short delays (50 ms, twice as long each time, 5 s).',
    ...['none', 'off', 'disable', 'fixed-delay', 'fixeddelay', 'failure-rate', 'failurerate'],
    ...['exponential-delay', 'exponentialdelay'],
  ),
};

/** The keys SET takes; every other key is refused. */
export const OPTIONS: Readonly<Record<string, OptionInfo>> = {
  'execution.checkpointing.interval': duration('Time between checkpoints.'),
  'execution.runtime-mode': { help: 'Only streaming.', pattern: /^streaming$/i, expected: "'streaming'" },
  'execution.savepoint.path': { help: 'As execution.state-recovery.path, which overrides it.' },
  'execution.state-recovery.path': {
    help: 'The savepoint that a job without a checkpoint of its own begins from.',
  },
  'parallelism.default': {
    help: 'Tasks of a job, each with its share of splits and keys.',
    ...TASKS,
  },
  'pipeline.name': { help: 'Name of the job.' },
  ...RESTART_OPTIONS,
  'table.exec.mini-batch.allow-latency': duration(
    'How long changes may wait for those of further rows. They wait only while the sources have rows at hand.',
  ),
  'table.exec.mini-batch.enabled': oneOf(
    'Whether aggregates, deduplication and top-n give the changes of many rows as one, not those of each row.',
    'true',
    'false',
  ),
  'table.exec.mini-batch.size': {
    help: 'Rows whose changes leave as one at most, in mini-batches.',
    pattern: /^[1-9]\d*$/,
    expected: 'a number from 1',
  },
  'table.exec.resource.default-parallelism': {
    help: 'As parallelism.default, which it overrides.',
    ...TASKS,
  },
  'table.exec.sink.not-null-enforcer': oneOf(
    'What NULL in a NOT NULL column of a sink does: fail the job, or leave the row out.',
    'ERROR',
    'DROP',
  ),
  'table.exec.sink.type-length-enforcer': oneOf(
    'Whether texts and binaries are cut and padded to the length of their column.',
    'IGNORE',
    'TRIM_PAD',
  ),
  'table.exec.sink.upsert-materialize': oneOf(
    "Whether changes are put in order by the sink's key: where needed, always, never.",
    'AUTO',
    'FORCE',
    'NONE',
  ),
  'table.exec.source.cdc-events-duplicate': oneOf(
    'Whether a source with a primary key may send a change twice.',
    'true',
    'false',
  ),
  'table.exec.state.ttl': duration(
    'Keys that are not written for this long, in processing time, are forgotten; 0, the default, for never.',
  ),
  'table.exec.source.idle-timeout': duration(
    'A source without rows for this long holds the watermark back no longer.',
  ),
  'table.optimizer.agg-phase-strategy': oneOf(
    'Has no effect: aggregates are computed in one phase, whose rows meet in one process.',
    'AUTO',
    'ONE_PHASE',
    'TWO_PHASE',
  ),
  'table.optimizer.distinct-agg.split.enabled': oneOf(
    'Has no effect: DISTINCT aggregates on one column share its values.',
    'true',
    'false',
  ),
  'table.local-time-zone': {
    help: 'Zone of TIMESTAMP_LTZ, UTC by default.',
    isFine: isZone,
    expected: "a time zone such as 'America/Los_Angeles', 'GMT+03:00' or 'UTC'",
  },
  'view.key': { help: 'Columns that identify a row of a live view, by commas.' },
  'view.name': { help: 'Name of a live view.', pattern: /^\w+$/, expected: 'letters, digits and _' },
  'view.retention': duration('Rows older than this leave a live view.'),
  'view.retention.column': { help: 'The time that view.retention goes by.' },
  'view.rows.max': {
    help: 'Rows a live view holds at most.',
    pattern: /^[1-9]\d*$/,
    expected: 'a number from 1',
  },
};

/** Keys that Flink knows; those not in the table have no effect here, so they are refused. */
const FLINK_KEYS =
  /^(?:table|sql-client|pipeline|execution|state|restart-strategy|parallelism|taskmanager|jobmanager)\./;

/** Refuses an unknown key and a value that does not fit. */
export function checkOption(key: string, value: string | null, at: Position): void {
  const info = Object.hasOwn(OPTIONS, key) ? OPTIONS[key]! : undefined;
  if (info === undefined && FLINK_KEYS.test(key)) throw sqlUnsupported(at, `the option '${key}'`);
  if (info === undefined) {
    throw sqlInvalid(
      at,
      `Unknown option '${key}'. Supported options are: ${Object.keys(OPTIONS).join(', ')}`,
    );
  }
  if (value !== null && (info.pattern?.test(value) === false || info.isFine?.(value) === false)) {
    throw sqlInvalid(at, `the option '${key}' expects ${info.expected}, found '${value}'`);
  }
}

const UNIT_MS: readonly (readonly [RegExp, number])[] = [
  [/^(?:|ms|milli.*)$/, 1],
  [/^s/, 1000],
  [/^m/, 60_000],
  [/^h/, 3_600_000],
  [/^d/, 86_400_000],
];

/** Whether a text is a length of time, such as `5 s`. */
export const isDuration = (text: string): boolean => DURATION.test(text);

/** A duration option in milliseconds; a bare number counts milliseconds, as in Flink. */
export function durationMs(text: string): number {
  const [, count = '0', unit = ''] = /^(\d+)\s*(\w*)$/.exec(text) ?? [];
  const factor = UNIT_MS.find(([pattern]) => pattern.test(unit))?.[1] ?? 1;
  return Number(count) * factor;
}
