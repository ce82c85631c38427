/** What a setting of a topic may be. */
export interface TopicKey {
  readonly type: 'BOOLEAN' | 'STRING' | 'INT' | 'LONG' | 'DOUBLE' | 'LIST';
  readonly fallback: string;
  /** Smallest and largest value of a number. */
  readonly range?: readonly [bigint, bigint];
  /** A number within that it may not be. */
  readonly except?: bigint;
  /** The words that a text, or each part of a list, may be. */
  readonly words?: readonly string[];
  /** Only the default is taken: it asks for something that this log does not do. */
  readonly only?: true;
  readonly help: string;
}

const LONG_MAX = 2n ** 63n - 1n;
const INT_MAX = 2n ** 31n - 1n;

type Rest = Pick<TopicKey, 'help'> & Partial<TopicKey>;

const long = (fallback: bigint, low: bigint, help: string, rest: Partial<Rest> = {}): TopicKey => ({
  type: 'LONG',
  fallback: String(fallback),
  range: [low, LONG_MAX],
  help,
  ...rest,
});
const int = (
  fallback: bigint,
  low: bigint,
  help: string,
  high = INT_MAX,
  rest: Partial<Rest> = {},
): TopicKey => ({ type: 'INT', fallback: String(fallback), range: [low, high], help, ...rest });
const flag = (fallback: boolean, help: string, rest: Partial<Rest> = {}): TopicKey => ({
  type: 'BOOLEAN',
  fallback: String(fallback),
  words: ['true', 'false'],
  help,
  ...rest,
});
const word = (fallback: string, words: readonly string[], help: string): TopicKey => ({
  type: 'STRING',
  fallback,
  words,
  help,
});

const NO_EFFECT = 'Taken as Kafka takes it; without effect in this log: ';
const NOT_HERE = 'Only its default is taken: ';
const NO_TIERS = `${NOT_HERE}there is no tiered storage.`;
const ONE_BROKER = `${NOT_HERE}there is one broker and no replication.`;

/** Every setting that Kafka 4 has for a topic, with Kafka's default and bounds. */
export const TOPIC_KEYS: Readonly<Record<string, TopicKey>> = {
  'cleanup.policy': {
    type: 'LIST',
    fallback: 'delete',
    words: ['delete', 'compact'],
    help: 'How old records go: by age and size, by key, or both.',
  },
  'compression.gzip.level': {
    ...int(-1n, -1n, 'The level of compression.type gzip: 1 to 9, -1 for the default.', 9n),
    except: 0n,
  },
  'compression.lz4.level': int(9n, 1n, 'The level of compression.type lz4.', 17n),
  'compression.type': word(
    'producer',
    ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
    'How batches are stored; producer: as they were sent.',
  ),
  'compression.zstd.level': int(3n, -131_072n, 'The level of compression.type zstd.', 22n),
  'delete.retention.ms': long(
    86_400_000n,
    0n,
    'How long the mark of a deleted key stays once it is compacted.',
  ),
  'file.delete.delay.ms': long(60_000n, 0n, `${NO_EFFECT}files go at once; readers under way finish.`),
  'flush.messages': long(LONG_MAX, 1n, `${NO_EFFECT}log.flush says when records are flushed.`),
  'flush.ms': long(LONG_MAX, 0n, `${NO_EFFECT}log.flush says when records are flushed.`),
  'follower.replication.throttled.replicas': { type: 'LIST', fallback: '', help: ONE_BROKER, only: true },
  'index.interval.bytes': int(4096n, 0n, `${NO_EFFECT}an entry is made every 4096 bytes.`),
  'leader.replication.throttled.replicas': { type: 'LIST', fallback: '', help: ONE_BROKER, only: true },
  'local.retention.bytes': long(-2n, -2n, `${NO_EFFECT}there is no tiered storage.`),
  'local.retention.ms': long(-2n, -2n, `${NO_EFFECT}there is no tiered storage.`),
  'max.compaction.lag.ms': long(LONG_MAX, 1n, 'A record is compacted at the latest when it is so old.'),
  'max.message.bytes': int(1_048_588n, 0n, 'The largest batch, as it is stored.'),
  'message.timestamp.after.max.ms': long(3_600_000n, 0n, 'How far the time of a record may be ahead.'),
  'message.timestamp.before.max.ms': long(LONG_MAX, 0n, 'How far the time of a record may be behind.'),
  'message.timestamp.type': word(
    'CreateTime',
    ['CreateTime', 'LogAppendTime'],
    'Whose time records have: that of the producer or that of the append.',
  ),
  'min.cleanable.dirty.ratio': {
    type: 'DOUBLE',
    fallback: '0.5',
    help: 'The share of new bytes from which on a topic is compacted.',
  },
  'min.compaction.lag.ms': long(0n, 0n, 'Younger records are not compacted.'),
  'min.insync.replicas': int(1n, 1n, 'More than one refuses acks=all, as there is one replica.'),
  preallocate: flag(false, `${NO_EFFECT}files grow as they are written.`),
  'remote.log.copy.disable': flag(false, NO_TIERS, { only: true }),
  'remote.log.delete.on.disable': flag(false, NO_TIERS, { only: true }),
  'remote.storage.enable': flag(false, NO_TIERS, { only: true }),
  'retention.bytes': long(-1n, -1n, 'Bytes of a partition beyond which the oldest go; -1: without limit.'),
  'retention.ms': long(604_800_000n, -1n, 'The age at which records go; -1: never.'),
  'segment.bytes': int(1_073_741_824n, 14n, 'The size of a file of records.'),
  'segment.index.bytes': int(10_485_760n, 4n, `${NO_EFFECT}an index is as long as it has to be.`),
  'segment.jitter.ms': long(0n, 0n, `${NO_EFFECT}files of different partitions are not rolled together.`),
  'segment.ms': long(604_800_000n, 1n, 'The age at which a file is rolled though it is not full.'),
  'unclean.leader.election.enable': flag(false, `${NO_EFFECT}there is one replica.`),
};
