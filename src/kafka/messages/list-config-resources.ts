import { api, array, int8, int16, int32, string } from './schema.ts';

/** Lists resources that have a configuration. */
export const LIST_CONFIG_RESOURCES = api({
  name: 'ListConfigResources',
  key: 74,
  versions: [0, 1],
  flexibleFrom: 0,
  request: {
    resourceTypes: array('1+', 'int8'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    configResources: array('0+', {
      resourceName: string('0+'),
      resourceType: int8('1+', { default: 16, ignorable: true }),
    }),
  },
});
