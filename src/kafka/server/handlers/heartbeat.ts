import { HEARTBEAT } from '../../messages/heartbeat.ts';
import { groupCode } from '../group-errors.ts';
import { handler } from '../handler.ts';

/** A member lives, and learns whether it has to join again. */
export const heartbeat = handler(HEARTBEAT, {
  handle: ({ groupId, memberId, groupInstanceId, generationId }, { broker }) => ({
    throttleTimeMs: 0,
    errorCode: groupCode(
      broker.groups.heartbeat({ groupId, memberId, groupInstanceId, generation: generationId }),
    ),
  }),
  refuse: (_, { code }) => ({ throttleTimeMs: 0, errorCode: code }),
});
