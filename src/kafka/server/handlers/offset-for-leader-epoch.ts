import { OFFSET_FOR_LEADER_EPOCH } from '../../messages/offset-for-leader-epoch.ts';
import type { RequestOf } from '../../messages/schema.ts';
import { LEADER_EPOCH, type RequestContext } from '../context.ts';
import { failureOf, handler } from '../handler.ts';
import { checkLeaderEpoch } from '../leader-epoch.ts';
import { checkPartition, topicOf } from '../topic-of.ts';

type Asked = RequestOf<typeof OFFSET_FOR_LEADER_EPOCH>['topics'][number]['partitions'][number];

const UNDEFINED = { leaderEpoch: -1, endOffset: -1 };

/** Where a leader epoch ends: the only one there is ends where the partition does. */
export const offsetForLeaderEpoch = handler(OFFSET_FOR_LEADER_EPOCH, {
  handle: async ({ topics }, context) => ({
    throttleTimeMs: 0,
    topics: await Promise.all(
      topics.map(async ({ topic, partitions }) => ({
        topic,
        partitions: await Promise.all(partitions.map(asked => find(topic, asked, context))),
      })),
    ),
  }),
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode: code, ...UNDEFINED })),
    })),
  }),
});

async function find(topic: string, asked: Asked, context: RequestContext) {
  const { partition, currentLeaderEpoch, leaderEpoch } = asked;
  try {
    checkPartition(topicOf(context.broker, false, topic, ''), partition);
    checkLeaderEpoch(currentLeaderEpoch);
    if (leaderEpoch !== LEADER_EPOCH) return { partition, errorCode: 0, ...UNDEFINED };
    const at = { topic, partition };
    const { offset } = await context.broker.listOffset(at, 'latest', 'read_uncommitted');
    return { partition, errorCode: 0, leaderEpoch, endOffset: offset };
  } catch (error) {
    const { code } = failureOf(error, OFFSET_FOR_LEADER_EPOCH.name, context);
    return { partition, errorCode: code, ...UNDEFINED };
  }
}
