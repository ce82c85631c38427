import { JOIN_GROUP } from '../../messages/join-group.ts';
import { groupCode } from '../group-errors.ts';
import { handler } from '../handler.ts';

const MEMBER_ID_FIRST_FROM = 4;
const NULL_PROTOCOL_FROM = 7;
const SKIPS_ASSIGNMENT_FROM = 9;

/** A member joins; the answer waits for the others. */
export const joinGroup = handler(JOIN_GROUP, {
  handle: async (request, { broker, connection, apiVersion }) => {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = request;
    const answer = await broker.groups.join({
      ...request,
      rebalanceTimeoutMs: apiVersion === 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
      clientId: connection.clientId ?? '',
      clientHost: `/${connection.clientHost}`,
      needsMemberId: apiVersion >= MEMBER_ID_FIRST_FROM,
      canSkipAssignment: apiVersion >= SKIPS_ASSIGNMENT_FROM,
    });
    const { error, generation, protocolType, protocol, leader, skipAssignment, memberId, members } = answer;
    return {
      throttleTimeMs: 0,
      errorCode: groupCode(error),
      generationId: generation,
      protocolType,
      protocolName: apiVersion < NULL_PROTOCOL_FROM ? (protocol ?? '') : protocol,
      leader,
      ...(skipAssignment ? { skipAssignment } : {}),
      memberId,
      members,
    };
  },
  refuse: ({ memberId }, { code }, { apiVersion }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    protocolName: apiVersion < NULL_PROTOCOL_FROM ? '' : null,
    leader: '',
    memberId,
    members: [],
  }),
});
