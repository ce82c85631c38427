import { Refusal, type TopicInfo } from '../../../log/mod.ts';
import { PRODUCE } from '../../messages/produce.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import type { RequestContext } from '../context.ts';
import { ConnectionEnds, type Failure, failureOf, handler } from '../handler.ts';
import { checkPartition, topicOf } from '../topic-of.ts';
import { verifierOf } from '../transactions.ts';

type Request = RequestOf<typeof PRODUCE>;
type Response = ResponseOf<typeof PRODUCE>;
type TopicData = Request['topicData'][number];
type PartitionData = TopicData['partitionData'][number];
type PartitionResponse = Response['responses'][number]['partitionResponses'][number];

/** From this version on topics are named by their ids. */
const BY_ID = 13;
const ZSTD_FROM = 7;
const ACKS = [-1, 0, 1];
/** Where a batch says how it is compressed. */
const ATTRIBUTES_LOW_BYTE_AT = 22;
const CODEC_MASK = 7;
const ZSTD = 4;

/**
 * Appends batches as they are. Requests of one connection overlap: the log gives them their places in the
 * order in which they came, and those that wait for the disk share a flush.
 */
export const produce = handler(PRODUCE, {
  // librdkafka takes a broker that does not tell of the first versions for an old one (KAFKA-18659).
  advertised: [0, PRODUCE.versions[1]],
  overlaps: true,
  handle: async (request, context) => {
    if (!ACKS.includes(request.acks)) {
      throw new Refusal('INVALID_REQUIRED_ACKS', `acks are -1, 0 or 1, not ${request.acks}`);
    }
    // All are begun before the first is awaited: their places are given in the order of the request.
    const begun = request.topicData.map(topic => appendTopic(topic, request, context));
    const responses: Response['responses'][number][] = [];
    for (const [i, partitions] of begun.entries()) {
      const { name, topicId } = request.topicData[i]!;
      responses.push({ name, topicId, partitionResponses: await Promise.all(partitions) });
    }
    return request.acks === 0 ? silence(responses) : { responses, throttleTimeMs: 0 };
  },
  refuse: (request, failure) => {
    const responses = request.topicData.map(({ name, topicId, partitionData }) => {
      return { name, topicId, partitionResponses: partitionData.map(({ index }) => failed(index, failure)) };
    });
    return request.acks === 0 ? silence(responses) : { responses, throttleTimeMs: 0 };
  },
});

/** With acks=0 nothing is said; the only sign of a failure is the end of the connection, as Kafka does. */
function silence(responses: Response['responses']): null {
  for (const { partitionResponses } of responses) {
    for (const { errorCode, errorMessage } of partitionResponses) {
      if (errorCode !== 0) throw new ConnectionEnds(`a Produce request with acks=0 failed: ${errorMessage}`);
    }
  }
  return null;
}

function appendTopic(
  { name, topicId, partitionData }: TopicData,
  request: Request,
  context: RequestContext,
): Promise<PartitionResponse>[] {
  try {
    const topic = topicOf(context.broker, context.apiVersion >= BY_ID, name, topicId);
    return partitionData.map(data => append(topic, data, request, context));
  } catch (error) {
    const failure = failureOf(error, PRODUCE.name, context);
    return partitionData.map(async ({ index }) => failed(index, failure));
  }
}

async function append(
  topic: TopicInfo,
  { index, records }: PartitionData,
  request: Request,
  context: RequestContext,
): Promise<PartitionResponse> {
  try {
    checkPartition(topic, index);
    if (topic.internal) throw new Refusal('INVALID_TOPIC_EXCEPTION', `${topic.name} belongs to the log`);
    if (records === null || records.length === 0) throw new Refusal('INVALID_RECORD', 'there are no records');
    checkCodec(records, context.apiVersion);
    const at = { topic: topic.name, partition: index };
    const { baseOffset, logAppendTimeMs, logStartOffset } = await context.broker.appendBatches(at, records, {
      origin: 'client',
      requiredAcks: request.acks,
      verify: verifierOf(context.broker.transactions, request.transactionalId, at, context.apiVersion),
    });
    return { index, errorCode: 0, baseOffset, logAppendTimeMs, logStartOffset, recordErrors: [] };
  } catch (error) {
    const failure = failureOf(error, PRODUCE.name, context);
    return failed(index, failure, error instanceof Refusal ? error.recordErrors : []);
  }
}

function checkCodec(records: Uint8Array, version: number): void {
  const codec = (records[ATTRIBUTES_LOW_BYTE_AT] ?? 0) & CODEC_MASK;
  if (codec !== ZSTD || version >= ZSTD_FROM) return;
  const message = `Produce requests with version ${version} are not allowed to use ZStandard compression`;
  throw new Refusal('UNSUPPORTED_COMPRESSION_TYPE', message);
}

function failed(
  index: number,
  { code, message }: Failure,
  recordErrors: Refusal['recordErrors'] = [],
): PartitionResponse {
  return {
    ...{ index, errorCode: code, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 },
    recordErrors: recordErrors.map(({ batchIndex, message: batchIndexErrorMessage }) => {
      return { batchIndex, batchIndexErrorMessage };
    }),
    errorMessage: message,
  };
}
