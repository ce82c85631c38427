import type { GroupMetadata, Session } from './group-state.ts';
import {
  completeIfAllJoined,
  completeJoin,
  dropMember,
  extendInitialDelay,
  prepareRebalance,
  removeMember,
} from './rebalance.ts';
import type { Turn } from './turn.ts';

/**
 * The watch over a session strikes: end it if nobody was heard of. Returns when to look again, null for
 * never.
 */
export function sessionDue(turn: Turn, group: GroupMetadata, session: Session): number | null {
  const member = group.members.get(session.id);
  const isPending = group.pendingJoin.get(session.id) === session;
  if (member !== session && !isPending) return null;
  if (session.deadlineMs > turn.monotonicMs) {
    session.watchedMs = session.deadlineMs;
    return Number.isFinite(session.deadlineMs) ? session.deadlineMs : null;
  }
  if (member === undefined) {
    group.remove(session.id);
    completeIfAllJoined(turn, group);
  } else if (!member.isNew && (member.joinTicket !== null || member.syncTicket !== null)) {
    // Who waits for our answer can't send heartbeats. The session runs again from the answer on.
    member.deadlineMs = Number.POSITIVE_INFINITY;
    member.watchedMs = Number.POSITIVE_INFINITY;
  } else {
    removeMember(turn, group, member);
  }
  return null;
}

/** Something of the group may be due: the time to join, or to sync after joining. */
export function groupDue(turn: Turn, group: GroupMetadata): void {
  if (group.state === 'PreparingRebalance' && group.joinDeadlineMs <= turn.monotonicMs) joinDue(turn, group);
  if (group.syncDeadlineMs <= turn.monotonicMs) syncDue(turn, group);
}

function joinDue(turn: Turn, group: GroupMetadata): void {
  const { initialDelay } = group;
  if (initialDelay !== null && group.newMemberAdded && initialDelay.remainingMs > 0) {
    group.newMemberAdded = false;
    extendInitialDelay(turn, group, initialDelay);
  } else {
    completeJoin(turn, group);
  }
}

/** Who has joined but not synced holds the others up: out, and once more. */
function syncDue(turn: Turn, group: GroupMetadata): void {
  group.syncDeadlineMs = Number.POSITIVE_INFINITY;
  if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return;
  if (group.pendingSync.size === 0) return;
  for (const id of [...group.pendingSync]) {
    const member = group.members.get(id);
    if (member !== undefined) dropMember(turn, group, member);
  }
  prepareRebalance(turn, group);
}
