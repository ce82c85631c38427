import { describe, expect, test } from 'vitest';
import {
  groupWorld,
  joinRequest,
  joinTwice,
  settle,
  stableGroup,
  subscription,
  syncOf,
} from '../../../support/group-world.ts';

describe('joining', () => {
  test('a new member is given its id first, then leads a group of one', async () => {
    const log = await groupWorld().open();
    const first = await log.groups.join(joinRequest());
    expect(first).toMatchObject({ error: 'MEMBER_ID_REQUIRED', generation: -1 });
    expect(first.memberId).toMatch(/^c-[0-9a-f-]{36}$/);
    const joined = await log.groups.join(joinRequest({ memberId: first.memberId }));
    expect(joined).toMatchObject({ error: null, generation: 1, leader: first.memberId, protocol: 'range' });
    expect(joined.members).toHaveLength(1);
    const synced = await syncOf(log.groups, joined.memberId, 1, { [joined.memberId]: 'all' });
    expect(Buffer.from(synced.assignment).toString()).toBe('all');
    expect(log.groups.describe('g')).toMatchObject({ state: 'Stable', protocol: 'range' });
    await log.close();
  });

  test('an empty group waits for more members, longer while they come', async () => {
    const { clock, open } = groupWorld({ initialRebalanceDelayMs: 3_000 });
    const log = await open();
    const a = joinTwice(log.groups);
    await settle();
    clock.advance(2_000);
    const b = joinTwice(log.groups);
    await settle();
    clock.advance(1_000);
    await settle();
    expect(log.groups.describe('g')?.state).toBe('PreparingRebalance');
    clock.advance(3_000);
    const [first, second] = await Promise.all([a, b]);
    expect([first.generation, second.generation]).toEqual([1, 1]);
    expect(first.members.length + second.members.length).toBe(2);
    await log.close();
  });

  test('a second member makes the first join again; both are in the next generation', async () => {
    const log = await groupWorld().open();
    const a = await stableGroup(log.groups);
    const second = joinTwice(log.groups);
    await settle();
    const alive = { groupId: 'g', memberId: a.memberId, groupInstanceId: null, generation: 1 };
    expect(log.groups.heartbeat(alive)).toBe('REBALANCE_IN_PROGRESS');
    const again = log.groups.join(joinRequest({ memberId: a.memberId }));
    const [one, two] = await Promise.all([again, second]);
    expect([one.generation, two.generation, two.leader]).toEqual([2, 2, a.memberId]);
    const follower = syncOf(log.groups, two.memberId, 2);
    await syncOf(log.groups, one.memberId, 2, { [one.memberId]: 'x', [two.memberId]: 'y' });
    expect(Buffer.from((await follower).assignment).toString()).toBe('y');
    expect(log.groups.heartbeat({ ...alive, generation: 1 })).toBe('ILLEGAL_GENERATION');
    await log.close();
  });

  test('who does not join again in time is out', async () => {
    const { clock, open } = groupWorld();
    const log = await open();
    const a = await stableGroup(log.groups, { sessionTimeoutMs: 600_000 });
    const second = joinTwice(log.groups);
    await settle();
    clock.advance(60_000);
    const joined = await second;
    expect(joined).toMatchObject({ error: null, generation: 2, leader: joined.memberId });
    const alive = { groupId: 'g', memberId: a.memberId, groupInstanceId: null, generation: 2 };
    expect(log.groups.heartbeat(alive)).toBe('UNKNOWN_MEMBER_ID');
    await log.close();
  });

  test('a member that falls silent is out after its session, one that beats is not', async () => {
    const { clock, open } = groupWorld();
    const log = await open();
    const a = await stableGroup(log.groups);
    const alive = { groupId: 'g', memberId: a.memberId, groupInstanceId: null, generation: 1 };
    for (let i = 0; i < 5; i++) {
      clock.advance(9_000);
      await settle();
      expect(log.groups.heartbeat(alive)).toBeNull();
    }
    clock.advance(10_100);
    await settle();
    expect(log.groups.describe('g')).toMatchObject({ state: 'Empty', members: [] });
    await log.close();
  });

  test('who joined but never syncs holds the others up no longer than a rebalance may take', async () => {
    const { clock, open } = groupWorld();
    const log = await open();
    const a = await stableGroup(log.groups, { sessionTimeoutMs: 600_000 });
    const second = joinTwice(log.groups, { sessionTimeoutMs: 600_000 });
    await settle();
    const [one, two] = await Promise.all([
      log.groups.join(joinRequest({ memberId: a.memberId, sessionTimeoutMs: 600_000 })),
      second,
    ]);
    await syncOf(log.groups, one.memberId, 2, { [one.memberId]: 'x', [two.memberId]: 'y' });
    clock.advance(60_000);
    await settle();
    expect(log.groups.describe('g')).toMatchObject({
      state: 'PreparingRebalance',
      members: [{ memberId: one.memberId }],
    });
    await log.close();
  });

  test('refuses what does not fit', async () => {
    const log = await groupWorld({ membersMax: 1 }).open();
    const { groups } = log;
    expect(await groups.join(joinRequest({ groupId: '' }))).toMatchObject({ error: 'INVALID_GROUP_ID' });
    const short = joinRequest({ sessionTimeoutMs: 5_999 });
    expect(await groups.join(short)).toMatchObject({ error: 'INVALID_SESSION_TIMEOUT' });
    expect(await groups.join(joinRequest({ memberId: 'x' }))).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
    expect(await groups.join(joinRequest({ protocols: [] }))).toMatchObject({
      error: 'INCONSISTENT_GROUP_PROTOCOL',
    });
    await stableGroup(groups);
    expect(await groups.join(joinRequest())).toMatchObject({ error: 'GROUP_MAX_SIZE_REACHED', memberId: '' });
    await log.close();
  });

  test('members of different protocols meet in the one that all know', async () => {
    const log = await groupWorld({ initialRebalanceDelayMs: 1_000 }).open();
    const protocols = (...names: string[]) => names.map(name => ({ name, metadata: subscription('t') }));
    const { groups } = log;
    const a = joinTwice(groups, { protocols: protocols('range', 'sticky') });
    await settle();
    const b = groups.join(joinRequest({ protocols: protocols('round', 'sticky'), needsMemberId: false }));
    expect(await groups.join(joinRequest({ protocols: protocols('range') }))).toMatchObject({
      error: 'INCONSISTENT_GROUP_PROTOCOL',
    });
    await log.close();
    expect([(await a).error, (await b).error]).toEqual(['NOT_COORDINATOR', 'NOT_COORDINATOR']);
  });
});

