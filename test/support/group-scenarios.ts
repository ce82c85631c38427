import { subscription } from './group-world.ts';

/** One request of a scenario. `MEMBER:a` stands for the id that the member called a was given. */
export interface Step {
  /** Which connection: one member's, for example. */
  readonly on: string;
  readonly api: number;
  readonly version: number;
  readonly request: Readonly<Record<string, unknown>>;
  /** The response's member id is called so from now on. */
  readonly as?: string;
  /** The answer is waited for only by `collect`; the next step follows when the group looks so. */
  readonly until?: { readonly state: string; readonly members: number };
}

/** Waits for the answer of a connection's request, or for the group to look like this. */
export type Wait =
  | { readonly collect: string; readonly as?: string }
  | { readonly until: { readonly state: string; readonly members: number }; readonly group: string };

export interface Scenario {
  readonly name: string;
  readonly steps: readonly (Step | Wait)[];
}

const [OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR, JOIN, HEARTBEAT, LEAVE, SYNC] = [
  8, 9, 10, 11, 12, 13, 14,
];
const [DESCRIBE, LIST, CREATE_TOPICS, DELETE_GROUPS, OFFSET_DELETE] = [15, 16, 19, 42, 47];
const base64 = (bytes: Uint8Array): string => `BASE64:${Buffer.from(bytes).toString('base64')}`;
const NO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

const step = (on: string, api: number, version: number, request: Record<string, unknown>): Step => ({
  on,
  api,
  version,
  request,
});

type Given = Record<string, unknown>;
const protocols = (...names: string[]) =>
  names.map(name => ({ name, metadata: base64(subscription('g-topic')) }));

const join = (on: string, given: Given = {}, version = 9): Step =>
  step(on, JOIN, version, {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: protocols('range'),
    ...given,
  });
const named = (s: Step, as: string): Step => ({ ...s, as });
const waiting = (s: Step, state: string, members: number): Step => ({ ...s, until: { state, members } });
const sync = (on: string, memberId: string, generationId: number, given: Given = {}, version = 5): Step =>
  step(on, SYNC, version, {
    groupId: 'g',
    generationId,
    memberId,
    ...(version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}),
    assignments: [],
    ...given,
  });
const work = (...memberIds: string[]) => ({
  assignments: memberIds.map(memberId => ({ memberId, assignment: base64(Buffer.from(`for ${memberId}`)) })),
});
const heartbeat = (
  on: string,
  memberId: string,
  generationId: number,
  given: Given = {},
  version = 4,
): Step => step(on, HEARTBEAT, version, { groupId: 'g', memberId, generationId, ...given });
const leave = (on: string, members: unknown[], version = 5): Step =>
  step(on, LEAVE, version, { groupId: 'g', members });
const describe = (version = 6, groups = ['g']): Step =>
  step(
    'admin',
    DESCRIBE,
    version,
    version < 3 ? { groups } : { groups, includeAuthorizedOperations: version > 4 },
  );
const list = (version: number, given: Given = {}): Step => step('admin', LIST, version, given);
const deleteGroups = (...groupsNames: string[]): Step => step('admin', DELETE_GROUPS, 2, { groupsNames });
const commit = (on: string, given: Given, version = 9, partitions: unknown[] = [position(0, 5)]): Step =>
  step(on, OFFSET_COMMIT, version, {
    groupId: 'g',
    topics: [version >= 10 ? { topicId: 'ID:g-topic', partitions } : { name: 'g-topic', partitions }],
    ...given,
  });
const position = (partitionIndex: number, committedOffset: number, given: Given = {}) => ({
  partitionIndex,
  committedOffset,
  committedMetadata: '',
  ...given,
});
const fetch = (version: number, partitionIndexes: number[] | null, groupId = 'g'): Step => {
  const topic = version >= 10 ? { topicId: 'ID:g-topic' } : { name: 'g-topic' };
  const topics = partitionIndexes === null ? null : [{ ...topic, partitionIndexes }];
  return step(
    'admin',
    OFFSET_FETCH,
    version,
    version < 8 ? { groupId, topics } : { groups: [{ groupId, topics }], requireStable: false },
  );
};

/** A member that asked for its id first, alone in the group and stable in generation 1. */
const alone = (name: string, given: Given = {}): Step[] => [
  named(join(name, given), name),
  join(name, { ...given, memberId: `MEMBER:${name}` }),
  sync(name, `MEMBER:${name}`, 1, work(`MEMBER:${name}`)),
];

