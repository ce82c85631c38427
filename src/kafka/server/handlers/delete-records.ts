import { DELETE_RECORDS } from '../../messages/delete-records.ts';
import type { RequestOf } from '../../messages/schema.ts';
import type { RequestContext } from '../context.ts';
import { failureOf, handler } from '../handler.ts';
import { checkPartition, topicOf } from '../topic-of.ts';

type Partition = RequestOf<typeof DELETE_RECORDS>['topics'][number]['partitions'][number];

/** Everything before an offset, partition by partition; answers where each begins now. */
export const deleteRecords = handler(DELETE_RECORDS, {
  handle: async ({ topics }, context) => ({
    throttleTimeMs: 0,
    topics: await Promise.all(
      topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(partitions.map(asked => cut(name, asked, context))),
      })),
    ),
  }),
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        return { partitionIndex, lowWatermark: -1, errorCode: code };
      }),
    })),
  }),
});

async function cut(name: string, { partitionIndex, offset }: Partition, context: RequestContext) {
  try {
    checkPartition(topicOf(context.broker, false, name, ''), partitionIndex);
    const at = { topic: name, partition: partitionIndex };
    return { partitionIndex, lowWatermark: await context.broker.deleteRecords(at, offset), errorCode: 0 };
  } catch (error) {
    const { code } = failureOf(error, DELETE_RECORDS.name, context);
    return { partitionIndex, lowWatermark: -1, errorCode: code };
  }
}
