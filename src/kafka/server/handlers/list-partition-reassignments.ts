import { LIST_PARTITION_REASSIGNMENTS } from '../../messages/list-partition-reassignments.ts';
import { handler } from '../handler.ts';

/** Nothing is ever on the move: there is one broker. Kafka's tools ask when they describe topics. */
export const listPartitionReassignments = handler(LIST_PARTITION_REASSIGNMENTS, {
  handle: () => ({ throttleTimeMs: 0, errorCode: 0, errorMessage: null, topics: [] }),
  refuse: (_, { code, message }) => {
    return { throttleTimeMs: 0, errorCode: code, errorMessage: message, topics: [] };
  },
});
