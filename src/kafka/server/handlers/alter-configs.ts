import { Refusal } from '../../../log/mod.ts';
import { ALTER_CONFIGS } from '../../messages/alter-configs.ts';
import type { RequestOf } from '../../messages/schema.ts';
import { changeAll } from '../admin/change-all.ts';
import { changeableTopic } from '../admin/config-resources.ts';
import type { RequestContext } from '../context.ts';
import { handler } from '../handler.ts';

type Resource = RequestOf<typeof ALTER_CONFIGS>['resources'][number];

/** All settings of topics at once: what is not named goes back to its default. */
export const alterConfigs = handler(ALTER_CONFIGS, {
  handle: async ({ resources, validateOnly }, context) => ({
    throttleTimeMs: 0,
    responses: await changeAll(ALTER_CONFIGS.name, resources, context, resource => {
      return replace(resource, validateOnly, context);
    }),
  }),
  refuse: ({ resources }, { code, message }) => ({
    throttleTimeMs: 0,
    responses: resources.map(({ resourceType, resourceName }) => {
      return { resourceType, resourceName, errorCode: code, errorMessage: message };
    }),
  }),
});

async function replace(resource: Resource, validateOnly: boolean, context: RequestContext): Promise<void> {
  const { configs } = resource;
  const empty = configs.find(({ value }) => value === null);
  if (empty !== undefined) {
    throw new Refusal('INVALID_REQUEST', `Null value not supported for : ${empty.name}`);
  }
  const names = configs.map(({ name }) => name);
  const topic = changeableTopic(resource, names, context);
  const config = Object.fromEntries(configs.map(({ name, value }) => [name, value]));
  await context.broker.replaceTopicConfig(topic.name, config, { validateOnly });
}
