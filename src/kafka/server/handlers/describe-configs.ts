import { DESCRIBE_CONFIGS } from '../../messages/describe-configs.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import { configResult } from '../admin/config-entries.ts';
import { describedConfigs } from '../admin/config-resources.ts';
import type { RequestContext } from '../context.ts';
import { failureOf, handler } from '../handler.ts';

type Request = RequestOf<typeof DESCRIBE_CONFIGS>;
type Result = ResponseOf<typeof DESCRIBE_CONFIGS>['results'][number];
type Resource = Request['resources'][number];

/** The settings of topics and of the broker: where each comes from, and what would hold without it. */
export const describeConfigs = handler(DESCRIBE_CONFIGS, {
  handle: (request, context) => ({
    throttleTimeMs: 0,
    results: eachOnce(request.resources).map(resource => describe(resource, request, context)),
  }),
  refuse: ({ resources }, { code, message }) => ({
    throttleTimeMs: 0,
    results: resources.map(resource => unknown(resource, code, message)),
  }),
});

/** Without what is asked for again: a small request must not ask for more than there is memory. */
const eachOnce = (resources: readonly Resource[]): readonly Resource[] => [
  ...new Map(resources.map(one => [JSON.stringify(one), one])).values(),
];

const unknown = (
  { resourceType, resourceName }: Resource,
  errorCode: number,
  errorMessage: string,
): Result => {
  return { resourceType, resourceName, errorCode, errorMessage, configs: [] };
};

function describe(resource: Resource, request: Request, context: RequestContext): Result {
  const { resourceType, resourceName, configurationKeys: keys } = resource;
  const { includeSynonyms, includeDocumentation } = request;
  try {
    // No keys are all keys, as an empty list was meant by old clients.
    const isAsked = (name: string): boolean => keys === null || keys.length === 0 || keys.includes(name);
    const configs = describedConfigs(resource, context).filter(({ entry }) => isAsked(entry.name));
    return {
      ...{ resourceType, resourceName, errorCode: 0, errorMessage: null },
      configs: configs.map(config => configResult(config, includeSynonyms, includeDocumentation)),
    };
  } catch (error) {
    const { code, message } = failureOf(error, DESCRIBE_CONFIGS.name, context);
    return unknown(resource, code, message);
  }
}
