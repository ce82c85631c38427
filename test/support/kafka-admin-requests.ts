import { encodeBatch } from '../../src/log/codec/mod.ts';
import type { Asked } from './kafka-answers.ts';

const [PRODUCE, CREATE_TOPICS, DELETE_TOPICS, DELETE_RECORDS] = [0, 19, 20, 21];
const [LEADER_EPOCH, DESCRIBE_CONFIGS, ALTER_CONFIGS, LOG_DIRS] = [23, 32, 33, 35];
const [CREATE_PARTITIONS, ELECT_LEADERS, INCREMENTAL, REASSIGNMENTS] = [37, 43, 44, 46];
const [CLUSTER, PRODUCERS, RESOURCES, TOPIC_PARTITIONS, METADATA] = [60, 61, 74, 75, 3];
const [TOPIC, BROKER] = [2, 4];
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];

const ask = (title: string, api: number, version: number, request: Record<string, unknown>): Asked => ({
  title,
  api,
  version,
  request,
});

/** A topic of a CreateTopics request. */
const topic = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...more,
});
const configs = (values: Record<string, string | null>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const create = (title: string, topics: unknown[], more: Record<string, unknown> = {}, version = 7): Asked =>
  ask(title, CREATE_TOPICS, version, { topics, timeoutMs: 30_000, validateOnly: false, ...more });

function records(count: number, producerId = -1): string {
  const all = Array.from({ length: count }, (_, i) => ({
    key: null,
    value: new Uint8Array([i]),
    timestamp: 1_700_000_000_000 + i,
  }));
  const producer = {
    producerId,
    producerEpoch: producerId < 0 ? -1 : 0,
    baseSequence: producerId < 0 ? -1 : 0,
  };
  const { bytes } = encodeBatch(all as never, 0, count, { ...producer, transactional: false }, 0);
  return `BASE64:${Buffer.from(bytes).toString('base64')}`;
}

const createTopics = (): Asked[] => [
  create('a topic with settings', [
    topic('t1', {
      numPartitions: 3,
      configs: configs({ 'retention.ms': '3600000', 'cleanup.policy': 'delete' }),
    }),
  ]),
  create('a topic that is there', [topic('t1')]),
  create('the defaults of the broker', [topic('t2', { numPartitions: -1, replicationFactor: -1 })]),
  create('only validated', [topic('t3', { numPartitions: 2 })], { validateOnly: true }),
  create('only validated and wrong', [topic('t1'), topic('x', { numPartitions: 0 })], { validateOnly: true }),
  create('two replicas on one broker', [topic('r2', { replicationFactor: 2 })]),
  create('replicas that cannot be', [
    topic('r0', { replicationFactor: 0 }),
    topic('r-2', { replicationFactor: -2 }),
  ]),
  create('partitions that cannot be', [
    topic('p0', { numPartitions: 0 }),
    topic('p-2', { numPartitions: -2 }),
  ]),
  create('names that cannot be', [
    topic(''),
    topic('.'),
    topic('..'),
    topic('a b'),
    topic('n'.repeat(250)),
    topic('ä'),
  ]),
  create('a topic twice', [topic('twice'), topic('twice'), topic('once')]),
  create('placed by hand', [
    topic('m1', {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [
        { partitionIndex: 0, brokerIds: [1] },
        { partitionIndex: 1, brokerIds: [1] },
      ],
    }),
  ]),
  ...[
    ['on a broker that is not there', -1, -1, [[0, [2]]]],
    ['on one broker twice', -1, -1, [[0, [1, 1]]]],
    [
      'with a gap',
      -1,
      -1,
      [
        [0, [1]],
        [2, [1]],
      ],
    ],
    ['nowhere', -1, -1, [[0, []]]],
    ['and with a count of partitions', 1, -1, [[0, [1]]]],
    ['and with a count of replicas', -1, 1, [[0, [1]]]],
    [
      'one partition twice',
      -1,
      -1,
      [
        [0, [1]],
        [0, [1]],
      ],
    ],
  ].map(([how, numPartitions, replicationFactor, places]) =>
    create(`placed by hand ${how}`, [
      topic('hand', {
        numPartitions,
        replicationFactor,
        assignments: (places as [number, number[]][]).map(([partitionIndex, brokerIds]) => {
          return { partitionIndex, brokerIds };
        }),
      }),
    ]),
  ),
  ...Object.entries({
    'no.such.setting': '1',
    'retention.ms': 'soon',
    'retention.bytes': '-2',
    'cleanup.policy': 'shred',
    'max.message.bytes': '-1',
    'segment.bytes': '13',
    'min.insync.replicas': '0',
    'compression.type': 'rar',
    'message.timestamp.type': 'Never',
    'unclean.leader.election.enable': 'maybe',
    'min.cleanable.dirty.ratio': '2',
  }).map(([name, value]) =>
    create(`${name}=${value}`, [topic('bad', { configs: configs({ [name]: value }) })]),
  ),
  create('a setting without a value', [topic('nul', { configs: configs({ 'retention.ms': null }) })]),
  create('a setting twice', [
    topic('dup', { configs: [...configs({ 'retention.ms': '1' }), ...configs({ 'retention.ms': '2' })] }),
  ]),
  create('every setting', [
    topic('all', {
      configs: configs({
        'cleanup.policy': 'compact,delete',
        'compression.type': 'lz4',
        'delete.retention.ms': '1000',
        'file.delete.delay.ms': '1000',
        'flush.messages': '100',
        'flush.ms': '100',
        'index.interval.bytes': '4096',
        'max.compaction.lag.ms': '100000',
        'max.message.bytes': '2000000',
        'message.timestamp.after.max.ms': '100000',
        'message.timestamp.before.max.ms': '100000',
        'message.timestamp.type': 'LogAppendTime',
        'min.cleanable.dirty.ratio': '0.1',
        'min.compaction.lag.ms': '10',
        'min.insync.replicas': '1',
        preallocate: 'false',
        'retention.bytes': '1000000',
        'retention.ms': '100000',
        'segment.bytes': '1048576',
        'segment.index.bytes': '10485760',
        'segment.jitter.ms': '0',
        'segment.ms': '100000',
        'unclean.leader.election.enable': 'false',
      }),
    }),
  ]),
  create('names that differ by a dot', [topic('a.b')]),
  create('names that collide', [topic('a_b')]),
  create('version 2', [topic('v2')], {}, 2),
  create('version 3', [topic('v3'), topic('t1')], {}, 3),
  create('version 5', [topic('v5', { numPartitions: -1, replicationFactor: -1 })], {}, 5),
  create('nothing', []),
];

const partitions = (title: string, topics: unknown[], more: Record<string, unknown> = {}): Asked =>
  ask(title, CREATE_PARTITIONS, 3, { topics, timeoutMs: 30_000, validateOnly: false, ...more });
const grow = (name: string, count: number, assignments: unknown = null) => ({ name, count, assignments });

const createPartitions = (): Asked[] => [
  partitions('more partitions', [grow('t1', 5)]),
  partitions('as many as there are', [grow('t1', 5)]),
  partitions('fewer', [grow('t1', 2)]),
  partitions('none', [grow('t1', 0), grow('t2', -1)]),
  partitions('of a topic that is not there', [grow('nowhere', 3)]),
  partitions('of a topic twice', [grow('t2', 2), grow('t2', 3)]),
  partitions('only validated', [grow('t2', 4)], { validateOnly: true }),
  partitions('placed by hand', [grow('t2', 3, [{ brokerIds: [1] }, { brokerIds: [1] }])]),
  partitions('placed by hand, too few', [grow('t2', 6, [{ brokerIds: [1] }])]),
  partitions('placed by hand, too many', [grow('t2', 4, [{ brokerIds: [1] }, { brokerIds: [1] }])]),
  partitions('placed by hand elsewhere', [grow('t2', 4, [{ brokerIds: [7] }])]),
  partitions('placed by hand twice', [grow('t2', 4, [{ brokerIds: [1, 1] }])]),
];

const produce = (title: string, name: string, index: number, bytes: string): Asked =>
  ask(title, PRODUCE, 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name, partitionData: [{ index, records: bytes }] }],
  });

