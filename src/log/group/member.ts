import { unreachable } from '../../core/mod.ts';
import type { GroupMetadata } from './group-state.ts';
import type {
  GroupError,
  LeaveAnswer,
  LeavingMember,
  MemberRequest,
  SyncAnswer,
  SyncRequest,
} from './messages.ts';
import { completeIfAllJoined, dropMember, failSyncs, handOut, prepareRebalance } from './rebalance.ts';
import { answerSync, keepAlive, refusedSync, store, type Turn } from './turn.ts';

/** Why a request may not speak for this member; null where it may. */
export function memberError(
  group: GroupMetadata,
  memberId: string,
  groupInstanceId: string | null,
): GroupError | null {
  if (groupInstanceId !== null) {
    const current = group.memberOfInstance(groupInstanceId);
    if (current === undefined) return 'UNKNOWN_MEMBER_ID';
    if (current !== memberId) return 'FENCED_INSTANCE_ID';
  }
  return group.members.has(memberId) ? null : 'UNKNOWN_MEMBER_ID';
}

function generationError(group: GroupMetadata, request: MemberRequest): GroupError | null {
  const error = memberError(group, request.memberId, request.groupInstanceId);
  if (error !== null) return error;
  return request.generation === group.generation ? null : 'ILLEGAL_GENERATION';
}

/** A sync request comes; the answer goes out as an effect with its ticket. */
export function sync(turn: Turn, group: GroupMetadata, request: SyncRequest, ticket: number): void {
  const answer = answerNow(turn, group, request, ticket);
  if (answer !== null) turn.effects.push({ kind: 'sync', ticket, answer });
}

/** The answer to a sync request, null where it has to wait for the leader's work. */
function answerNow(
  turn: Turn,
  group: GroupMetadata,
  request: SyncRequest,
  ticket: number,
): SyncAnswer | null {
  const error = generationError(group, request) ?? protocolError(group, request);
  if (error !== null) return refusedSync(error);
  const member = group.members.get(request.memberId)!;
  switch (group.state) {
    case 'PreparingRebalance':
      return refusedSync('REBALANCE_IN_PROGRESS');
    case 'Stable': {
      synced(group, member.id);
      const { protocolType, protocol } = group;
      return { error: null, protocolType, protocol, assignment: member.assignment };
    }
    case 'CompletingRebalance':
      answerSync(turn, member, refusedSync('REBALANCE_IN_PROGRESS'));
      member.syncTicket = ticket;
      synced(group, member.id);
      if (group.isLeader(member.id)) storeWork(turn, group, request);
      return null;
    case 'Empty':
    case 'Dead':
      return refusedSync('UNKNOWN_MEMBER_ID');
    default:
      return unreachable(group.state);
  }
}

function protocolError(group: GroupMetadata, request: SyncRequest): GroupError | null {
  const differs = (asked: string | null, has: string | null): boolean => asked !== null && asked !== has;
  return differs(request.protocolType, group.protocolType) || differs(request.protocol, group.protocol)
    ? 'INCONSISTENT_GROUP_PROTOCOL'
    : null;
}

function synced(group: GroupMetadata, memberId: string): void {
  group.pendingSync.delete(memberId);
  if (group.pendingSync.size === 0) group.syncDeadlineMs = Number.POSITIVE_INFINITY;
}

/** The work is handed out when it is stored, if the generation is still the same then. */
function storeWork(turn: Turn, group: GroupMetadata, { assignments, generation }: SyncRequest): void {
  const work = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
  store(turn, group, work, (later, failure) => {
    if (group.state !== 'CompletingRebalance' || group.generation !== generation) return;
    if (failure === null) {
      handOut(later, group, work);
    } else {
      failSyncs(later, group, failure);
      prepareRebalance(later, group);
    }
  });
}

/** A member says that it lives; it learns whether it has to join again. */
export function heartbeat(turn: Turn, group: GroupMetadata, request: MemberRequest): GroupError | null {
  const error = generationError(group, request);
  if (error !== null) return error;
  const member = group.members.get(request.memberId)!;
  keepAlive(turn, group, member, member.sessionTimeoutMs);
  return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : null;
}

/** Members leave, each with an answer of its own; the others rebalance once. */
export function leave(turn: Turn, group: GroupMetadata, leaving: readonly LeavingMember[]): LeaveAnswer {
  const members = leaving.map(member => ({ ...member, error: leaveOne(turn, group, member) }));
  if (members.some(({ error }) => error === null)) {
    if (group.state === 'Stable' || group.state === 'CompletingRebalance') prepareRebalance(turn, group);
    else completeIfAllJoined(turn, group);
  }
  return { error: null, members };
}

function leaveOne(
  turn: Turn,
  group: GroupMetadata,
  { memberId, groupInstanceId }: LeavingMember,
): GroupError | null {
  if (group.pendingJoin.has(memberId)) {
    group.remove(memberId);
    return null;
  }
  // A tool removes static members by their instance alone.
  const byInstance = memberId === '' && groupInstanceId !== null;
  const id = byInstance ? group.memberOfInstance(groupInstanceId) : memberId;
  const error = memberError(group, id ?? '', groupInstanceId);
  if (error !== null) return error;
  dropMember(turn, group, group.members.get(id!)!);
  return null;
}
