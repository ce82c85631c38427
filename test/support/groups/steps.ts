import { subscription } from '../group-world.ts';

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

const [OFFSET_COMMIT, JOIN, HEARTBEAT, SYNC, DESCRIBE, LIST, DELETE_GROUPS] = [8, 11, 12, 14, 15, 16, 42];
export const OFFSET_FETCH = 9;
export const LEAVE = 13;
const CREATE_TOPICS = 19;
const base64 = (bytes: Uint8Array): string => `BASE64:${Buffer.from(bytes).toString('base64')}`;
const NO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

export const step = (on: string, api: number, version: number, request: Record<string, unknown>): Step => ({
  on,
  api,
  version,
  request,
});

type Given = Record<string, unknown>;
export const protocols = (...names: string[]) =>
  names.map(name => ({ name, metadata: base64(subscription('g-topic')) }));

export const join = (on: string, given: Given = {}, version = 9): Step =>
  step(on, JOIN, version, {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: protocols('range'),
    ...given,
  });
export const named = (s: Step, as: string): Step => ({ ...s, as });
export const waiting = (s: Step, state: string, members: number): Step => ({
  ...s,
  until: { state, members },
});
export const sync = (
  on: string,
  memberId: string,
  generationId: number,
  given: Given = {},
  version = 5,
): Step =>
  step(on, SYNC, version, {
    groupId: 'g',
    generationId,
    memberId,
    ...(version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}),
    assignments: [],
    ...given,
  });
export const work = (...memberIds: string[]) => ({
  assignments: memberIds.map(memberId => ({ memberId, assignment: base64(Buffer.from(`for ${memberId}`)) })),
});
export const heartbeat = (
  on: string,
  memberId: string,
  generationId: number,
  given: Given = {},
  version = 4,
): Step => step(on, HEARTBEAT, version, { groupId: 'g', memberId, generationId, ...given });
export const leave = (on: string, members: unknown[], version = 5): Step =>
  step(on, LEAVE, version, { groupId: 'g', members });
export const describe = (version = 6, groups = ['g']): Step =>
  step(
    'admin',
    DESCRIBE,
    version,
    version < 3 ? { groups } : { groups, includeAuthorizedOperations: version > 4 },
  );
export const list = (version: number, given: Given = {}): Step => step('admin', LIST, version, given);
export const deleteGroups = (...groupsNames: string[]): Step =>
  step('admin', DELETE_GROUPS, 2, { groupsNames });
export const commit = (
  on: string,
  given: Given,
  version = 9,
  partitions: unknown[] = [position(0, 5)],
): Step =>
  step(on, OFFSET_COMMIT, version, {
    groupId: 'g',
    topics: [version >= 10 ? { topicId: 'ID:g-topic', partitions } : { name: 'g-topic', partitions }],
    ...given,
  });
export const position = (partitionIndex: number, committedOffset: number, given: Given = {}) => ({
  partitionIndex,
  committedOffset,
  committedMetadata: '',
  ...given,
});
export const fetch = (version: number, partitionIndexes: number[] | null, groupId = 'g'): Step => {
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
export const alone = (name: string, given: Given = {}): Step[] => [
  named(join(name, given), name),
  join(name, { ...given, memberId: `MEMBER:${name}` }),
  sync(name, `MEMBER:${name}`, 1, work(`MEMBER:${name}`)),
];

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