const cut = (title: string, name: string, partitionIndex: number, offset: number): Asked =>
  ask(title, DELETE_RECORDS, 2, {
    topics: [{ name, partitions: [{ partitionIndex, offset }] }],
    timeoutMs: 1000,
  });

const epochs = (title: string, asked: Record<string, unknown>, name = 't1', version = 4): Asked =>
  ask(title, LEADER_EPOCH, version, {
    replicaId: -1,
    topics: [
      { topic: name, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0, ...asked }] },
    ],
  });

const withRecords = (): Asked[] => [
  produce('ten records', 't1', 0, records(10)),
  produce('records of a producer', 't1', 1, records(3, 77)),
  produce('records into a compacted topic', 'all', 0, records(1)),
  cut('the first two', 't1', 0, 2),
  cut('fewer than are gone', 't1', 0, 1),
  cut('all', 't1', 0, -1),
  cut('beyond the end', 't1', 0, 11),
  cut('a negative offset', 't1', 0, -2),
  cut('of a partition that is not there', 't1', 99, 0),
  cut('of a topic that is not there', 'nowhere', 0, 0),
  epochs('the only epoch', {}),
  epochs('a later epoch', { leaderEpoch: 5 }),
  epochs('no epoch', { leaderEpoch: -1 }),
  epochs('a leader of later', { currentLeaderEpoch: 9 }),
  epochs('the leader', { currentLeaderEpoch: 0 }),
  epochs('in version 2', {}, 't1', 2),
  epochs('of a partition that is not there', { partition: 50 }),
  epochs('of a topic that is not there', {}, 'nowhere'),
  ask('producers', PRODUCERS, 0, {
    topics: [
      { name: 't1', partitionIndexes: [0, 1, 99] },
      { name: 'nowhere', partitionIndexes: [0] },
    ],
  }),
  ask('sizes of everything that has some', LOG_DIRS, 4, {
    topics: [
      { topic: 't1', partitions: [0, 1, 2, 99] },
      { topic: 'nowhere', partitions: [0] },
    ],
  }),
  ask('sizes of nothing', LOG_DIRS, 4, { topics: [] }),
];

