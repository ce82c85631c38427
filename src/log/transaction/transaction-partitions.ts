import type { Topics } from '../topics.ts';
import type { TransactionPartition, TransactionPartitions } from './live-entry.ts';

/** The topics of the log as the coordinator sees them. */
export function transactionPartitions(topics: Topics): TransactionPartitions {
  function* all(): Iterable<TransactionPartition> {
    for (const { name: topic, id: topicId, open } of topics.all()) {
      for (const [index, partition] of open.entries()) yield { topic, topicId, index, partition };
    }
  }
  return {
    all,
    find({ topic, partition: index }) {
      const found = topics.get(topic);
      const partition = found?.open[index];
      return found && partition && { topic, topicId: found.id, index, partition };
    },
  };
}
