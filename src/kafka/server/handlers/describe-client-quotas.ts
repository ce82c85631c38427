import { DESCRIBE_CLIENT_QUOTAS } from '../../messages/describe-client-quotas.ts';
import { handler } from '../handler.ts';

/** There are no quotas. Kafka's tool asks for them whenever it shows users. */
export const describeClientQuotas = handler(DESCRIBE_CLIENT_QUOTAS, {
  handle: () => ({ throttleTimeMs: 0, errorCode: 0, errorMessage: null, entries: [] }),
  refuse: (_, { code, message }) => {
    return { throttleTimeMs: 0, errorCode: code, errorMessage: message, entries: null };
  },
});