const describe = (
  title: string,
  resources: unknown[],
  more: Record<string, unknown> = {},
  version = 4,
): Asked =>
  ask(title, DESCRIBE_CONFIGS, version, {
    resources,
    includeSynonyms: false,
    includeDocumentation: false,
    ...more,
  });
const resource = (resourceType: number, resourceName: string, configurationKeys: string[] | null = null) => ({
  resourceType,
  resourceName,
  configurationKeys,
});

const describeConfigs = (): Asked[] => [
  describe('all settings of a topic', [resource(TOPIC, 't1')], {
    includeSynonyms: true,
    includeDocumentation: true,
  }),
  describe('some settings of a topic', [resource(TOPIC, 't1', ['retention.ms', 'segment.bytes', 'no.such'])]),
  describe('no settings of a topic', [resource(TOPIC, 't1', [])]),
  describe('without what was added later', [resource(TOPIC, 't1', ['retention.ms'])], {}, 1),
  describe('topics that are not there', [
    resource(TOPIC, 'nowhere'),
    resource(TOPIC, 'a b'),
    resource(TOPIC, ''),
  ]),
  describe('the broker', [resource(BROKER, '1')], { includeSynonyms: true }),
  describe('the default of all brokers', [resource(BROKER, '')], { includeSynonyms: true }),
  describe('another broker', [resource(BROKER, '7'), resource(BROKER, 'seven')]),
  describe('a group, a client and nothing', [
    resource(32, 'g'),
    resource(16, 'c'),
    resource(0, 'x'),
    resource(99, 'x'),
  ]),
  describe('one twice', [resource(TOPIC, 't1', ['retention.ms']), resource(TOPIC, 't1', ['segment.ms'])]),
];