const lifecycle: Scenario = {
  name: 'lifecycle',
  steps: [
    describe(0),
    describe(5),
    describe(6),
    named(join('a'), 'a'),
    describe(6),
    list(5),
    join('a', { memberId: 'MEMBER:a' }),
    describe(6),
    heartbeat('a', 'MEMBER:a', 1),
    commit('a', { generationIdOrMemberEpoch: 1, memberId: 'MEMBER:a' }),
    join('a', { memberId: 'MEMBER:a' }),
    sync('a', 'MEMBER:a', 2, work('MEMBER:a')),
    sync('a', 'nobody', 1, work('MEMBER:a')),
    sync('a', 'MEMBER:a', 1, { protocolType: 'connect' }),
    sync('a', 'MEMBER:a', 1, { protocolName: 'sticky' }),
    sync('a', 'MEMBER:a', 1, work('MEMBER:a')),
    sync('a', 'MEMBER:a', 1, {}, 0),
    sync('a', 'MEMBER:a', 1, {}, 3),
    sync('a', 'MEMBER:a', 1, { groupId: 'nowhere' }),
    describe(0),
    describe(4),
    describe(5),
    heartbeat('a', 'MEMBER:a', 1, {}, 0),
    heartbeat('a', 'MEMBER:a', 0),
    heartbeat('a', 'nobody', 1),
    heartbeat('a', 'MEMBER:a', 1, { groupId: 'nowhere' }),
    heartbeat('a', 'MEMBER:a', 1, { groupInstanceId: 'i' }),
    commit('a', { generationIdOrMemberEpoch: 1, memberId: 'MEMBER:a' }),
    commit('a', { generationIdOrMemberEpoch: 0, memberId: 'MEMBER:a' }),
    commit('a', { generationIdOrMemberEpoch: 1, memberId: 'nobody' }),
    commit('a', { generationIdOrMemberEpoch: -1, memberId: '' }),
    commit('a', { generationIdOrMemberEpoch: -1, memberId: 'MEMBER:a' }),
    commit('a', { groupId: 'nowhere', generationIdOrMemberEpoch: 1, memberId: 'MEMBER:a' }, 8),
    commit('a', { groupId: 'nowhere', generationIdOrMemberEpoch: 1, memberId: 'MEMBER:a' }, 9),
    // The leader joins again: the next generation.
    join('a', { memberId: 'MEMBER:a' }, 5),
    sync('a', 'MEMBER:a', 2, {}),
    deleteGroups('g', 'nowhere'),
    leave('a', [{ memberId: 'nobody' }, { memberId: 'MEMBER:a' }, { memberId: '', groupInstanceId: 'i' }]),
    leave('a', [{ memberId: 'MEMBER:a' }]),
    step('a', LEAVE, 1, { groupId: 'g', memberId: 'MEMBER:a' }),
    step('a', LEAVE, 2, { groupId: 'nowhere', memberId: 'MEMBER:a' }),
    step('a', LEAVE, 3, { groupId: 'nowhere', members: [{ memberId: 'x' }] }),
    heartbeat('a', 'MEMBER:a', 2),
    sync('a', 'MEMBER:a', 2, {}),
    join('a', { memberId: 'MEMBER:a' }),
    describe(6),
    list(3),
    list(4, { statesFilter: ['Empty'] }),
    list(4, { statesFilter: ['stable', 'Dead'] }),
    list(5, { statesFilter: ['empty'], typesFilter: ['Classic'] }),
    list(5, { statesFilter: [], typesFilter: ['consumer'] }),
    list(5, { statesFilter: ['nonsense'], typesFilter: [] }),
    commit('a', { generationIdOrMemberEpoch: -1, memberId: '' }),
    deleteGroups('g', 'g'),
    fetch(9, [0]),
    list(5),
  ],
};

