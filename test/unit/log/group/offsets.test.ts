import { describe, expect, test } from 'vitest';
import {
  commitRequest,
  groupWorld,
  joinTwice,
  offset,
  settle,
  stableGroup,
} from '../../../support/group-world.ts';

const t0 = [{ topic: 't', partitions: [0] }];

describe('committed offsets', () => {
  test('of nobody in particular are there after a kill', async () => {
    const { disk, open } = groupWorld();
    const log = await open();
    const answers = await log.groups.commitOffsets(
      commitRequest([offset(5), offset(7, 't', 1, 'note'), offset(9, 'u', 0, 'x'.repeat(4_097))]),
    );
    expect(answers).toEqual([null, null, 'OFFSET_METADATA_TOO_LARGE']);
    disk.kill();
    const again = await open();
    expect(again.groups.fetchOffsets('g', null, false)).toEqual([
      {
        topic: 't',
        partitions: [
          { partition: 0, offset: 5, leaderEpoch: -1, metadata: '', error: null },
          { partition: 1, offset: 7, leaderEpoch: -1, metadata: 'note', error: null },
        ],
      },
    ]);
    expect(again.groups.list()).toEqual([
      { groupId: 'g', protocolType: '', state: 'Empty', type: 'classic' },
    ]);
    await again.close();
  });

  test('of a group with members are taken from members of the generation only', async () => {
    const log = await groupWorld().open();
    const { memberId } = await stableGroup(log.groups);
    const commit = (given: object) => log.groups.commitOffsets(commitRequest([offset(1)], given));
    expect(await commit({})).toEqual(['UNKNOWN_MEMBER_ID']);
    expect(await commit({ memberId: 'x', generation: 1 })).toEqual(['UNKNOWN_MEMBER_ID']);
    expect(await commit({ memberId, generation: 0 })).toEqual(['ILLEGAL_GENERATION']);
    expect(await commit({ memberId, generation: 1 })).toEqual([null]);
    expect(await commit({ groupId: 'other', memberId, generation: 1 })).toEqual(['GROUP_ID_NOT_FOUND']);
    await log.close();
  });

  test('while work is shared out wait for it', async () => {
    const log = await groupWorld().open();
    const { memberId } = await joinTwice(log.groups);
    const answers = await log.groups.commitOffsets(commitRequest([offset(1)], { memberId, generation: 1 }));
    expect(answers).toEqual(['REBALANCE_IN_PROGRESS']);
    await log.close();
  });

  test('of many commits at once share flushes', async () => {
    const log = await groupWorld().open();
    const before = log.stats().flushes;
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => log.groups.commitOffsets(commitRequest([offset(i)]))),
    );
    expect(log.stats().flushes - before).toBeLessThan(20);
    expect(log.groups.fetchOffsets('g', t0, false)).toMatchObject([{ partitions: [{ offset: 499 }] }]);
    await log.close();
  });

  test('are refused, not lost, on a full disk', async () => {
    const { disk, open } = groupWorld();
    const log = await open();
    await log.groups.commitOffsets(commitRequest([offset(1)]));
    disk.faults.roomBytes = 10;
    expect(await log.groups.commitOffsets(commitRequest([offset(2)]))).toEqual(['COORDINATOR_NOT_AVAILABLE']);
    expect(log.groups.fetchOffsets('g', t0, false)).toMatchObject([{ partitions: [{ offset: 1 }] }]);
    disk.faults.roomBytes = Number.POSITIVE_INFINITY;
    expect(await log.groups.commitOffsets(commitRequest([offset(3)]))).toEqual([null]);
    await log.close();
  });

  test('go with their topic', async () => {
    const log = await groupWorld().open();
    await log.createTopic('t', 1);
    await log.groups.commitOffsets(commitRequest([offset(1), offset(2, 'u')]));
    await log.deleteTopic('t');
    expect(log.groups.fetchOffsets('g', null, false).map(({ topic }) => topic)).toEqual(['u']);
    await log.close();
  });
});

describe('retention', () => {
  const settings = { offsetRetentionMs: 3_600_000, retentionCheckIntervalMs: 600_000 };

  test('runs from when the group became empty, then the group goes', async () => {
    const { clock, open } = groupWorld(settings);
    const log = await open();
    const { memberId } = await stableGroup(log.groups, { sessionTimeoutMs: 1_800_000 });
    await log.groups.commitOffsets(
      commitRequest([offset(1), offset(2, 'other')], { memberId, generation: 1 }),
    );
    const alive = { groupId: 'g', memberId, groupInstanceId: null, generation: 1 };
    for (let i = 0; i < 8; i++) {
      clock.advance(600_000);
      await settle();
      expect(log.groups.heartbeat(alive)).toBeNull();
    }
    // A stable group keeps what it is subscribed to; another topic's offset has aged since its commit.
    expect(log.groups.fetchOffsets('g', null, false).map(({ topic }) => topic)).toEqual(['t']);
    await log.groups.leave('g', [{ memberId, groupInstanceId: null }]);
    for (let i = 0; i < 5; i++) {
      clock.advance(600_000);
      await settle();
    }
    expect(log.groups.fetchOffsets('g', null, false)).toHaveLength(1);
    for (let i = 0; i < 2; i++) {
      clock.advance(600_000);
      await settle();
    }
    expect(log.groups.fetchOffsets('g', null, false)).toEqual([]);
    expect(log.groups.list()).toEqual([]);
    await log.close();
  });

  test('of a simple consumer runs from each commit, or as long as the commit says', async () => {
    const { clock, open } = groupWorld(settings);
    const log = await open();
    await log.groups.commitOffsets(commitRequest([offset(1)]));
    await log.groups.commitOffsets(commitRequest([offset(1, 'brief')], { retentionMs: 60_000 }));
    clock.advance(600_000);
    await settle();
    expect(log.groups.fetchOffsets('g', null, false).map(({ topic }) => topic)).toEqual(['t']);
    for (let i = 0; i < 6; i++) {
      clock.advance(600_000);
      await settle();
    }
    expect(log.groups.list()).toEqual([]);
    await log.close();
  });
});

