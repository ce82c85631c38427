import { Refusal } from '../../../log/mod.ts';
import { CREATE_TOPICS } from '../../messages/create-topics.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { SOURCES } from '../admin/config-entries.ts';
import { checkRoom } from '../admin/partition-room.ts';
import { checkReplicationFactor, partitionsAsked, partitionsPlaced } from '../admin/placements.ts';
import { repeated } from '../admin/repeated.ts';
import type { RequestContext } from '../context.ts';
import { failureOf, handler } from '../handler.ts';

type Asked = RequestOf<typeof CREATE_TOPICS>['topics'][number];
type Made = ResponseOf<typeof CREATE_TOPICS>['topics'][number];

/** Topics with their settings. Each is made, or refused, for itself. */
export const createTopics = handler(CREATE_TOPICS, {
  handle: async ({ topics, validateOnly }, context) => {
    const twice = repeated(topics.map(({ name }) => name));
    const made: Made[] = [];
    for (const asked of topics.filter(({ name }) => !twice.has(name))) {
      made.push(await answered(asked, validateOnly, context));
    }
    for (const name of twice) {
      const error = new Refusal('INVALID_REQUEST', 'Duplicate topic name.');
      made.push(refused(name, failureOf(error, CREATE_TOPICS.name, context)));
    }
    return { throttleTimeMs: 0, topics: made };
  },
  refuse: ({ topics }, failure) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name }) => refused(name, failure)),
  }),
});

const refused = (name: string, { code, message }: { code: number; message: string }): Made => {
  return { name, errorCode: code, errorMessage: message, configs: [] };
};

async function answered(asked: Asked, validateOnly: boolean, context: RequestContext): Promise<Made> {
  try {
    return await create(asked, validateOnly, context);
  } catch (error) {
    return refused(asked.name, failureOf(error, CREATE_TOPICS.name, context));
  }
}

async function create(asked: Asked, validateOnly: boolean, context: RequestContext): Promise<Made> {
  const { name, configs } = asked;
  const { broker } = context;
  const config: Record<string, string> = {};
  for (const { name: setting, value } of configs) {
    if (value === null) {
      const what = `Null value not supported for topic configs: ${setting}`;
      throw new Refusal('INVALID_CONFIG', what);
    }
    config[setting] = value;
  }
  const partitions = partitionsOf(asked, context);
  checkRoom(partitions, context);
  const topic = await broker.createTopicAs(name, partitions, config, { validateOnly });
  return {
    ...{ name, topicId: topic.id, errorCode: 0, errorMessage: null },
    ...{ numPartitions: partitions, replicationFactor: 1 },
    configs: broker.topicDefaults().map(entry => {
      const own = topic.config[entry.name];
      const source = own === undefined ? entry.source : 'DYNAMIC_TOPIC_CONFIG';
      const { name: setting, readOnly } = entry;
      const value = own ?? entry.value;
      return { name: setting, value, readOnly, configSource: SOURCES[source], isSensitive: false };
    }),
  };
}

/** How many partitions the topic gets. That a topic is there already is said before everything else. */
function partitionsOf(asked: Asked, { broker, server }: RequestContext): number {
  const { name, assignments, numPartitions, replicationFactor } = asked;
  if (broker.topicNamed(name) !== undefined) {
    throw new Refusal('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`);
  }
  if (assignments.length > 0) return partitionsPlaced(assignments, numPartitions, replicationFactor);
  checkReplicationFactor(replicationFactor);
  return partitionsAsked(numPartitions, server.settings.numPartitions);
}
