import { api, array, bool, int16, int32, int64, string } from './schema.ts';

const ADD_PARTITIONS_TO_TXN_TOPIC = {
  name: string('0+'),
  partitions: array('0+', 'int32'),
};

const ADD_PARTITIONS_TO_TXN_PARTITION_RESULT = {
  partitionIndex: int32('0+'),
  partitionErrorCode: int16('0+'),
};

const ADD_PARTITIONS_TO_TXN_TOPIC_RESULT = {
  name: string('0+'),
  resultsByPartition: array('0+', ADD_PARTITIONS_TO_TXN_PARTITION_RESULT),
};

/** Adds partitions to a transaction; from version 4 brokers ask in batches. */
export const ADD_PARTITIONS_TO_TXN = api({
  name: 'AddPartitionsToTxn',
  key: 24,
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    transactions: array('4+', {
      transactionalId: string('4+'),
      producerId: int64('4+'),
      producerEpoch: int16('4+'),
      verifyOnly: bool('4+', { default: false }),
      topics: array('4+', ADD_PARTITIONS_TO_TXN_TOPIC),
    }),
    v3AndBelowTransactionalId: string('0-3'),
    v3AndBelowProducerId: int64('0-3'),
    v3AndBelowProducerEpoch: int16('0-3'),
    v3AndBelowTopics: array('0-3', ADD_PARTITIONS_TO_TXN_TOPIC),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('4+', { ignorable: true }),
    resultsByTransaction: array('4+', {
      transactionalId: string('4+'),
      topicResults: array('4+', ADD_PARTITIONS_TO_TXN_TOPIC_RESULT),
    }),
    resultsByTopicV3AndBelow: array('0-3', ADD_PARTITIONS_TO_TXN_TOPIC_RESULT),
  },
});
