import { assert, unreachable } from '../../core/mod.ts';
import { type GroupMetadata, hasProtocols, type Member, NO_BYTES, type Session } from './group-state.ts';
import { memberError } from './member.ts';
import type { GroupError, JoinAnswer, JoinRequest } from './messages.ts';
import { joinedAnswer, rebalanceOrComplete } from './rebalance.ts';
import { NEW_MEMBER_JOIN_TIMEOUT_MS } from './settings.ts';
import { answerJoin, answerSync, keepAlive, refusedJoin, refusedSync, store, type Turn } from './turn.ts';

/** A join request comes; the answer is an effect with its ticket, now or when the others have joined. */
export function join(turn: Turn, group: GroupMetadata, request: JoinRequest, ticket: number): void {
  const { memberId, groupInstanceId } = request;
  const member = group.members.get(memberId);
  if (!hasRoom(turn, group, member)) {
    group.remove(memberId);
    answerNow(turn, ticket, refusedJoin('GROUP_MAX_SIZE_REACHED', ''));
  } else if (!group.supports(request.protocolType, request.protocols)) {
    answerNow(turn, ticket, refusedJoin('INCONSISTENT_GROUP_PROTOCOL', memberId));
  } else if (memberId === '') {
    joinNew(turn, group, request, ticket);
  } else if (group.pendingJoin.has(memberId)) {
    addMember(turn, group, request, memberId, ticket);
  } else {
    const error = memberError(group, memberId, groupInstanceId);
    if (error !== null) answerNow(turn, ticket, refusedJoin(error, memberId));
    else joinAgain(turn, group, member!, request, ticket);
  }
}

/**
 * A group has a largest size. While members join, those that wait count: so a group above a size that was
 * lowered loses those who come last.
 */
function hasRoom(turn: Turn, group: GroupMetadata, member: Member | undefined): boolean {
  const { membersMax } = turn.settings;
  switch (group.state) {
    case 'Empty':
    case 'Dead':
      return true;
    case 'PreparingRebalance':
      return (member?.joinTicket ?? null) !== null || group.awaitingJoin < membersMax;
    case 'CompletingRebalance':
    case 'Stable':
      return member !== undefined || group.members.size < membersMax;
    default:
      return unreachable(group.state);
  }
}

function joinNew(turn: Turn, group: GroupMetadata, request: JoinRequest, ticket: number): void {
  const { groupInstanceId, clientId, needsMemberId, sessionTimeoutMs } = request;
  const id = `${groupInstanceId ?? clientId}-${turn.uuid()}`;
  const old = group.members.get(group.memberOfInstance(groupInstanceId ?? '') ?? '');
  if (groupInstanceId !== null && old !== undefined) {
    replaceStatic(turn, group, old, id, groupInstanceId, request, ticket);
  } else if (groupInstanceId !== null || !needsMemberId) {
    addMember(turn, group, request, id, ticket);
  } else {
    const never = Number.POSITIVE_INFINITY;
    const pending: Session = { id, deadlineMs: never, watchedMs: never };
    group.pendingJoin.set(id, pending);
    keepAlive(turn, group, pending, sessionTimeoutMs);
    answerNow(turn, ticket, refusedJoin('MEMBER_ID_REQUIRED', id));
  }
}

function addMember(turn: Turn, group: GroupMetadata, request: JoinRequest, id: string, ticket: number): void {
  if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') group.newMemberAdded = true;
  const member: Member = {
    id,
    instanceId: request.groupInstanceId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocols: request.protocols,
    assignment: NO_BYTES,
    joinTicket: ticket,
    syncTicket: null,
    isNew: true,
    deadlineMs: Number.POSITIVE_INFINITY,
    watchedMs: Number.POSITIVE_INFINITY,
  };
  group.add(member, request.protocolType);
  keepAlive(turn, group, member, NEW_MEMBER_JOIN_TIMEOUT_MS);
  rebalanceOrComplete(turn, group);
}