describe('static members', () => {
  const own = { groupInstanceId: 'i', needsMemberId: true };

  test('come back without a rebalance; the one before is fenced', async () => {
    const log = await groupWorld().open();
    const { groups } = log;
    const a = await groups.join(joinRequest(own));
    await syncOf(groups, a.memberId, 1, { [a.memberId]: 'work' }, 'i');
    const back = await groups.join(joinRequest(own));
    expect(back).toMatchObject({ error: null, generation: 1, leader: back.memberId, skipAssignment: true });
    expect(back.memberId).not.toBe(a.memberId);
    const synced = await syncOf(groups, back.memberId, 1, {}, 'i');
    expect(Buffer.from(synced.assignment).toString()).toBe('work');
    const old = { groupId: 'g', memberId: a.memberId, groupInstanceId: 'i', generation: 1 };
    expect(groups.heartbeat(old)).toBe('FENCED_INSTANCE_ID');
    expect(await groups.join(joinRequest({ ...own, memberId: a.memberId }))).toMatchObject({
      error: 'FENCED_INSTANCE_ID',
    });
    await log.close();
  });

  test('that led are told their former id where the version knows no skipping', async () => {
    const log = await groupWorld().open();
    const a = await log.groups.join(joinRequest(own));
    await syncOf(log.groups, a.memberId, 1, { [a.memberId]: 'work' }, 'i');
    const back = await log.groups.join(joinRequest({ ...own, canSkipAssignment: false }));
    expect(back).toMatchObject({ error: null, generation: 1, leader: a.memberId, members: [] });
    await log.close();
  });

  test('are removed by their instance alone', async () => {
    const log = await groupWorld().open();
    await log.groups.join(joinRequest(own));
    const left = await log.groups.leave('g', [
      { memberId: '', groupInstanceId: 'i' },
      { memberId: '', groupInstanceId: 'j' },
    ]);
    expect(left.members.map(member => member.error)).toEqual([null, 'UNKNOWN_MEMBER_ID']);
    expect(log.groups.describe('g')?.state).toBe('Empty');
    await log.close();
  });
});

