import { LIST_CONFIG_RESOURCES } from '../../messages/list-config-resources.ts';
import { RESOURCE } from '../admin/config-entries.ts';
import { NODE_ID } from '../context.ts';
import { handler } from '../handler.ts';

/** Whatever has settings. Before version 1 only clients' metrics were meant, which are not there. */
export const listConfigResources = handler(LIST_CONFIG_RESOURCES, {
  handle: ({ resourceTypes }, { apiVersion, broker }) => {
    const isAsked = (type: number): boolean =>
      apiVersion >= 1 && (resourceTypes.length === 0 || resourceTypes.includes(type));
    const topics = isAsked(RESOURCE.TOPIC) ? broker.allTopics() : [];
    const brokers = isAsked(RESOURCE.BROKER) ? [String(NODE_ID)] : [];
    return {
      ...{ throttleTimeMs: 0, errorCode: 0 },
      configResources: [
        ...topics.map(({ name }) => ({ resourceName: name, resourceType: RESOURCE.TOPIC })),
        ...brokers.map(name => ({ resourceName: name, resourceType: RESOURCE.BROKER })),
      ],
    };
  },
  refuse: (_, { code }) => ({ throttleTimeMs: 0, errorCode: code, configResources: [] }),
});
