import type { GroupError, LogBroker, OffsetCommit } from '../../../log/mod.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { TXN_OFFSET_COMMIT } from '../../messages/txn-offset-commit.ts';
import type { RequestContext } from '../context.ts';
import { groupCode } from '../group-errors.ts';
import { codeOf, failureOf, handler } from '../handler.ts';
import { ofWrite, type Verification } from '../transactions.ts';
import { offsetOf } from './offset-commit.ts';

type Request = RequestOf<typeof TXN_OFFSET_COMMIT>;
type Response = ResponseOf<typeof TXN_OFFSET_COMMIT>;

const OF_OFFSETS: Verification = { abortableSince: 4, addsSince: 5 };

/** A group's positions, which count when the transaction commits. */
export const txnOffsetCommit = handler(TXN_OFFSET_COMMIT, {
  handle: async (request, context) => {
    const { broker } = context;
    const offsets = request.topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ partitionIndex }) => isThere(broker, name, partitionIndex))
        .map(p => offsetOf(name, p)),
    );
    const codes = offsets.length === 0 ? new Map() : await commit(request, offsets, context);
    return answer(request, (topic, partition) => codes.get(`${topic}-${partition}`) ?? UNKNOWN);
  },
  refuse: (request, { code }) => answer(request, () => code),
});

const UNKNOWN = codeOf('UNKNOWN_TOPIC_OR_PARTITION');

/** The codes of the partitions that are there. */
async function commit(
  request: Request,
  offsets: readonly OffsetCommit[],
  context: RequestContext,
): Promise<Map<string, number>> {
  const { groupId, producerId, memberId, groupInstanceId, generationId: generation } = request;
  const { groups, transactions } = context.broker;
  const codesOf = (code: (i: number) => number) =>
    new Map(offsets.map(({ topic, partition }, i) => [`${topic}-${partition}`, code(i)]));
  try {
    await transactions.verifyOffsets(request, groupId, context.apiVersion >= OF_OFFSETS.addsSince);
  } catch (error) {
    const told = ofWrite(error, context.apiVersion, OF_OFFSETS);
    const { error: name, code } = failureOf(told, TXN_OFFSET_COMMIT.name, context);
    // What groups say where they cannot store now.
    return codesOf(() => (name === 'NOT_ENOUGH_REPLICAS' ? codeOf('COORDINATOR_NOT_AVAILABLE') : code));
  }
  const answers: readonly (GroupError | null)[] = await groups.commitTransactionalOffsets({
    ...{ groupId, producerId, memberId, groupInstanceId, generation },
    offsets,
  });
  return codesOf(i => groupCode(answers[i] ?? null));
}

function isThere(broker: LogBroker, topic: string, partition: number): boolean {
  const found = broker.topicNamed(topic);
  return found !== undefined && partition >= 0 && partition < found.partitions;
}

function answer(
  { topics }: Request,
  codeOfPartition: (topic: string, partition: number) => number,
): Response {
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codeOfPartition(name, partitionIndex),
      })),
    })),
  };
}