const change = (name: string, configOperation: number, value: string | null) => ({
  name,
  configOperation,
  value,
});
const incremental = (
  title: string,
  resourceName: string,
  changes: unknown[],
  more: Record<string, unknown> = {},
): Asked =>
  ask(title, INCREMENTAL, 1, {
    resources: [{ resourceType: TOPIC, resourceName, configs: changes, ...more }],
    validateOnly: more['validateOnly'] ?? false,
  });
const replace = (
  title: string,
  resourceName: string,
  values: Record<string, string | null>,
  type = TOPIC,
): Asked =>
  ask(title, ALTER_CONFIGS, 2, {
    resources: [{ resourceType: type, resourceName, configs: configs(values) }],
    validateOnly: false,
  });
const look = (...keys: string[]): Asked =>
  describe(`${keys} afterwards`, [resource(TOPIC, 't1', keys)], { includeSynonyms: true });

const alterConfigs = (): Asked[] => [
  incremental('a setting', 't1', [change('retention.ms', SET, '7200000')]),
  look('retention.ms'),
  incremental('a setting back', 't1', [change('retention.ms', DELETE, null)]),
  look('retention.ms'),
  incremental('more in a list', 't1', [change('cleanup.policy', APPEND, 'compact')]),
  look('cleanup.policy'),
  incremental('the same in a list', 't1', [change('cleanup.policy', APPEND, 'compact')]),
  incremental('less in a list', 't1', [change('cleanup.policy', SUBTRACT, 'delete')]),
  look('cleanup.policy'),
  incremental('what is not in a list', 't1', [change('cleanup.policy', SUBTRACT, 'delete')]),
  incremental('the last of a list', 't1', [change('cleanup.policy', SUBTRACT, 'compact')]),
  incremental('more of what is no list', 't1', [change('retention.ms', APPEND, '1')]),
  incremental('two of which one is wrong', 't1', [
    change('retention.bytes', SET, '5'),
    change('segment.ms', SET, 'x'),
  ]),
  look('retention.bytes'),
  incremental('one twice', 't1', [change('retention.ms', SET, '1'), change('retention.ms', SET, '2')]),
  incremental('no value', 't1', [change('retention.ms', SET, null)]),
  incremental('a setting that is not known', 't1', [change('no.such', SET, '1')]),
  incremental('an operation that is not known', 't1', [change('retention.ms', 9, '1')]),
  incremental('only validated', 't1', [change('retention.ms', SET, '99')], { validateOnly: true }),
  look('retention.ms'),
  incremental('a topic that is not there', 'nowhere', [change('retention.ms', SET, '1')]),
  incremental('a resource that is not known', 'x', [change('a', SET, '1')], { resourceType: 77 }),
  incremental('a setting of another broker', '7', [change('log.retention.ms', SET, '1')], {
    resourceType: BROKER,
  }),
  incremental('a setting of the broker that is read only', '1', [change('log.dirs', SET, '/x')], {
    resourceType: BROKER,
  }),
  replace('all settings', 't1', { 'retention.ms': '1000', 'max.message.bytes': '5000' }),
  look('retention.ms', 'max.message.bytes', 'cleanup.policy'),
  replace('others', 't1', { 'segment.ms': '100000' }),
  look('retention.ms', 'max.message.bytes', 'segment.ms'),
  replace('a wrong one', 't1', { 'segment.ms': 'x' }),
  replace('one without a value', 't1', { 'segment.ms': null }),
  replace('of a topic that is not there', 'nowhere', { 'segment.ms': '5' }),
  replace('none', 't1', {}),
  look('segment.ms'),
];

const pages = (title: string, topics: string[], more: Record<string, unknown> = {}): Asked =>
  ask(title, TOPIC_PARTITIONS, 0, {
    topics: topics.map(name => ({ name })),
    responsePartitionLimit: 2000,
    cursor: null,
    ...more,
  });

