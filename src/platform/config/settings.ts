/**
 * The one table of settings. The file `millrace.yaml`, the environment, the flags and the reference page
 * are derived
 * from it: `http.port` is `MILLRACE_HTTP_PORT` and `--http.port`.
 */
export type SettingType = 'string' | 'integer' | 'boolean' | 'list';

/** A setting: what it is called, what fits, what it is when nobody says, and what it does. */
export interface Setting {
  readonly name: string;
  readonly type: SettingType;
  readonly default: string | number | boolean | readonly string[];
  readonly description: string;
  /** The values that fit, where only some do. */
  readonly choices?: readonly string[];
  /** Smallest and largest integer that fit. */
  readonly range?: readonly [number, number];
}

const setting = <const S extends Setting>(s: S): S => s;

/** Every setting. Keep sorted by name. */
export const SETTINGS = [
  setting({
    name: 'app',
    type: 'string',
    default: 'flavor-trend',
    description: 'The application to start: a name under `apps/`, or the path of a folder.',
  }),
  setting({
    name: 'checkpoint.interval-ms',
    type: 'integer',
    default: 500,
    range: [50, 3_600_000],
    description: 'How often jobs take a checkpoint. Exactly-once output becomes visible with it.',
  }),
  setting({
    name: 'data',
    type: 'string',
    default: '.millrace',
    description: 'The data directory: log, embedded PostgreSQL, checkpoints, secrets.',
  }),
  setting({
    name: 'engine.memory.max-mb',
    type: 'integer',
    default: 0,
    range: [0, 16_777_216],
    description:
      'Memory that the states of all jobs may take together. Above it the largest job ends with STATE_TOO_LARGE. ' +
      'A job that stages an eighth of it as output waits for a checkpoint, which comes at once. ' +
      "0: half of the machine's memory.",
  }),
  setting({
    name: 'engine.workers',
    type: 'integer',
    default: 0,
    range: [0, 128],
    description:
      'Threads that run the tasks of jobs. 0: jobs of one task run in the main thread, those of more in as many ' +
      'threads as there are cores.',
  }),
  setting({
    name: 'generator.enabled',
    type: 'boolean',
    default: true,
    description:
      "Whether the application's generator runs: the past it writes at first start, and live traffic.",
  }),
  setting({
    name: 'generator.rate',
    type: 'integer',
    default: 0,
    range: [0, 6_000_000],
    description: 'Orders (or what else the application makes) per minute; 0 means as the application says.',
  }),
  setting({
    name: 'http.allowed-hosts',
    type: 'list',
    default: [],
    description: 'Host names that requests may carry beside the loopback ones, separated by commas.',
  }),
  setting({
    name: 'http.host',
    type: 'string',
    default: '127.0.0.1',
    description: 'The address HTTP binds. Anything but loopback needs `http.token`.',
  }),
  setting({
    name: 'http.port',
    type: 'integer',
    default: 8080,
    range: [0, 65_535],
    description:
      'Port of console, `/api`, `/docs`, `/ws`. When not set and taken, the next free one is used; 0 means any free port.',
  }),
  setting({
    name: 'http.token',
    type: 'string',
    default: '',
    description:
      'When set, every request must carry it: `Authorization: Bearer …`, or `?token=…` for `/ws` and the console.',
  }),
  setting({
    name: 'live.bytes-max',
    type: 'integer',
    default: 67_108_864,
    range: [65_536, 4_294_967_296],
    description:
      'Memory that all live views together may hold. Beyond it the oldest rows are dropped and counted.',
  }),
  setting({
    name: 'log.flush',
    type: 'string',
    default: 'ack',
    choices: ['ack', 'interval'],
    description:
      '`ack`: synced to disk before an append is acknowledged. `interval`: synced every `log.flush-interval-ms`.',
  }),
  setting({
    name: 'log.flush-interval-ms',
    type: 'integer',
    default: 1000,
    range: [1, 3_600_000],
    description: 'How often the log is synced when `log.flush` is `interval`.',
  }),
  setting({
    name: 'postgres.port',
    type: 'integer',
    default: 0,
    range: [0, 65_535],
    description:
      'Port of the embedded PostgreSQL; 0 means any free port, kept from start to start while it is free.',
  }),
  setting({
    name: 'postgres.url',
    type: 'string',
    default: '',
    description:
      'A PostgreSQL of your own, `postgres://user:password@host:port`, with `wal_level=logical`. Empty: the embedded one.',
  }),
] as const;

/** The name of a setting. */
export type SettingName = (typeof SETTINGS)[number]['name'];

type ValueOf<T extends SettingType> = T extends 'integer'
  ? number
  : T extends 'boolean'
    ? boolean
    : T extends 'list'
      ? readonly string[]
      : string;

/** Every setting with its value, as the right type. */
export type Settings = {
  readonly [N in SettingName]: ValueOf<Extract<(typeof SETTINGS)[number], { name: N }>['type']>;
};

/** `http.port` → `MILLRACE_HTTP_PORT`. */
export function environmentName(setting: string): string {
  return `MILLRACE_${setting.toUpperCase().replace(/[.-]/g, '_')}`;
}
