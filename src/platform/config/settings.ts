import { KAFKA_SETTINGS } from './kafka-settings.ts';
import { type SettingType, setting } from './setting.ts';

/**
 * The one table of settings. The file `millrace.yaml`, the environment, the flags and the reference page are
 * derived from it: `http.port` is `MILLRACE_HTTP_PORT` and `--http.port`. Keep sorted by name.
 */
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
  ...KAFKA_SETTINGS,
  setting({
    name: 'live.bytes-max',
    type: 'integer',
    default: 67_108_864,
    range: [65_536, 4_294_967_296],
    description:
      'Memory that all live views together may hold. Beyond it the oldest rows are dropped and counted.',
  }),
  setting({
    name: 'log.bootstrap',
    type: 'list',
    default: [],
    description:
      'Brokers of a Kafka cluster, `host:port` separated by commas: it is the log then, no embedded one is opened. ' +
      'Empty: the embedded log.',
  }),
  setting({
    name: 'log.compression-type',
    type: 'string',
    default: 'none',
    choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    description: 'How records written to the cluster of `log.bootstrap` are compressed.',
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
    name: 'log.replication-factor',
    type: 'integer',
    default: -1,
    range: [-1, 32_767],
    description: 'Replicas of topics made on the cluster of `log.bootstrap`; -1: as its brokers say.',
  }),
  setting({
    name: 'log.retention-check-interval-ms',
    type: 'integer',
    default: 300_000,
    range: [100, 86_400_000],
    description: 'How often the log looks for records that retention deletes and that compaction takes away.',
  }),
  setting({
    name: 'log.sasl-mechanism',
    type: 'string',
    default: 'PLAIN',
    choices: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    description:
      'How the brokers of `log.bootstrap` are told who we are, where `log.security-protocol` has SASL.',
  }),
  setting({
    name: 'log.sasl-password',
    type: 'string',
    default: '',
    secret: true,
    description:
      'The password of `log.sasl-user`: in the environment or in `millrace.yaml`, not as a flag. Never printed.',
  }),
  setting({
    name: 'log.sasl-password-file',
    type: 'string',
    default: '',
    description: 'A file that holds the password of `log.sasl-user`; it wins over `log.sasl-password`.',
  }),
  setting({
    name: 'log.sasl-user',
    type: 'string',
    default: '',
    description: 'The user for the brokers of `log.bootstrap`, where `log.security-protocol` has SASL.',
  }),
  setting({
    name: 'log.security-protocol',
    type: 'string',
    default: 'PLAINTEXT',
    choices: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
    description: 'How the brokers of `log.bootstrap` are spoken to.',
  }),
  setting({
    name: 'log.ssl-ca-file',
    type: 'string',
    default: '',
    description:
      "PEM file of the authorities that sign the brokers' certificates. Empty: those that Node trusts.",
  }),
  setting({
    name: 'log.ssl-cert-file',
    type: 'string',
    default: '',
    description: 'PEM file of our own certificate, where the brokers ask for one; with `log.ssl-key-file`.',
  }),
  setting({
    name: 'log.ssl-check-host',
    type: 'boolean',
    default: true,
    description: "Whether the brokers' certificates have to carry their host names.",
  }),
  setting({
    name: 'log.ssl-key-file',
    type: 'string',
    default: '',
    description: 'PEM file of the key of `log.ssl-cert-file`.',
  }),
  setting({
    name: 'log.transaction-timeout-ms',
    type: 'integer',
    default: 300_000,
    range: [1_000, 3_600_000],
    description:
      'How long a transaction on the cluster of `log.bootstrap` may be open before the cluster aborts it; at most ' +
      '`transaction.max.timeout.ms` of its brokers. Readers wait so long for what a lost process left open.',
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