function joinAgain(
  turn: Turn,
  group: GroupMetadata,
  member: Member,
  request: JoinRequest,
  ticket: number,
): void {
  if (needsNothing(group, member, request)) {
    answerNow(turn, ticket, joinedAnswer(group, member.id));
    return;
  }
  updateMember(turn, group, member, request, ticket);
  rebalanceOrComplete(turn, group);
}

/** True where the member can go on with the generation there is. */
function needsNothing(group: GroupMetadata, member: Member, { protocols }: JoinRequest): boolean {
  switch (group.state) {
    case 'CompletingRebalance':
      // The same again: the answer to the first request was lost.
      return hasProtocols(member, protocols);
    case 'Stable':
      // The leader joins again to have the work shared out anew, e.g. because topics changed.
      return hasProtocols(member, protocols) && !group.isLeader(member.id);
    case 'PreparingRebalance':
      return false;
    case 'Empty':
    case 'Dead':
      assert(false, 'a group with members is neither empty nor dead');
      return false;
    default:
      return unreachable(group.state);
  }
}

function answerNow(turn: Turn, ticket: number, answer: JoinAnswer): void {
  turn.effects.push({ kind: 'join', ticket, answer });
}

function updateMember(
  turn: Turn,
  group: GroupMetadata,
  member: Member,
  { protocols, rebalanceTimeoutMs, sessionTimeoutMs }: JoinRequest,
  ticket: number,
): void {
  group.update(member, protocols, rebalanceTimeoutMs, sessionTimeoutMs);
  // A client asks again when its connection broke; nobody is behind the first request any more.
  answerJoin(turn, group, member, refusedJoin('REBALANCE_IN_PROGRESS', member.id));
  group.setJoinTicket(member, ticket);
}

/**
 * A static member came back without its id: it takes over what its instance had, whoever goes on under the
 * old id is fenced. A stable group whose protocol stays does not rebalance.
 */
function replaceStatic(
  turn: Turn,
  group: GroupMetadata,
  old: Member,
  id: string,
  instanceId: string,
  request: JoinRequest,
  ticket: number,
): void {
  const formerLeader = group.leader;
  answerJoin(turn, group, old, refusedJoin('FENCED_INSTANCE_ID', old.id));
  answerSync(turn, old, refusedSync('FENCED_INSTANCE_ID'));
  const member = group.replaceStatic(old, id, instanceId);
  updateMember(turn, group, member, request, ticket);
  keepAlive(turn, group, member, member.sessionTimeoutMs);
  if (group.state !== 'Stable' || group.selectProtocol() !== group.protocol) {
    // A leader that shares out work just now knows the old id only: once more.
    rebalanceOrComplete(turn, group);
    return;
  }
  store(turn, group, null, (later, failure) => {
    // Gone, replaced again or asked to join meanwhile: then it is answered elsewhere.
    if (group.members.get(id) !== member || member.joinTicket !== ticket) return;
    if (failure !== null) {
      undoReplacement(later, group, member, old, instanceId, failure);
    } else {
      answerReplaced(later, group, member, formerLeader, request.canSkipAssignment);
    }
  });
}

function undoReplacement(
  turn: Turn,
  group: GroupMetadata,
  member: Member,
  old: Member,
  instanceId: string,
  failure: GroupError,
): void {
  answerJoin(turn, group, member, refusedJoin(failure, ''));
  group.update(member, old.protocols, old.rebalanceTimeoutMs, old.sessionTimeoutMs);
  const back = group.replaceStatic(member, old.id, instanceId);
  keepAlive(turn, group, back, back.sessionTimeoutMs);
}

function answerReplaced(
  turn: Turn,
  group: GroupMetadata,
  member: Member,
  formerLeader: string | null,
  canSkipAssignment: boolean,
): void {
  assert(group.state !== 'Empty', 'a group with a member is not empty');
  const answer = joinedAnswer(group, member.id);
  // An old client that learns it leads would share out work; told of its former id it just asks for its own.
  answerJoin(
    turn,
    group,
    member,
    canSkipAssignment
      ? { ...answer, skipAssignment: group.isLeader(member.id) }
      : { ...answer, leader: formerLeader ?? '', members: [] },
  );
}
