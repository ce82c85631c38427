import type { LogBroker } from '../../../log/mod.ts';
import { DESCRIBE_GROUPS } from '../../messages/describe-groups.ts';
import type { ResponseOf } from '../../messages/schema.ts';
import { GROUP_OPERATIONS } from '../authorized-operations.ts';
import { codeOf, handler } from '../handler.ts';

type GroupResponse = ResponseOf<typeof DESCRIBE_GROUPS>['groups'][number];

const NAMES_MISSING_GROUP_FROM = 6;
const NOTHING = { protocolType: '', protocolData: '', members: [] };

/** Groups with their members. One that is not there is dead, to older clients without an error. */
export const describeGroups = handler(DESCRIBE_GROUPS, {
  handle: ({ groups, includeAuthorizedOperations }, { broker, apiVersion }) => ({
    throttleTimeMs: 0,
    // Named again is not told again: a small request must not ask for more than there is memory.
    groups: Array.from(new Set(groups), groupId => {
      const described = describe(broker, groupId, apiVersion);
      const operations = includeAuthorizedOperations && described.errorCode === 0;
      return operations ? { ...described, authorizedOperations: GROUP_OPERATIONS } : described;
    }),
  }),
  refuse: ({ groups }, { code }) => ({
    throttleTimeMs: 0,
    groups: groups.map(groupId => ({ errorCode: code, groupId, groupState: '', ...NOTHING })),
  }),
});

function describe({ groups }: LogBroker, groupId: string, version: number): GroupResponse {
  const found = groups.describe(groupId);
  if (found === undefined) {
    const missing = { groupId, groupState: 'Dead', ...NOTHING };
    return version < NAMES_MISSING_GROUP_FROM
      ? { errorCode: 0, ...missing }
      : { errorCode: codeOf('GROUP_ID_NOT_FOUND'), errorMessage: `Group ${groupId} not found.`, ...missing };
  }
  return {
    errorCode: 0,
    groupId,
    groupState: found.state,
    protocolType: found.protocolType,
    protocolData: found.protocol,
    members: found.members.map(({ metadata, assignment, ...member }) => ({
      ...member,
      memberMetadata: metadata,
      memberAssignment: assignment,
    })),
  };
}