const oldVersions: Scenario = {
  name: 'old-versions',
  steps: [
    named(join('a', { rebalanceTimeoutMs: -1 }, 0), 'a'),
    sync('a', 'MEMBER:a', 1, work('MEMBER:a'), 0),
    join('a', { memberId: 'MEMBER:a' }, 2),
    sync('a', 'MEMBER:a', 2, work('MEMBER:a'), 2),
    heartbeat('a', 'MEMBER:a', 2, {}, 2),
    join('a', { memberId: 'nobody' }, 3),
    join('a', { memberId: 'MEMBER:a', protocolType: 'connect' }, 3),
    join('a', { memberId: 'MEMBER:a', protocolType: 'connect' }, 7),
    step('a', LEAVE, 0, { groupId: 'g', memberId: 'nobody' }),
    step('a', LEAVE, 0, { groupId: 'g', memberId: 'MEMBER:a' }),
    deleteGroups('g'),
  ],
};

const rebalance: Scenario = {
  name: 'rebalance',
  steps: [
    ...alone('a'),
    named(join('b'), 'b'),
    waiting(join('b', { memberId: 'MEMBER:b' }), 'PreparingRebalance', 2),
    heartbeat('a', 'MEMBER:a', 1),
    sync('a', 'MEMBER:a', 1),
    commit('a', { generationIdOrMemberEpoch: 1, memberId: 'MEMBER:a' }),
    commit('a', { generationIdOrMemberEpoch: -1, memberId: '' }),
    describe(6),
    join('a', { memberId: 'MEMBER:a' }),
    { collect: 'b' },
    describe(6),
    // The same again, while the work is shared out.
    join('b', { memberId: 'MEMBER:b' }),
    heartbeat('b', 'MEMBER:b', 2),
    commit('b', { generationIdOrMemberEpoch: 2, memberId: 'MEMBER:b' }),
    sync('a', 'MEMBER:a', 2, work('MEMBER:a', 'MEMBER:b')),
    sync('b', 'MEMBER:b', 2),
    // A follower without anything new goes on in the generation.
    join('b', { memberId: 'MEMBER:b' }),
    waiting(
      join('b', { memberId: 'MEMBER:b', protocols: protocols('range', 'sticky') }),
      'PreparingRebalance',
      2,
    ),
    join('a', { memberId: 'MEMBER:a' }),
    { collect: 'b' },
    // A follower that changes while the leader works.
    waiting(join('b', { memberId: 'MEMBER:b', protocols: protocols('range') }), 'PreparingRebalance', 2),
    join('a', { memberId: 'MEMBER:a' }),
    { collect: 'b' },
    waiting(sync('b', 'MEMBER:b', 4), 'CompletingRebalance', 2),
    sync('a', 'MEMBER:a', 4, work('MEMBER:a')),
    { collect: 'b' },
    leave('b', [{ memberId: 'MEMBER:b' }]),
    heartbeat('a', 'MEMBER:a', 4),
    join('a', { memberId: 'MEMBER:a' }),
    sync('a', 'MEMBER:a', 5, work('MEMBER:a')),
    leave('a', [{ memberId: 'MEMBER:a' }]),
    deleteGroups('g'),
  ],
};

const own = { groupInstanceId: 'i' };
const staticMembers: Scenario = {
  name: 'static-members',
  steps: [
    named(join('a', own), 'a'),
    sync('a', 'MEMBER:a', 1, { ...own, ...work('MEMBER:a') }),
    describe(4),
    named(join('b', own), 'b'),
    heartbeat('a', 'MEMBER:a', 1, own),
    heartbeat('b', 'MEMBER:b', 1, own),
    heartbeat('b', 'MEMBER:b', 1, { groupInstanceId: 'j' }),
    sync('a', 'MEMBER:a', 1, own),
    sync('b', 'MEMBER:b', 1, own),
    join('a', { ...own, memberId: 'MEMBER:a' }),
    commit('a', { ...own, generationIdOrMemberEpoch: 1, memberId: 'MEMBER:a' }),
    commit('b', { ...own, generationIdOrMemberEpoch: 1, memberId: 'MEMBER:b' }),
    // Before version 9 a leader that is back is told its former id.
    named(join('c', own, 7), 'c'),
    sync('c', 'MEMBER:c', 1, own),
    // Another protocol than the chosen one: now there is a rebalance.
    named(join('d', { ...own, protocols: protocols('sticky') }), 'd'),
    sync('d', 'MEMBER:d', 2, { ...own, ...work('MEMBER:d'), protocolName: 'sticky' }),
    leave('admin', [{ memberId: 'MEMBER:a', ...own }]),
    leave('admin', [{ memberId: '', groupInstanceId: 'j' }]),
    leave('admin', [{ memberId: '', ...own }]),
    describe(6),
    deleteGroups('g'),
  ],
};

