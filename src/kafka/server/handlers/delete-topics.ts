import { Refusal, type TopicInfo } from '../../../log/mod.ts';
import { DELETE_TOPICS } from '../../messages/delete-topics.ts';
import type { ResponseOf } from '../../messages/schema.ts';
import { ZERO_UUID } from '../../protocol/uuid.ts';
import type { RequestContext } from '../context.ts';
import { failureOf, handler } from '../handler.ts';
import { topicOf } from '../topic-of.ts';

type Deleted = ResponseOf<typeof DELETE_TOPICS>['responses'][number];

/** Since this version topics may be named by their ids. */
const IDS_FROM = 6;

interface Asked {
  readonly name: string | null;
  readonly topicId: string;
}

/** Topics with all their records, by name or id. */
export const deleteTopics = handler(DELETE_TOPICS, {
  handle: async (request, context) => {
    const asked = context.apiVersion < IDS_FROM ? request.topicNames.map(named) : request.topics;
    const responses: Deleted[] = [];
    for (const [i, one] of asked.entries()) {
      try {
        const topic = find(one, asked, i, context);
        await context.broker.deleteTopic(topic.name);
        responses.push({ name: topic.name, topicId: topic.id, errorCode: 0, errorMessage: null });
      } catch (error) {
        const { code, message } = failureOf(error, DELETE_TOPICS.name, context);
        responses.push({ ...one, errorCode: code, errorMessage: message });
      }
    }
    return { throttleTimeMs: 0, responses };
  },
  refuse: (request, { code, message }, { apiVersion }) => {
    const asked = apiVersion < IDS_FROM ? request.topicNames.map(named) : request.topics;
    const responses = asked.map(one => ({ ...one, errorCode: code, errorMessage: message }));
    return { throttleTimeMs: 0, responses };
  },
});

const named = (name: string): Asked => ({ name, topicId: ZERO_UUID });

function find(asked: Asked, all: readonly Asked[], place: number, { broker }: RequestContext): TopicInfo {
  const { name, topicId } = asked;
  const byId = topicId !== ZERO_UUID;
  if (name !== null && byId) {
    throw new Refusal('INVALID_REQUEST', 'You may not specify both topic name and topic id.');
  }
  if (name === null && !byId) {
    throw new Refusal('INVALID_REQUEST', 'Neither topic name nor id were specified.');
  }
  const isTwice = all.some((other, i) => {
    return i !== place && (byId ? other.topicId === topicId : other.name === name);
  });
  if (isTwice) throw new Refusal('INVALID_REQUEST', `Duplicate topic ${byId ? 'id' : 'name'}.`);
  const topic = topicOf(broker, byId, name ?? '', topicId);
  if (topic.internal) throw new Refusal('POLICY_VIOLATION', `topic ${topic.name} belongs to the log`);
  return topic;
}
