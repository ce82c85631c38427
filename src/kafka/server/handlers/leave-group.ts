import { LEAVE_GROUP } from '../../messages/leave-group.ts';
import { groupCode } from '../group-errors.ts';
import { handler } from '../handler.ts';

const BATCHED_FROM = 3;

/**
 * Members leave: one in old versions, whose error is the answer's; several in newer ones, each with its own.
 */
export const leaveGroup = handler(LEAVE_GROUP, {
  handle: async ({ groupId, memberId, members }, { broker, apiVersion }) => {
    const isBatched = apiVersion >= BATCHED_FROM;
    const leaving = isBatched ? members : [{ memberId, groupInstanceId: null }];
    const left = await broker.groups.leave(groupId, leaving);
    if (!isBatched) {
      return { throttleTimeMs: 0, errorCode: groupCode(left.error ?? left.members[0]?.error ?? null) };
    }
    return {
      throttleTimeMs: 0,
      errorCode: groupCode(left.error),
      members: left.members.map(({ error, ...member }) => ({ ...member, errorCode: groupCode(error) })),
    };
  },
  refuse: (_, { code }) => ({ throttleTimeMs: 0, errorCode: code }),
});