const describeAll = (): Asked[] => [
  ask('the cluster', CLUSTER, 2, {
    includeClusterAuthorizedOperations: true,
    endpointType: 1,
    includeFencedBrokers: false,
  }),
  ask('the cluster in version 0', CLUSTER, 0, { includeClusterAuthorizedOperations: false }),
  ask('the controllers', CLUSTER, 1, { includeClusterAuthorizedOperations: false, endpointType: 2 }),
  ask('what is nothing', CLUSTER, 1, { includeClusterAuthorizedOperations: false, endpointType: 3 }),
  pages('topics', ['t2', 't1', 'nowhere']),
  pages('the first page', ['t1', 't2'], { responsePartitionLimit: 3 }),
  pages('the next page', ['t1', 't2'], {
    responsePartitionLimit: 3,
    cursor: { topicName: 't1', partitionIndex: 3 },
  }),
  pages('a page behind the end', ['t1'], { cursor: { topicName: 't1', partitionIndex: 9 } }),
  pages('a page of a negative partition', ['t1'], { cursor: { topicName: 't1', partitionIndex: -1 } }),
  pages('topics before the cursor', ['a.b', 't1'], { cursor: { topicName: 't1', partitionIndex: 4 } }),
  pages('a name that cannot be', ['a b']),
  ask('an election', ELECT_LEADERS, 2, {
    electionType: 0,
    topicPartitions: [
      { topic: 't1', partitions: [0, 99] },
      { topic: 'nowhere', partitions: [0] },
    ],
    timeoutMs: 1000,
  }),
  ask('what is on the move', REASSIGNMENTS, 0, { timeoutMs: 1000, topics: null }),
  ask('what of these is on the move', REASSIGNMENTS, 0, {
    timeoutMs: 1000,
    topics: [
      { name: 't1', partitionIndexes: [0, 99] },
      { name: 'nowhere', partitionIndexes: [0] },
    ],
  }),
  ask('resources', RESOURCES, 1, { resourceTypes: [] }),
  ask('resources of a kind', RESOURCES, 1, { resourceTypes: [BROKER] }),
  ask('resources of old', RESOURCES, 0, {}),
];

const remove = (title: string, topics: unknown[]): Asked =>
  ask(title, DELETE_TOPICS, 6, { topics, timeoutMs: 30_000 });
const NONE = 'AAAAAAAAAAAAAAAAAAAAAA';

const deleteTopics = (): Asked[] => [
  remove('by name', [{ name: 't2', topicId: NONE }]),
  remove('one that is gone', [{ name: 't2', topicId: NONE }]),
  remove('by id', [{ name: null, topicId: 'ID:m1' }]),
  remove('by an id that is not known', [{ name: null, topicId: 'ABEiM0RVZneImaq7zN3u_w' }]),
  remove('by name and id', [{ name: 't1', topicId: 'ID:t1' }]),
  remove('by nothing', [{ name: null, topicId: NONE }]),
  remove('twice', [
    { name: 'v2', topicId: NONE },
    { name: 'v2', topicId: NONE },
  ]),
  remove('twice, by name and by id', [
    { name: 'v5', topicId: NONE },
    { name: null, topicId: 'ID:v5' },
  ]),
  remove('a name that cannot be', [{ name: 'a b', topicId: NONE }]),
  ask('in version 1', DELETE_TOPICS, 1, { topicNames: ['v3', 'nowhere'], timeoutMs: 1000 }),
  ask('in version 5', DELETE_TOPICS, 5, { topicNames: ['all', 'nowhere'], timeoutMs: 1000 }),
  ask('what is left', METADATA, 12, {
    topics: ['t1', 't2', 'm1', 'all'].map(name => ({ topicId: NONE, name })),
    allowAutoTopicCreation: false,
  }),
];

/** What administrators ask a fresh broker, one after another. */
export const adminRequests = (): Asked[] => [
  ...createTopics(),
  ...createPartitions(),
  ...withRecords(),
  ...describeConfigs(),
  ...alterConfigs(),
  ...describeAll(),
  ...deleteTopics(),
];
