import { LIST_GROUPS } from '../../messages/list-groups.ts';
import { handler } from '../handler.ts';

/** All groups, or those of some states and types; both are written in any case. */
export const listGroups = handler(LIST_GROUPS, {
  handle: ({ statesFilter, typesFilter }, { broker }) => {
    const passes = (filter: readonly string[], value: string): boolean =>
      filter.length === 0 || filter.some(wanted => wanted.toLowerCase() === value.toLowerCase());
    const groups = broker.groups
      .list()
      .filter(({ state, type }) => passes(statesFilter, state) && passes(typesFilter, type))
      .map(({ groupId, protocolType, state, type }) => {
        return { groupId, protocolType, groupState: state, groupType: type };
      });
    return { throttleTimeMs: 0, errorCode: 0, groups };
  },
  refuse: (_, { code }) => ({ throttleTimeMs: 0, errorCode: code, groups: [] }),
});
