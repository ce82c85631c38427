import { expect, test } from 'vitest';
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