const sessions: Scenario = {
  name: 'sessions',
  steps: [
    ...alone('a', { sessionTimeoutMs: 1_000 }),
    named(join('b'), 'b'),
    // The first member is never heard of again.
    waiting(join('b', { memberId: 'MEMBER:b' }), 'PreparingRebalance', 2),
    { collect: 'b' },
    sync('b', 'MEMBER:b', 2, work('MEMBER:b')),
    heartbeat('a', 'MEMBER:a', 1),
    describe(6),
    leave('b', [{ memberId: 'MEMBER:b' }]),
    // Who was given an id and does not come back is forgotten.
    named(join('c', { sessionTimeoutMs: 1_000 }), 'c'),
    ...alone('d', { sessionTimeoutMs: 1_000 }).slice(0, 1),
    waiting(join('d', { memberId: 'MEMBER:d' }), 'PreparingRebalance', 1),
    { collect: 'd' },
    sync('d', 'MEMBER:d', 4, work('MEMBER:d')),
    join('c', { memberId: 'MEMBER:c' }),
    leave('d', [{ memberId: 'MEMBER:d' }]),
    // Who joins and never syncs is out when the rebalance has taken its time.
    ...alone('e', { rebalanceTimeoutMs: 1_000 }).slice(0, 2),
    { until: { state: 'Empty', members: 0 }, group: 'g' },
    describe(6),
    deleteGroups('g'),
  ],
};

const refusals: Scenario = {
  name: 'refusals',
  steps: [
    join('a', { groupId: '' }),
    join('a', { sessionTimeoutMs: 10 }),
    join('a', { sessionTimeoutMs: 1_800_001 }),
    join('a', { memberId: 'nobody' }),
    join('a', { protocols: [] }),
    describe(6),
    join('a', { protocolType: '' }),
    heartbeat('a', '', -1, { groupId: '' }),
    sync('a', '', -1, { groupId: '' }),
    step('a', LEAVE, 5, { groupId: '', members: [{ memberId: 'x' }] }),
    describe(6, ['']),
    deleteGroups(''),
    commit('a', { groupId: '', generationIdOrMemberEpoch: -1, memberId: '' }),
    fetch(7, [0], ''),
    deleteGroups('', 'g'),
    ...alone('a'),
    named(join('b', { protocols: protocols('sticky') }), 'b'),
    named(join('b', { protocolType: 'connect' }), 'b'),
    ...['b', 'c'].flatMap(name => [
      named(join(name), name),
      waiting(join(name, { memberId: `MEMBER:${name}` }), 'PreparingRebalance', name === 'b' ? 2 : 3),
    ]),
    // A group has at most three members here; the first has not joined again.
    named(join('d', { sessionTimeoutMs: 500 }), 'd'),
    join('a', { memberId: 'MEMBER:a' }),
    { collect: 'b' },
    { collect: 'c' },
    join('d', { memberId: 'MEMBER:d' }),
    join('e'),
    leave('admin', [{ memberId: 'MEMBER:a' }, { memberId: 'MEMBER:b' }, { memberId: 'MEMBER:c' }]),
    deleteGroups('g'),
  ],
};