describe('offsets of transactions', () => {
  const pending = (value: number, producerId = 1) => ({
    ...commitRequest([offset(value)]),
    producerId,
  });

  test('count when the transaction is committed, not before, and not when it is aborted', async () => {
    const log = await groupWorld().open();
    const { groups } = log;
    await groups.commitTransactionalOffsets(pending(5));
    expect(groups.fetchOffsets('g', t0, false)).toMatchObject([{ partitions: [{ offset: -1 }] }]);
    expect(groups.fetchOffsets('g', t0, true)).toMatchObject([
      { partitions: [{ offset: -1, error: 'UNSTABLE_OFFSET_COMMIT' }] },
    ]);
    await groups.completeTransaction(1, true);
    expect(groups.fetchOffsets('g', t0, true)).toMatchObject([{ partitions: [{ offset: 5, error: null }] }]);
    await groups.commitTransactionalOffsets(pending(8));
    await groups.completeTransaction(1, false);
    expect(groups.fetchOffsets('g', t0, true)).toMatchObject([{ partitions: [{ offset: 5, error: null }] }]);
    await log.close();
  });

  test('stay pending over a kill, and completing twice is completing once', async () => {
    const { disk, open } = groupWorld();
    const log = await open();
    await log.groups.commitTransactionalOffsets(pending(5));
    disk.kill();
    const again = await open();
    expect(again.groups.fetchOffsets('g', t0, true)).toMatchObject([
      { partitions: [{ error: 'UNSTABLE_OFFSET_COMMIT' }] },
    ]);
    await again.groups.completeTransaction(1, true);
    await again.groups.completeTransaction(1, true);
    disk.kill();
    const third = await open();
    expect(third.groups.fetchOffsets('g', t0, true)).toMatchObject([{ partitions: [{ offset: 5 }] }]);
    await third.close();
  });

  test('do not undo what was committed after them', async () => {
    const log = await groupWorld().open();
    const { groups } = log;
    await groups.commitTransactionalOffsets(pending(5));
    await groups.commitOffsets(commitRequest([offset(9)]));
    await groups.completeTransaction(1, true);
    expect(groups.fetchOffsets('g', t0, true)).toMatchObject([{ partitions: [{ offset: 9 }] }]);
    await log.close();
  });

  test('are not missed by an end that is asked for before they are stored', async () => {
    const log = await groupWorld().open();
    const stored = log.groups.commitTransactionalOffsets(pending(5));
    const ended = log.groups.completeTransaction(1, true);
    await Promise.all([stored, ended]);
    expect(log.groups.fetchOffsets('g', t0, true)).toMatchObject([{ partitions: [{ offset: 5 }] }]);
    await log.close();
  });
});

describe('deleting', () => {
  test('a group with members is refused, an empty one goes with its offsets', async () => {
    const { disk, open } = groupWorld();
    const log = await open();
    const { memberId } = await stableGroup(log.groups);
    await log.groups.commitOffsets(commitRequest([offset(1)], { memberId, generation: 1 }));
    expect(await log.groups.delete('g')).toBe('NON_EMPTY_GROUP');
    expect(await log.groups.delete('h')).toBe('GROUP_ID_NOT_FOUND');
    await log.groups.leave('g', [{ memberId, groupInstanceId: null }]);
    expect(await log.groups.delete('g')).toBeNull();
    disk.kill();
    const again = await open();
    expect(again.groups.list()).toEqual([]);
    await again.close();
  });

  test('offsets of topics that the group reads is refused', async () => {
    const log = await groupWorld().open();
    const { memberId } = await stableGroup(log.groups);
    const commits = commitRequest([offset(1), offset(2, 'u')], { memberId, generation: 1 });
    await log.groups.commitOffsets(commits);
    const deleted = await log.groups.deleteOffsets('g', [...t0, { topic: 'u', partitions: [0, 3] }]);
    expect(deleted).toEqual({
      error: null,
      topics: [
        { topic: 't', partitions: [{ partition: 0, error: 'GROUP_SUBSCRIBED_TO_TOPIC' }] },
        {
          topic: 'u',
          partitions: [
            { partition: 0, error: null },
            { partition: 3, error: null },
          ],
        },
      ],
    });
    expect(log.groups.fetchOffsets('g', null, false).map(({ topic }) => topic)).toEqual(['t']);
    await log.close();
  });
});
