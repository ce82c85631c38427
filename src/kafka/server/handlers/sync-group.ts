import { SYNC_GROUP } from '../../messages/sync-group.ts';
import { groupCode } from '../group-errors.ts';
import { handler } from '../handler.ts';

const NAMES_PROTOCOL_FROM = 5;

/** The leader brings everybody's work, a member asks for its own. */
export const syncGroup = handler(SYNC_GROUP, {
  handle: async (request, { broker, apiVersion }) => {
    const namesProtocol = apiVersion >= NAMES_PROTOCOL_FROM;
    const answer = await broker.groups.sync({
      ...request,
      generation: request.generationId,
      protocolType: namesProtocol ? request.protocolType : null,
      protocol: namesProtocol ? request.protocolName : null,
    });
    return {
      throttleTimeMs: 0,
      errorCode: groupCode(answer.error),
      protocolType: answer.protocolType,
      protocolName: answer.protocol,
      assignment: answer.assignment,
    };
  },
  refuse: (_, { code }) => ({ throttleTimeMs: 0, errorCode: code, assignment: new Uint8Array(0) }),
});
