import { Refusal, type TopicConfigChange } from '../../../log/mod.ts';
import { INCREMENTAL_ALTER_CONFIGS } from '../../messages/incremental-alter-configs.ts';
import type { RequestOf } from '../../messages/schema.ts';
import { changeAll } from '../admin/change-all.ts';
import { changeableTopic } from '../admin/config-resources.ts';
import { repeated } from '../admin/repeated.ts';
import type { RequestContext } from '../context.ts';
import { handler } from '../handler.ts';

type Resource = RequestOf<typeof INCREMENTAL_ALTER_CONFIGS>['resources'][number];
type Change = Resource['configs'][number];

/** By their numbers. */
const OPERATIONS: readonly TopicConfigChange['op'][] = ['set', 'delete', 'append', 'subtract'];

/** Single settings of topics: set, given back to their default, or as lists made longer and shorter. */
export const incrementalAlterConfigs = handler(INCREMENTAL_ALTER_CONFIGS, {
  handle: async ({ resources, validateOnly }, context) => ({
    throttleTimeMs: 0,
    responses: await changeAll(INCREMENTAL_ALTER_CONFIGS.name, resources, context, resource => {
      return change(resource, validateOnly, context);
    }),
  }),
  refuse: ({ resources }, { code, message }) => ({
    throttleTimeMs: 0,
    responses: resources.map(({ resourceType, resourceName }) => {
      return { resourceType, resourceName, errorCode: code, errorMessage: message };
    }),
  }),
});

async function change(resource: Resource, validateOnly: boolean, context: RequestContext): Promise<void> {
  const names = resource.configs.map(({ name }) => name);
  if (repeated(names).size > 0) throw new Refusal('INVALID_REQUEST', 'Error due to duplicate config keys');
  const empty = resource.configs.filter(
    ({ configOperation, value }) => configOperation !== 1 && value === null,
  );
  if (empty.length > 0) {
    const what = `Null value not supported for : ${empty.map(({ name }) => name).join(', ')}`;
    throw new Refusal('INVALID_REQUEST', what);
  }
  const changes = resource.configs.map(changeOf);
  const topic = changeableTopic(resource, names, context);
  await context.broker.alterTopicConfig(topic.name, changes, { validateOnly });
}

function changeOf({ name, configOperation, value }: Change): TopicConfigChange {
  const op = OPERATIONS[configOperation];
  if (op === undefined) {
    const what = `Unknown operation type ${configOperation} for config: ${name}`;
    throw new Refusal('INVALID_REQUEST', what);
  }
  return { name, op, value: op === 'delete' ? null : value };
}
