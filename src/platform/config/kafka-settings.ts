import { setting } from './setting.ts';

/** How the log serves Kafka's clients, under the names of Kafka's broker settings. Keep sorted by name. */
export const KAFKA_SETTINGS = [
  setting({
    name: 'kafka.advertised',
    type: 'string',
    default: '',
    description:
      'The address that Kafka clients are told to use, `host:port`. Empty: `kafka.host` and `kafka.port`.',
  }),
  setting({
    name: 'kafka.advertised-listeners',
    type: 'list',
    default: [],
    description:
      'What clients of `kafka.listeners` are told to use, as Kafka writes it: `SASL_SSL://kafka.example.com:9093`. ' +
      'Each entry goes to the first listener of its protocol that has none; one that is left over is refused.',
  }),
  setting({
    name: 'kafka.auto-create-topics-enable',
    type: 'boolean',
    default: true,
    description: 'Whether a topic that a client asks for is made where it does not exist.',
  }),
  setting({
    name: 'kafka.connections-max-idle-ms',
    type: 'integer',
    default: 600_000,
    range: [1_000, 2_147_483_647],
    description: 'A connection that nobody uses for so long is closed.',
  }),
  setting({
    name: 'kafka.connections-max-reauth-ms',
    type: 'integer',
    default: 0,
    range: [0, 2_147_483_647],
    description:
      'How long a login holds; then the client logs in anew on the same connection. 0: as long as that lives.',
  }),
  setting({
    name: 'kafka.fetch-max-bytes',
    type: 'integer',
    default: 8_388_608,
    range: [1_024, 1_073_741_824],
    description: 'Records in one answer to a consumer; a batch that is larger still goes out whole.',
  }),
  setting({
    name: 'kafka.group-initial-rebalance-delay-ms',
    type: 'integer',
    default: 3_000,
    range: [0, 300_000],
    description:
      'How long an empty consumer group waits for more members, so that those that start together rebalance once.',
  }),
  setting({
    name: 'kafka.group-max-session-timeout-ms',
    type: 'integer',
    default: 1_800_000,
    range: [1, 2_147_483_647],
    description: 'The longest session that a member of a consumer group may ask for.',
  }),
  setting({
    name: 'kafka.group-max-size',
    type: 'integer',
    default: 2_147_483_647,
    range: [1, 2_147_483_647],
    description: 'Members of one consumer group.',
  }),
  setting({
    name: 'kafka.group-min-session-timeout-ms',
    type: 'integer',
    default: 6_000,
    range: [1, 2_147_483_647],
    description: 'The shortest session that a member of a consumer group may ask for.',
  }),
  setting({
    name: 'kafka.host',
    type: 'string',
    default: '127.0.0.1',
    description:
      "The address that Kafka's protocol binds. Anything but loopback needs a login: see `kafka.security-protocol`.",
  }),
  setting({
    name: 'kafka.listeners',
    type: 'list',
    default: [],
    description:
      'More addresses beside `kafka.host` and `kafka.port`, as Kafka writes them: `SASL_SSL://0.0.0.0:9093`, separated by commas.',
  }),
  setting({
    name: 'kafka.max-connections',
    type: 'integer',
    default: 2_000,
    range: [1, 1_000_000],
    description: 'Connections of Kafka clients at the same time.',
  }),
  setting({
    name: 'kafka.max-connections-per-ip',
    type: 'integer',
    default: 1_000,
    range: [1, 1_000_000],
    description: 'Connections of Kafka clients at the same time from one address.',
  }),
  setting({
    name: 'kafka.max-partitions',
    type: 'integer',
    default: 10_000,
    range: [1, 1_000_000],
    description:
      'Partitions of all topics together; Kafka clients make no more. Each takes files and memory.',
  }),
  setting({
    name: 'kafka.num-partitions',
    type: 'integer',
    default: 1,
    range: [1, 10_000],
    description: 'Partitions of topics that are made without saying how many.',
  }),
  setting({
    name: 'kafka.offset-metadata-max-bytes',
    type: 'integer',
    default: 4_096,
    range: [0, 1_048_576],
    description: 'The longest note that a consumer may leave with a committed offset.',
  }),
  setting({
    name: 'kafka.offsets-retention-minutes',
    type: 'integer',
    default: 10_080,
    range: [1, 2_147_483_647],
    description:
      "How long a consumer group's offsets are kept once it has no members; of consumers without a group, after the last commit.",
  }),
  setting({
    name: 'kafka.port',
    type: 'integer',
    default: 9092,
    range: [0, 65_535],
    description:
      "Port of Kafka's protocol. When not set and taken, the next free one is used, and printed; 0 means any free port.",
  }),
  setting({
    name: 'kafka.queued-max-request-bytes',
    type: 'integer',
    default: 134_217_728,
    range: [1_048_576, 68_719_476_736],
    description:
      'Memory for requests and answers of all Kafka clients together. Above it large requests wait; small ones pass.',
  }),
  setting({
    name: 'kafka.sasl-enabled-mechanisms',
    type: 'list',
    default: ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'],
    description: 'How clients of `SASL_…` listeners may log in.',
  }),
  setting({
    name: 'kafka.sasl-password',
    type: 'string',
    default: '',
    secret: true,
    description:
      'The password of `kafka.sasl-user`: in the environment or in `millrace.yaml`, not as a flag. Never printed.',
  }),
  setting({
    name: 'kafka.sasl-password-file',
    type: 'string',
    default: '',
    description: 'A file that holds the password of `kafka.sasl-user`.',
  }),
  setting({
    name: 'kafka.sasl-user',
    type: 'string',
    default: '',
    description:
      "The first user: made, or given this password, at every start. More are made with Kafka's own `kafka-configs`.",
  }),
  setting({
    name: 'kafka.security-protocol',
    type: 'string',
    default: 'PLAINTEXT',
    choices: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
    description:
      "What `kafka.port` speaks, in Kafka's words: with `SSL` encrypted, with `SASL` only after a login.",
  }),
  setting({
    name: 'kafka.socket-request-max-bytes',
    type: 'integer',
    default: 104_857_600,
    range: [1_024, 2_147_483_647],
    description: 'The largest request of a Kafka client.',
  }),
  setting({
    name: 'kafka.ssl-cert-file',
    type: 'string',
    default: '',
    description: 'The certificate of `SSL` listeners with its chain, in PEM.',
  }),
  setting({
    name: 'kafka.ssl-key-file',
    type: 'string',
    default: '',
    description: 'The private key of `kafka.ssl-cert-file`, in PEM.',
  }),
  setting({
    name: 'kafka.transaction-max-timeout-ms',
    type: 'integer',
    default: 900_000,
    range: [1, 2_147_483_647],
    description: 'The longest time-out that a transactional producer may ask for.',
  }),
  setting({
    name: 'kafka.transactional-id-expiration-ms',
    type: 'integer',
    default: 604_800_000,
    range: [1, 9_007_199_254_740_991],
    description: 'How long a transactional id is remembered that nobody uses.',
  }),
] as const;
