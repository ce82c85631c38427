import type { TopicPartition } from '../../../log/mod.ts';
import { DESCRIBE_TRANSACTIONS } from '../../messages/describe-transactions.ts';
import type { ResponseOf } from '../../messages/schema.ts';
import type { RequestContext } from '../context.ts';
import { type Failure, failureOf, handler } from '../handler.ts';

type State = ResponseOf<typeof DESCRIBE_TRANSACTIONS>['transactionStates'][number];

/** Shows where transactional ids stand. */
export const describeTransactions = handler(DESCRIBE_TRANSACTIONS, {
  handle: ({ transactionalIds }, context) => ({
    throttleTimeMs: 0,
    transactionStates: [...new Set(transactionalIds)].map(id => stateOf(id, context)),
  }),
  refuse: ({ transactionalIds }, failure) => ({
    throttleTimeMs: 0,
    transactionStates: transactionalIds.map(id => failed(id, failure)),
  }),
});

function stateOf(transactionalId: string, context: RequestContext): State {
  try {
    const { state, timeoutMs, startMs, partitions, ...producer } =
      context.broker.transactions.describe(transactionalId);
    return {
      ...producer,
      errorCode: 0,
      transactionState: state,
      transactionTimeoutMs: timeoutMs,
      transactionStartTimeMs: startMs,
      topics: byTopic(partitions),
    };
  } catch (error) {
    return failed(transactionalId, failureOf(error, DESCRIBE_TRANSACTIONS.name, context));
  }
}

function failed(transactionalId: string, { code }: Failure): State {
  return {
    errorCode: code,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  };
}

function byTopic(all: readonly TopicPartition[]): State['topics'] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of all) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }));
}