describe('after a kill', () => {
  test('members go on in their generation', async () => {
    const { disk, clock, open } = groupWorld();
    const log = await open();
    const a = await stableGroup(log.groups);
    disk.kill();
    const again = await open();
    const alive = { groupId: 'g', memberId: a.memberId, groupInstanceId: null, generation: 1 };
    expect(again.groups.heartbeat(alive)).toBeNull();
    const synced = await syncOf(again.groups, a.memberId, 1);
    expect(Buffer.from(synced.assignment).toString()).toBe('work');
    expect(again.groups.describe('g')).toMatchObject({ state: 'Stable', protocolType: 'consumer' });
    clock.advance(10_100);
    await settle();
    expect(again.groups.describe('g')?.state).toBe('Empty');
    await again.close();
  });

  test('a group that everybody left is empty', async () => {
    const { disk, open } = groupWorld();
    const log = await open();
    const a = await stableGroup(log.groups);
    await log.groups.leave('g', [{ memberId: a.memberId, groupInstanceId: null }]);
    disk.kill();
    const again = await open();
    expect(again.groups.list()).toMatchObject([{ groupId: 'g', state: 'Empty', protocolType: 'consumer' }]);
    await again.close();
  });
});

test('what members have kept of them is bounded, and given back', async () => {
  const log = await groupWorld({ memberBytesMax: 10_000 }).open();
  const large = { protocols: [{ name: 'range', metadata: Buffer.alloc(6_000) }] };
  for (let i = 0; i < 5; i++) {
    const { memberId, generation } = await stableGroup(log.groups, large);
    expect(generation).toBeGreaterThan(0);
    const other = await log.groups.join(joinRequest({ ...large, groupId: 'h' }));
    expect(other.error).toBe('GROUP_MAX_SIZE_REACHED');
    const work = { [memberId]: 'x'.repeat(6_000) };
    const synced = await syncOf(log.groups, memberId, generation, work);
    expect(synced.error).toBe('COORDINATOR_NOT_AVAILABLE');
    await log.groups.leave('g', [{ memberId, groupInstanceId: null }]);
  }
  await log.close();
});

test('work of a generation that was over before it was stored is not handed out', async () => {
  const log = await groupWorld().open();
  const { memberId } = await joinTwice(log.groups);
  const old = syncOf(log.groups, memberId, 1, { [memberId]: 'old' });
  const protocols = [{ name: 'range', metadata: subscription('t', 'u') }];
  const joined = await log.groups.join(joinRequest({ memberId, protocols }));
  expect([(await old).error, joined.generation]).toEqual(['REBALANCE_IN_PROGRESS', 2]);
  await settle();
  expect(log.groups.describe('g')?.state).toBe('CompletingRebalance');
  const synced = await syncOf(log.groups, memberId, 2, { [memberId]: 'new' });
  expect(Buffer.from(synced.assignment).toString()).toBe('new');
  await log.close();
});

test('work that cannot be stored is not handed out', async () => {
  const { disk, open } = groupWorld();
  const log = await open();
  const joined = await joinTwice(log.groups);
  disk.faults.roomBytes = 10;
  const synced = await syncOf(log.groups, joined.memberId, 1, { [joined.memberId]: 'work' });
  expect(synced.error).toBe('COORDINATOR_NOT_AVAILABLE');
  disk.faults.roomBytes = Number.POSITIVE_INFINITY;
  const again = await log.groups.join(joinRequest({ memberId: joined.memberId }));
  expect(again.generation).toBe(2);
  expect(await syncOf(log.groups, joined.memberId, 2, {})).toMatchObject({ error: null });
  await log.close();
});
