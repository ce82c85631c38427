import { expect, test } from 'vitest';
import type { PartitionOffsets } from '../../../src/log/mod.ts';
import { TopicViews } from '../../../src/platform/topics/topic-view.ts';
import { brokerWorld } from '../../support/client-batches.ts';
import { record } from '../../support/log-conformance.ts';

test('a topic that is deleted between listing and asking is left out, and does not hide the others', async () => {
  const { log, clock } = await brokerWorld();
  await log.createTopic('gone', 2);
  await log.createTopic('t', 1);
  await log.append({ topic: 't', partition: 0 }, [record('a')]);
  const admin = log.admin!;
  const listTopics: typeof admin.listTopics = async () => {
    const listed = await admin.listTopics();
    if (listed.some(topic => topic.name === 'gone')) await log.deleteTopic('gone');
    return listed;
  };
  const views = new TopicViews(() => ({ ...log, admin: { ...admin, listTopics } }), clock);
  const shown = (await views.all()).filter(topic => !topic.internal);
  expect(shown).toMatchObject([{ name: 't', records: 1, partitions: [{ partition: 0 }] }]);
  await log.createTopic('gone', 1);
  await expect(views.one('gone')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  await log.close();
});

test('a partition without a leader does not hold back the list: its offsets are not known', async () => {
  const { log, clock } = await brokerWorld();
  await log.createTopic('t', 2);
  await log.createTopic('u', 1);
  await log.append({ topic: 't', partition: 0 }, [record('a')]);
  let questions = 0;
  let answer = (_offsets: PartitionOffsets): void => undefined;
  let heard = (): void => undefined;
  const asked = new Promise<void>(resolve => {
    heard = resolve;
  });
  const offsets: typeof log.offsets = at => {
    if (at.topic !== 't' || at.partition !== 1) return log.offsets(at);
    questions++;
    heard();
    return new Promise(resolve => {
      answer = resolve;
    });
  };
  const views = new TopicViews(() => ({ ...log, offsets }), clock);
  const unknown = [
    {
      ...{ name: 't', records: null },
      partitions: [{ logEndOffset: 1 }, { partition: 1, logEndOffset: null, lastStableOffset: null }],
    },
    { name: 'u', records: 0 },
  ];
  const shown = async () => (await views.all()).filter(topic => !topic.internal);
  const first = shown();
  await asked;
  clock.advance(3000);
  expect(await first).toMatchObject(unknown);
  // Nobody waits, or asks, again while the log still looks for the leader.
  expect(await shown()).toMatchObject(unknown);
  expect(questions).toBe(1);
  answer(await log.offsets({ topic: 't', partition: 1 }));
  const third = shown();
  await expect.poll(() => questions).toBe(2);
  answer(await log.offsets({ topic: 't', partition: 1 }));
  expect(await third).toMatchObject([{ name: 't', records: 1 }, { name: 'u' }]);
  await log.close();
});