const offsets: Scenario = {
  name: 'offsets',
  steps: [
    fetch(1, [0]),
    fetch(7, [0, 1]),
    fetch(7, null),
    fetch(8, null),
    commit('a', { retentionTimeMs: -1 }, 2, [position(0, 1, { committedMetadata: null })]),
    commit('a', {}, 6, [position(1, 2, { committedLeaderEpoch: 3, committedMetadata: 'note' })]),
    commit('a', {}, 8, [position(2, 3), position(9, 3)]),
    commit('a', {}, 9, [position(0, 4, { committedMetadata: 'x'.repeat(4_097) }), position(1, 5)]),
    commit('a', {}, 9, [position(0, 6, { committedMetadata: 'x'.repeat(4_096) })]),
    commit('a', {}, 10, [position(0, 7)]),
    commit('a', { topics: [{ topicId: 'ABEiM0RVZneImaq7zN3u_w', partitions: [position(0, 1)] }] }, 10),
    commit('a', { topics: [{ name: 'nowhere', partitions: [position(0, 1)] }] }, 9),
    commit('a', { topics: [] }, 9),
    commit('a', {}, 9, [position(0, -1)]),
    fetch(1, [0, 1, 2, 3]),
    fetch(5, [0, 1]),
    fetch(7, null),
    fetch(8, [0, 1]),
    fetch(9, null),
    fetch(10, [0, 7]),
    fetch(10, null),
    step('admin', OFFSET_FETCH, 10, {
      groups: [{ groupId: 'g', topics: [{ topicId: 'ABEiM0RVZneImaq7zN3u_w', partitionIndexes: [0] }] }],
      requireStable: true,
    }),
    step('admin', OFFSET_FETCH, 9, {
      groups: [
        { groupId: 'g', topics: [{ name: 'g-topic', partitionIndexes: [0] }] },
        { groupId: 'nowhere', topics: [{ name: 'g-topic', partitionIndexes: [0] }] },
        { groupId: 'nowhere', topics: null },
      ],
      requireStable: true,
    }),
    describe(6),
    list(5),
    step('admin', OFFSET_DELETE, 0, {
      groupId: 'g',
      topics: [
        {
          name: 'g-topic',
          partitions: [{ partitionIndex: 2 }, { partitionIndex: 3 }, { partitionIndex: 9 }],
        },
        { name: 'nowhere', partitions: [{ partitionIndex: 0 }] },
      ],
    }),
    step('admin', OFFSET_DELETE, 0, {
      groupId: 'nowhere',
      topics: [{ name: 'g-topic', partitions: [{ partitionIndex: 2 }] }],
    }),
    fetch(9, null),
    ...alone('a'),
    step('admin', OFFSET_DELETE, 0, {
      groupId: 'g',
      topics: [{ name: 'g-topic', partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] }],
    }),
    commit('a', { generationIdOrMemberEpoch: 1, memberId: 'MEMBER:a' }, 7, [position(3, 1)]),
    leave('a', [{ memberId: 'MEMBER:a' }]),
    fetch(9, null),
    deleteGroups('g'),
    fetch(9, null),
  ],
};

const connect = { protocolType: 'connect' };
const otherTypes: Scenario = {
  name: 'other-types',
  steps: [
    named(join('a', connect), 'a'),
    join('a', { ...connect, memberId: 'MEMBER:a' }),
    sync('a', 'MEMBER:a', 1, { ...connect, ...work('MEMBER:a') }),
    describe(6),
    list(5),
    commit('a', { generationIdOrMemberEpoch: 1, memberId: 'MEMBER:a' }),
    step('admin', OFFSET_DELETE, 0, {
      groupId: 'g',
      topics: [{ name: 'g-topic', partitions: [{ partitionIndex: 0 }] }],
    }),
    leave('a', [{ memberId: 'MEMBER:a' }]),
    deleteGroups('g'),
  ],
};

const coordinators: Scenario = {
  name: 'coordinators',
  steps: [
    step('admin', FIND_COORDINATOR, 0, { key: 'g' }),
    step('admin', FIND_COORDINATOR, 1, { key: 'g', keyType: 0 }),
    step('admin', FIND_COORDINATOR, 3, { key: 'g', keyType: 0 }),
    step('admin', FIND_COORDINATOR, 3, { key: 'g', keyType: 9 }),
    step('admin', FIND_COORDINATOR, 4, { keyType: 0, coordinatorKeys: ['g', 'h'] }),
    step('admin', FIND_COORDINATOR, 6, { keyType: 0, coordinatorKeys: [] }),
    step('admin', FIND_COORDINATOR, 5, { keyType: 9, coordinatorKeys: ['g'] }),
  ],
};

/** What is there before each scenario. */
export const PREPARATION: readonly Step[] = [
  step('admin', CREATE_TOPICS, 7, {
    topics: [{ name: 'g-topic', numPartitions: 4, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 30_000,
    validateOnly: false,
  }),
  step('admin', 3, 12, { topics: [{ topicId: NO_UUID, name: 'g-topic' }], allowAutoTopicCreation: false }),
];

/** What the answers were compared with; the settings of the broker that gave them. */
export const BROKER_SETTINGS = {
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 100,
  'group.max.size': 3,
} as const;

export const GROUP_SCENARIOS: readonly Scenario[] = [
  coordinators,
  lifecycle,
  oldVersions,
  rebalance,
  staticMembers,
  sessions,
  refusals,
  offsets,
  otherTypes,
];
