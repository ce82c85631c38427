import { Refusal } from '../../../log/mod.ts';
import { ELECT_LEADERS } from '../../messages/elect-leaders.ts';
import { errorCode, type KafkaErrorName } from '../../protocol/errors.ts';
import type { RequestContext } from '../context.ts';
import { handler } from '../handler.ts';

const [PREFERRED, UNCLEAN] = [0, 1];

/** There is one broker, which leads everything: no election is ever needed. */
export const electLeaders = handler(ELECT_LEADERS, {
  handle: ({ topicPartitions, electionType }, context) => {
    if (electionType !== PREFERRED && electionType !== UNCLEAN) {
      throw new Refusal('INVALID_REQUEST', `Unknown election type ${electionType}`);
    }
    // Without topics all are meant, of which those are told that need one.
    const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map(partitionId => resultOf(topic, partitionId, context)),
    }));
    return { throttleTimeMs: 0, errorCode: 0, replicaElectionResults };
  },
  refuse: (_, { code }) => ({ throttleTimeMs: 0, errorCode: code, replicaElectionResults: [] }),
});

function resultOf(topic: string, partitionId: number, { broker }: RequestContext) {
  const answer = (error: KafkaErrorName, errorMessage: string) => {
    return { partitionId, errorCode: errorCode(error), errorMessage };
  };
  const known = broker.topicNamed(topic);
  if (known === undefined) return answer('UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${topic}`);
  if (partitionId < 0 || partitionId >= known.partitions) {
    return answer('UNKNOWN_TOPIC_OR_PARTITION', `No such partition as ${topic}-${partitionId}`);
  }
  return answer('ELECTION_NOT_NEEDED', 'the only broker leads the partition');
}
