import { Refusal, type TopicInfo } from '../../../log/mod.ts';
import { DELETE_TOPICS } from '../../messages/delete-topics.ts';
import type { ResponseOf } from '../../messages/schema.ts';
import { ZERO_UUID } from '../../protocol/uuid.ts';
import { repeated } from '../admin/repeated.ts';
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

/** Topics with all their records, by name or id. Each is deleted, or refused, for itself. */
export const deleteTopics = handler(DELETE_TOPICS, {
  handle: async (request, context) => {
    const asked = context.apiVersion < IDS_FROM ? request.topicNames.map(named) : request.topics;
    const keys = asked.map(({ name, topicId }) => `${name}/${topicId}`);
    const twice = repeated(keys);
    const [gone, seen] = [new Set<string>(), new Set<string>()];
    const responses: Deleted[] = [];
    for (const [i, one] of asked.entries()) {
      // What is named twice is answered once.
      if (seen.has(keys[i]!)) continue;
      seen.add(keys[i]!);
      responses.push(await answered(one, twice.has(keys[i]!), gone, context));
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

async function answered(
  asked: Asked,
  isTwice: boolean,
  gone: Set<string>,
  context: RequestContext,
): Promise<Deleted> {
  try {
    const topic = find(asked, isTwice, gone, context);
    gone.add(topic.name).add(topic.id);
    await context.broker.deleteTopic(topic.name);
    return { name: topic.name, topicId: topic.id, errorCode: 0, errorMessage: null };
  } catch (error) {
    const { code, message } = failureOf(error, DELETE_TOPICS.name, context);
    return { ...asked, errorCode: code, errorMessage: message };
  }
}

function find(
  { name, topicId }: Asked,
  isTwice: boolean,
  gone: ReadonlySet<string>,
  { broker }: RequestContext,
): TopicInfo {
  const refuse = (what: string): never => {
    throw new Refusal('INVALID_REQUEST', what);
  };
  const byId = topicId !== ZERO_UUID;
  if (name !== null && byId) refuse('You may not specify both topic name and topic id.');
  if (name === null && !byId) refuse('Neither topic name nor id were specified.');
  if (isTwice) refuse(`Duplicate topic ${byId ? 'id' : 'name'}.`);
  if (gone.has(name ?? topicId)) refuse('The provided topic name maps to an ID that was already supplied.');
  const topic = topicOf(broker, byId, name ?? '', topicId);
  if (topic.internal) throw new Refusal('POLICY_VIOLATION', `topic ${topic.name} belongs to the log`);
  return topic;
}
