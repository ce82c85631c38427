import { Refusal } from '../../../log/mod.ts';
import { FIND_COORDINATOR } from '../../messages/find-coordinator.ts';
import type { RequestOf } from '../../messages/schema.ts';
import { NODE_ID, type RequestContext } from '../context.ts';
import { handler } from '../handler.ts';

const GROUP = 0;
const TRANSACTION = 1;
const BATCHED_FROM = 4;
const NOWHERE = { nodeId: -1, host: '', port: -1 };

/** The one broker coordinates every group and every transaction. */
export const findCoordinator = handler(FIND_COORDINATOR, {
  handle: (request, context) => {
    if (request.keyType !== GROUP && request.keyType !== TRANSACTION) {
      throw new Refusal('INVALID_REQUEST', `there are no coordinators of the type ${request.keyType}`);
    }
    const { advertisedHost, advertisedPort } = context.connection.listener;
    const node = { nodeId: NODE_ID, host: advertisedHost, port: advertisedPort };
    // Kafka's own words where nothing is wrong.
    const message = context.apiVersion < BATCHED_FROM ? 'NONE' : '';
    return answer(request, node, 0, message, context);
  },
  refuse: (request, { code, message }, context) => answer(request, NOWHERE, code, message, context),
});

function answer(
  { coordinatorKeys }: RequestOf<typeof FIND_COORDINATOR>,
  node: typeof NOWHERE,
  errorCode: number,
  errorMessage: string,
  { apiVersion }: RequestContext,
) {
  const error = { errorCode, errorMessage };
  return apiVersion < BATCHED_FROM
    ? { throttleTimeMs: 0, ...error, ...node }
    : { throttleTimeMs: 0, coordinators: coordinatorKeys.map(key => ({ key, ...node, ...error })) };
}
