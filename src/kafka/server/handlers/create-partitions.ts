import { Refusal } from '../../../log/mod.ts';
import { CREATE_PARTITIONS } from '../../messages/create-partitions.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { checkRoom } from '../admin/partition-room.ts';
import { checkReplicas } from '../admin/placements.ts';
import { repeated } from '../admin/repeated.ts';
import type { RequestContext } from '../context.ts';
import { failureOf, handler } from '../handler.ts';
import { topicOf } from '../topic-of.ts';

type Asked = RequestOf<typeof CREATE_PARTITIONS>['topics'][number];
type Made = ResponseOf<typeof CREATE_PARTITIONS>['results'][number];

/** More partitions for topics that are there. Each topic is changed, or refused, for itself. */
export const createPartitions = handler(CREATE_PARTITIONS, {
  handle: async ({ topics, validateOnly }, context) => {
    const twice = repeated(topics.map(({ name }) => name));
    const results: Made[] = [];
    for (const name of twice) {
      const error = new Refusal('INVALID_REQUEST', 'Duplicate topic name.');
      const { code, message } = failureOf(error, CREATE_PARTITIONS.name, context);
      results.push({ name, errorCode: code, errorMessage: message });
    }
    for (const asked of topics.filter(({ name }) => !twice.has(name))) {
      results.push(await answered(asked, validateOnly, context));
    }
    return { throttleTimeMs: 0, results };
  },
  refuse: ({ topics }, { code, message }) => ({
    throttleTimeMs: 0,
    results: topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })),
  }),
});

async function answered(asked: Asked, validateOnly: boolean, context: RequestContext): Promise<Made> {
  try {
    await grow(asked, validateOnly, context);
    return { name: asked.name, errorCode: 0, errorMessage: null };
  } catch (error) {
    const { code, message } = failureOf(error, CREATE_PARTITIONS.name, context);
    return { name: asked.name, errorCode: code, errorMessage: message };
  }
}

async function grow(asked: Asked, validateOnly: boolean, context: RequestContext): Promise<void> {
  const { broker } = context;
  const { name, count, assignments } = asked;
  const { partitions } = topicOf(broker, false, name, '');
  if (count === partitions) {
    throw new Refusal('INVALID_PARTITIONS', `Topic already has ${partitions} partition(s).`);
  }
  if (count < partitions) {
    const what = `The topic ${name} currently has ${partitions} partition(s); ${count} would not be an increase.`;
    throw new Refusal('INVALID_PARTITIONS', what);
  }
  if (assignments !== null) {
    if (assignments.length !== count - partitions) {
      const what = `Attempted to add ${count - partitions} additional partition(s), but only ${assignments.length} assignment(s) were specified.`;
      throw new Refusal('INVALID_REPLICA_ASSIGNMENT', what);
    }
    for (const { brokerIds } of assignments) checkReplicas(brokerIds);
  }
  checkRoom(count - partitions, context);
  await broker.createPartitions(name, count, { validateOnly });
}
