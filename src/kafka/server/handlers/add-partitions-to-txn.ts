import { isOwnName, type KafkaErrorName, type LogBroker, type TopicPartition } from '../../../log/mod.ts';
import { ADD_PARTITIONS_TO_TXN } from '../../messages/add-partitions-to-txn.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import type { RequestContext } from '../context.ts';
import { codeOf, type Failure, failureOf, handler } from '../handler.ts';
import { codeSince, transactionVersion } from '../transactions.ts';

type Request = RequestOf<typeof ADD_PARTITIONS_TO_TXN>;
type Transaction = Request['transactions'][number];
type Topics = Transaction['topics'];
type Response = ResponseOf<typeof ADD_PARTITIONS_TO_TXN>;
type TopicResults = NonNullable<Response['resultsByTopicV3AndBelow']>;

const FENCED_SINCE = 2;
/** From here on the requests of brokers: several transactions at once. */
const BATCHED = 4;

/** Partitions become part of transactions; those that are only verified must be part of them already. */
export const addPartitionsToTxn = handler(ADD_PARTITIONS_TO_TXN, {
  handle: async (request, context) => {
    if (context.apiVersion < BATCHED) {
      return { throttleTimeMs: 0, resultsByTopicV3AndBelow: await resultsOf(onlyOne(request), context) };
    }
    const resultsByTransaction = await Promise.all(
      request.transactions.map(async transaction => {
        const { transactionalId } = transaction;
        return { transactionalId, topicResults: await resultsOf(transaction, context) };
      }),
    );
    return { throttleTimeMs: 0, errorCode: 0, resultsByTransaction };
  },
  refuse: (request, failure, context) => {
    const code = codeSince(failure, context, FENCED_SINCE);
    const topics = context.apiVersion < BATCHED ? request.v3AndBelowTopics : [];
    return { throttleTimeMs: 0, errorCode: code, resultsByTopicV3AndBelow: all(topics, () => code) };
  },
});

const onlyOne = (request: Request): Transaction => ({
  transactionalId: request.v3AndBelowTransactionalId,
  producerId: request.v3AndBelowProducerId,
  producerEpoch: request.v3AndBelowProducerEpoch,
  verifyOnly: false,
  topics: request.v3AndBelowTopics,
});

/** All partitions or none: where one is not there, the others are not tried. */
async function resultsOf(transaction: Transaction, context: RequestContext): Promise<TopicResults> {
  const { topics } = transaction;
  const wrong = (at: TopicPartition) => wrongPartition(at, context);
  const partitions = topics.flatMap(({ name, partitions }) =>
    partitions.map(p => ({ topic: name, partition: p })),
  );
  if (partitions.some(at => wrong(at) !== null)) {
    return all(topics, at => codeOf(wrong(at) ?? 'OPERATION_NOT_ATTEMPTED'));
  }
  if (transaction.verifyOnly) return verified(transaction, context);
  const version = transactionVersion(context.apiVersion, BATCHED);
  try {
    await context.broker.transactions.addPartitions(transaction, partitions, version);
    return all(topics, () => 0);
  } catch (error) {
    const code = codeSince(failureOf(error, ADD_PARTITIONS_TO_TXN.name, context), context, FENCED_SINCE);
    return all(topics, () => code);
  }
}

async function verified(transaction: Transaction, context: RequestContext): Promise<TopicResults> {
  const { transactions } = context.broker;
  const codes = new Map<string, number>();
  for (const { name: topic, partitions } of transaction.topics) {
    for (const partition of partitions) {
      const failure = await transactions.verifyAppend(transaction, { topic, partition }, false).then(
        () => null,
        (error): Failure => failureOf(error, ADD_PARTITIONS_TO_TXN.name, context),
      );
      codes.set(`${topic}-${partition}`, failure?.code ?? 0);
    }
  }
  return all(transaction.topics, at => codes.get(`${at.topic}-${at.partition}`) ?? 0);
}

function all(topics: Topics, codeOfPartition: (at: TopicPartition) => number): TopicResults {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map(partitionIndex => ({
      partitionIndex,
      partitionErrorCode: codeOfPartition({ topic: name, partition: partitionIndex }),
    })),
  }));
}

/** Clients may not write to the log's own topics; brokers ask about those, too. */
function wrongPartition(at: TopicPartition, { apiVersion, broker }: RequestContext): KafkaErrorName | null {
  if (isOwnName(at.topic) && apiVersion < BATCHED) return 'TOPIC_AUTHORIZATION_FAILED';
  return isThere(at, broker) ? null : 'UNKNOWN_TOPIC_OR_PARTITION';
}

function isThere({ topic, partition }: TopicPartition, broker: LogBroker): boolean {
  const found = broker.topicNamed(topic);
  return found !== undefined && partition >= 0 && partition < found.partitions;
}
