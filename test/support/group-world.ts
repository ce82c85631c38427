import { seededRng } from '../../src/core/mod.ts';
import {
  type CommitRequest,
  type GroupSettings,
  type Groups,
  type JoinRequest,
  type OffsetCommit,
  openEmbeddedLog,
} from '../../src/log/mod.ts';
import { MemoryDisk } from './memory-disk.ts';
import { TestClock } from './test-clock.ts';

/** A log on a disk in memory, with groups whose time stands still until the test moves it. */
export function groupWorld(groups: Partial<GroupSettings> = {}) {
  const disk = new MemoryDisk(seededRng(11));
  const clock = new TestClock();
  const settings = { initialRebalanceDelayMs: 0, ...groups };
  const open = () => openEmbeddedLog({ storage: disk.mount(), clock, directory: '/log', groups: settings });
  return { disk, clock, open };
}

/** Let everything go on that waits for no clock. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
  await new Promise(resolve => setImmediate(resolve));
  for (let i = 0; i < 200; i++) await Promise.resolve();
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

export function joinRequest(given: Partial<JoinRequest> = {}): JoinRequest {
  return {
    groupId: 'g',
    memberId: '',
    groupInstanceId: null,
    clientId: 'c',
    clientHost: '127.0.0.1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription('t') }],
    needsMemberId: true,
    canSkipAssignment: true,
    ...given,
  };
}

/** ConsumerProtocolSubscription version 0 without user data. */
export function subscription(...topics: readonly string[]): Uint8Array {
  const parts = [Buffer.from([0, 0, 0, 0, 0, topics.length])];
  for (const topic of topics) parts.push(Buffer.from([0, topic.length]), Buffer.from(topic));
  parts.push(Buffer.from([255, 255, 255, 255]));
  return new Uint8Array(Buffer.concat(parts));
}

/** Joins as a client does: asks for an id, then joins with it. */
export async function joinTwice(groups: Groups, given: Partial<JoinRequest> = {}) {
  const first = await groups.join(joinRequest(given));
  return groups.join(joinRequest({ ...given, memberId: first.memberId }));
}

/** Syncs with work for these members. */
export function syncOf(
  groups: Groups,
  memberId: string,
  generation: number,
  work: Readonly<Record<string, string>> = {},
  groupInstanceId: string | null = null,
) {
  return groups.sync({
    groupId: 'g',
    memberId,
    groupInstanceId,
    generation,
    protocolType: 'consumer',
    protocol: 'range',
    assignments: Object.entries(work).map(([id, text]) => ({ memberId: id, assignment: bytes(text) })),
  });
}

/** A group of one member that is stable. */
export async function stableGroup(groups: Groups, given: Partial<JoinRequest> = {}) {
  const joined = await joinTwice(groups, given);
  await syncOf(groups, joined.memberId, joined.generation, { [joined.memberId]: 'work' });
  return joined;
}

export const offset = (value: number, topic = 't', partition = 0, metadata = ''): OffsetCommit => ({
  topic,
  partition,
  offset: value,
  leaderEpoch: -1,
  metadata,
});

/** A commit of nobody in particular. */
export function commitRequest(
  offsets: readonly OffsetCommit[],
  given: Partial<CommitRequest> = {},
): CommitRequest {
  return {
    groupId: 'g',
    memberId: '',
    groupInstanceId: null,
    generation: -1,
    retentionMs: null,
    offsets,
    ...given,
  };
}
