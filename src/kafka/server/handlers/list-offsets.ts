import { type OffsetQuery, Refusal } from '../../../log/mod.ts';
import { LIST_OFFSETS } from '../../messages/list-offsets.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { repeated } from '../admin/repeated.ts';
import { LEADER_EPOCH, type RequestContext } from '../context.ts';
import { codeOf, failureOf, handler } from '../handler.ts';
import { checkLeaderEpoch } from '../leader-epoch.ts';

type Request = RequestOf<typeof LIST_OFFSETS>;
type Response = ResponseOf<typeof LIST_OFFSETS>;
type Partition = Request['topics'][number]['partitions'][number];
type PartitionResponse = Response['topics'][number]['partitions'][number];

/** From this version on the leader epoch is told. */
const EPOCH_FROM = 4;
/**
 * The words among the times, and from which version on they are known. Nothing of ours lies in another tier.
 */
const SPECIAL = new Map<number, readonly [query: OffsetQuery, version: number]>([
  [-1, ['latest', 1]],
  [-2, ['earliest', 1]],
  [-3, ['max-timestamp', 7]],
  [-4, ['earliest-local', 8]],
  [-5, ['latest-tiered', 9]],
  [-6, ['latest-tiered', 11]],
]);

/** Offsets by time, and where partitions begin and end. */
export const listOffsets = handler(LIST_OFFSETS, {
  handle: async (request, context) => {
    const topics = await Promise.all(
      request.topics.map(async ({ name, partitions }) => {
        const twice = repeated(partitions.map(({ partitionIndex }) => partitionIndex));
        const found = partitions.map(asked =>
          twice.has(asked.partitionIndex)
            ? none(asked.partitionIndex, codeOf('INVALID_REQUEST'))
            : find(name, asked, request, context),
        );
        return { name, partitions: await Promise.all(found) };
      }),
    );
    return { throttleTimeMs: 0, topics };
  },
  refuse: (request, { code }) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => {
      return { name, partitions: partitions.map(({ partitionIndex }) => none(partitionIndex, code)) };
    }),
  }),
});

const none = (partitionIndex: number, errorCode: number): PartitionResponse => {
  return { partitionIndex, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 };
};

async function find(
  topic: string,
  asked: Partition,
  request: Request,
  context: RequestContext,
): Promise<PartitionResponse> {
  const { partitionIndex, currentLeaderEpoch, timestamp } = asked;
  try {
    const at = { topic, partition: partitionIndex };
    checkLeaderEpoch(currentLeaderEpoch);
    const isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted';
    const found = await context.broker.listOffset(at, queryOf(timestamp, context.apiVersion), isolation);
    const { offset, timestampMs } = found;
    const leaderEpoch = offset < 0 || context.apiVersion < EPOCH_FROM ? -1 : LEADER_EPOCH;
    return { partitionIndex, errorCode: 0, timestamp: timestampMs, offset, leaderEpoch };
  } catch (error) {
    return none(partitionIndex, failureOf(error, LIST_OFFSETS.name, context).code);
  }
}

function queryOf(timestamp: number, version: number): OffsetQuery {
  if (timestamp >= 0) return { timestampMs: timestamp };
  const [query, from] = SPECIAL.get(timestamp) ?? [];
  if (query !== undefined && version >= from!) return query;
  throw new Refusal('UNSUPPORTED_VERSION', `version ${version} has no word ${timestamp} for an offset`);
}
