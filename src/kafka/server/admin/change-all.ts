import { Refusal } from '../../../log/mod.ts';
import type { RequestContext } from '../context.ts';
import { failureOf } from '../handler.ts';
import type { ConfigResource } from './config-resources.ts';
import { repeated } from './repeated.ts';

/** What is answered for one resource. */
interface Changed extends ConfigResource {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Changes one resource after another; each is changed, or refused, for itself. */
export async function changeAll<R extends ConfigResource>(
  apiName: string,
  resources: readonly R[],
  context: RequestContext,
  change: (resource: R) => Promise<void>,
): Promise<Changed[]> {
  const keyOf = ({ resourceType, resourceName }: R): string => `${resourceType} ${resourceName}`;
  const twice = repeated(resources.map(keyOf));
  const changed: Changed[] = [];
  for (const resource of resources) {
    const { resourceType, resourceName } = resource;
    const result = { resourceType, resourceName, errorCode: 0, errorMessage: null };
    try {
      if (twice.has(keyOf(resource))) {
        throw new Refusal('INVALID_REQUEST', 'Each resource must appear at most once.');
      }
      await change(resource);
      changed.push(result);
    } catch (error) {
      const { code, message } = failureOf(error, apiName, context);
      changed.push({ ...result, errorCode: code, errorMessage: message });
    }
  }
  return changed;
}
