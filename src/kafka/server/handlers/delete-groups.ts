import { DELETE_GROUPS } from '../../messages/delete-groups.ts';
import { groupCode } from '../group-errors.ts';
import { handler } from '../handler.ts';

/** Groups without members go with their positions. */
export const deleteGroups = handler(DELETE_GROUPS, {
  handle: async ({ groupsNames }, { broker }) => {
    // Named twice it is answered once.
    const results = [...new Set(groupsNames)].map(async groupId => ({
      groupId,
      errorCode: groupCode(await broker.groups.delete(groupId)),
    }));
    return { throttleTimeMs: 0, results: await Promise.all(results) };
  },
  refuse: ({ groupsNames }, { code }) => ({
    throttleTimeMs: 0,
    results: groupsNames.map(groupId => ({ groupId, errorCode: code })),
  }),
});
