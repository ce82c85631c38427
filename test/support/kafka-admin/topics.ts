import type { Asked } from '../kafka-answers.ts';
import { ask, configs } from './ask.ts';

const [CREATE_TOPICS, DELETE_TOPICS, CREATE_PARTITIONS, METADATA] = [19, 20, 37, 3];

/** A topic of a CreateTopics request. */
const topic = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...more,
});
const create = (title: string, topics: unknown[], more: Record<string, unknown> = {}, version = 7): Asked =>
  ask(title, CREATE_TOPICS, version, { topics, timeoutMs: 30_000, validateOnly: false, ...more });

/** Topics, right and wrong. */
export const createTopics = (): Asked[] => [
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

/** More partitions. */
export const createPartitions = (): Asked[] => [
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

const remove = (title: string, topics: unknown[]): Asked =>
  ask(title, DELETE_TOPICS, 6, { topics, timeoutMs: 30_000 });
const NONE = 'AAAAAAAAAAAAAAAAAAAAAA';

/** Topics that go. */
export const deleteTopics = (): Asked[] => [
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
    { name: 'once', topicId: NONE },
    { name: null, topicId: 'ID:once' },
  ]),
  remove('a name that cannot be', [{ name: 'a b', topicId: NONE }]),
  ask('in version 1', DELETE_TOPICS, 1, { topicNames: ['v3', 'nowhere'], timeoutMs: 1000 }),
  ask('in version 5', DELETE_TOPICS, 5, { topicNames: ['all', 'nowhere'], timeoutMs: 1000 }),
  ask('what is left', METADATA, 12, {
    topics: ['t1', 't2', 'm1', 'all'].map(name => ({ topicId: NONE, name })),
    allowAutoTopicCreation: false,
  }),
];
