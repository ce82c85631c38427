import { DESCRIBE_PRODUCERS } from '../../messages/describe-producers.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import type { RequestContext } from '../context.ts';
import { failureOf, handler } from '../handler.ts';
import { checkPartition, topicOf } from '../topic-of.ts';

type Request = RequestOf<typeof DESCRIBE_PRODUCERS>;
type Described = ResponseOf<typeof DESCRIBE_PRODUCERS>['topics'][number]['partitions'][number];

/** The producers that partitions remember, with the transactions they have open there. */
export const describeProducers = handler(DESCRIBE_PRODUCERS, {
  handle: ({ topics }, context) => ({
    throttleTimeMs: 0,
    topics: Array.from(eachOnce(topics), ([name, partitions]) => ({
      name,
      partitions: Array.from(partitions, partition => describe(name, partition, context)),
    })),
  }),
  refuse: ({ topics }, { code, message }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map(partition => unknown(partition, code, message)),
    })),
  }),
});

/** What is asked for again is not told again: a small request must not ask for more than there is memory. */
function eachOnce(topics: Request['topics']): ReadonlyMap<string, ReadonlySet<number>> {
  const once = new Map<string, Set<number>>();
  for (const { name, partitionIndexes } of topics) {
    const partitions = once.get(name) ?? new Set();
    once.set(name, partitions);
    for (const partition of partitionIndexes) partitions.add(partition);
  }
  return once;
}

const unknown = (partitionIndex: number, errorCode: number, errorMessage: string): Described => {
  return { partitionIndex, errorCode, errorMessage, activeProducers: [] };
};

function describe(topic: string, partition: number, context: RequestContext): Described {
  try {
    checkPartition(topicOf(context.broker, false, topic, ''), partition);
    const producers = context.broker.activeProducers({ topic, partition });
    return {
      ...{ partitionIndex: partition, errorCode: 0, errorMessage: null },
      activeProducers: producers.map(producer => ({
        producerId: producer.producerId,
        producerEpoch: producer.producerEpoch,
        lastSequence: producer.lastSequence,
        lastTimestamp: producer.lastTimestampMs,
        coordinatorEpoch: producer.coordinatorEpoch,
        currentTxnStartOffset: producer.currentTransactionStartOffset,
      })),
    };
  } catch (error) {
    const { code, message } = failureOf(error, DESCRIBE_PRODUCERS.name, context);
    return unknown(partition, code, message);
  }
}
