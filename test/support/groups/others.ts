import {
  alone,
  commit,
  deleteGroups,
  describe,
  fetch,
  heartbeat,
  join,
  LEAVE,
  leave,
  list,
  named,
  OFFSET_FETCH,
  position,
  protocols,
  type Scenario,
  step,
  sync,
  waiting,
  work,
} from './steps.ts';

const FIND_COORDINATOR = 10;
const OFFSET_DELETE = 47;

export const refusals: Scenario = {
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

export const offsets: Scenario = {
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
export const otherTypes: Scenario = {
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

export const coordinators: Scenario = {
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
