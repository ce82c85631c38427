import { OFFSET_DELETE } from '../../messages/offset-delete.ts';
import { groupCode } from '../group-errors.ts';
import { codeOf, handler } from '../handler.ts';

/** Forgets a group's positions in topics that it does not read. */
export const offsetDelete = handler(OFFSET_DELETE, {
  handle: async ({ groupId, topics }, { broker }) => {
    const isThere = (name: string, partition: number): boolean => {
      const topic = broker.topicNamed(name);
      return topic !== undefined && partition >= 0 && partition < topic.partitions;
    };
    const asked = topics.map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.map(p => p.partitionIndex).filter(partition => isThere(name, partition)),
    }));
    const deleted = await broker.groups.deleteOffsets(groupId, asked);
    if (deleted.error !== null) {
      return { throttleTimeMs: 0, errorCode: groupCode(deleted.error), topics: [] };
    }
    const answers = topics.map(({ name, partitions }, i) => {
      const errors = new Map(deleted.topics[i]!.partitions.map(p => [p.partition, p.error]));
      return {
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          const error = errors.get(partitionIndex);
          const unknown = codeOf('UNKNOWN_TOPIC_OR_PARTITION');
          return { partitionIndex, errorCode: error === undefined ? unknown : groupCode(error) };
        }),
      };
    });
    return { throttleTimeMs: 0, errorCode: 0, topics: answers };
  },
  refuse: (_, { code }) => ({ throttleTimeMs: 0, errorCode: code, topics: [] }),
});
