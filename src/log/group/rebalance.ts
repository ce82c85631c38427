import { assert } from '../../core/mod.ts';
import { type GroupMetadata, type InitialDelay, type Member, metadataOf, NO_BYTES } from './group-state.ts';
import type { GroupError, JoinAnswer, JoinedMember } from './messages.ts';
import {
  answerJoin,
  answerSync,
  keepAlive,
  refusedJoin,
  refusedSync,
  store,
  type Turn,
  watchGroup,
} from './turn.ts';

/** Begin a rebalance where the state allows, else see whether the one under way is complete. */
export function rebalanceOrComplete(turn: Turn, group: GroupMetadata): void {
  if (group.state === 'PreparingRebalance') completeIfAllJoined(turn, group);
  else if (group.state !== 'Dead') prepareRebalance(turn, group);
}

/**
 * Ask all members to join again. An empty group waits a little, so that members that start together share
 * one rebalance.
 */
export function prepareRebalance(turn: Turn, group: GroupMetadata): void {
  if (group.state === 'CompletingRebalance') failSyncs(turn, group, 'REBALANCE_IN_PROGRESS');
  group.pendingSync.clear();
  group.syncDeadlineMs = Number.POSITIVE_INFINITY;
  const wasEmpty = group.state === 'Empty';
  group.transition('PreparingRebalance', turn.nowMs);
  if (wasEmpty) {
    const delayMs = turn.settings.initialRebalanceDelayMs;
    waitForMembers(turn, group, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0));
  } else if (group.allJoined) {
    completeJoin(turn, group);
  } else {
    setJoinDeadline(turn, group, group.rebalanceTimeoutMs);
  }
}

function waitForMembers(turn: Turn, group: GroupMetadata, delayMs: number, remainingMs: number): void {
  setJoinDeadline(turn, group, delayMs);
  group.initialDelay = { delayMs, remainingMs };
}

/** More members came while the empty group waited: it waits once more, as long as the rebalance may take. */
export function extendInitialDelay(turn: Turn, group: GroupMetadata, before: InitialDelay): void {
  const delayMs = Math.min(turn.settings.initialRebalanceDelayMs, before.remainingMs);
  waitForMembers(turn, group, delayMs, Math.max(before.remainingMs - before.delayMs, 0));
}

function setJoinDeadline(turn: Turn, group: GroupMetadata, inMs: number): void {
  group.joinDeadlineMs = turn.monotonicMs + inMs;
  group.initialDelay = null;
  watchGroup(turn, group, group.joinDeadlineMs);
}

/** A group that was empty keeps waiting until its delay is over, whoever has joined. */
export function completeIfAllJoined(turn: Turn, group: GroupMetadata): void {
  if (group.state !== 'PreparingRebalance' || group.previousState === 'Empty') return;
  if (group.allJoined) completeJoin(turn, group);
}

/** Who has not come back is out, static members excepted; the others are the next generation. */
export function completeJoin(turn: Turn, group: GroupMetadata): void {
  group.joinDeadlineMs = Number.POSITIVE_INFINITY;
  group.initialDelay = null;
  group.newMemberAdded = false;
  for (const member of [...group.members.values()]) {
    if (member.joinTicket === null && member.instanceId === null) group.remove(member.id);
  }
  if (!group.electJoinedLeader() && group.members.size > 0) {
    // Only static members are left and none of them came: their sessions decide.
    setJoinDeadline(turn, group, group.rebalanceTimeoutMs);
    return;
  }
  group.nextGeneration(turn.nowMs);
  if (group.state === 'Empty') {
    store(turn, group, null, null);
    return;
  }
  for (const member of group.members.values()) {
    answerJoin(turn, group, member, joinedAnswer(group, member.id));
    keepAlive(turn, group, member, member.sessionTimeoutMs);
    member.isNew = false;
    group.pendingSync.add(member.id);
  }
  group.syncDeadlineMs = turn.monotonicMs + group.rebalanceTimeoutMs;
  watchGroup(turn, group, group.syncDeadlineMs);
}

/** What a member of the generation is told; the leader alone learns who else is in it. */
export function joinedAnswer(group: GroupMetadata, memberId: string): JoinAnswer {
  return {
    error: null,
    generation: group.generation,
    protocolType: group.protocolType,
    protocol: group.protocol,
    leader: group.leader ?? '',
    skipAssignment: false,
    memberId,
    members: group.isLeader(memberId) ? joinedMembers(group) : [],
  };
}

export function joinedMembers(group: GroupMetadata): JoinedMember[] {
  return Array.from(group.members.values(), member => ({
    memberId: member.id,
    groupInstanceId: member.instanceId,
    metadata: metadataOf(member, group.protocol ?? ''),
  }));
}

/** The leader's work is stored: everybody gets theirs. */
export function handOut(turn: Turn, group: GroupMetadata, work: ReadonlyMap<string, Uint8Array>): void {
  assert(group.state === 'CompletingRebalance', 'work is handed out to a generation that waits for it');
  for (const member of group.members.values()) {
    group.setAssignment(member, work.get(member.id) ?? NO_BYTES);
    const { protocolType, protocol } = group;
    const answered = answerSync(turn, member, {
      error: null,
      protocolType,
      protocol,
      assignment: member.assignment,
    });
    if (answered) keepAlive(turn, group, member, member.sessionTimeoutMs);
  }
  group.transition('Stable', turn.nowMs);
}

/** All who wait for work are told why they get none. */
export function failSyncs(turn: Turn, group: GroupMetadata, error: GroupError): void {
  for (const member of group.members.values()) {
    group.setAssignment(member, NO_BYTES);
    if (answerSync(turn, member, refusedSync(error))) {
      keepAlive(turn, group, member, member.sessionTimeoutMs);
    }
  }
}

/** A member is gone: whoever it left waiting goes on without it. */
export function removeMember(turn: Turn, group: GroupMetadata, member: Member): void {
  dropMember(turn, group, member);
  if (group.state === 'Stable' || group.state === 'CompletingRebalance') prepareRebalance(turn, group);
  else if (group.state === 'PreparingRebalance' && group.allJoined) completeJoin(turn, group);
}

/** Take a member out; its waiting requests are answered, so that a client that lives joins anew. */
export function dropMember(turn: Turn, group: GroupMetadata, member: Member): void {
  answerJoin(turn, group, member, refusedJoin('UNKNOWN_MEMBER_ID', ''));
  answerSync(turn, member, refusedSync('UNKNOWN_MEMBER_ID'));
  group.remove(member.id);
}
