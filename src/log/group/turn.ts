import type { GroupMetadata, Member, Session } from './group-state.ts';
import type { GroupError, JoinAnswer, SyncAnswer } from './messages.ts';
import type { GroupSettings } from './settings.ts';
import { type StoredGroup, storedGroup } from './stored.ts';

/** What the rules want done. */
export type Effect =
  | { readonly kind: 'join'; readonly ticket: number; readonly answer: JoinAnswer }
  | { readonly kind: 'sync'; readonly ticket: number; readonly answer: SyncAnswer }
  /** Make the group durable; `then` is to be told afterwards whether it is. */
  | {
      readonly kind: 'store';
      readonly group: GroupMetadata;
      readonly value: StoredGroup;
      readonly then: ((turn: Turn, failure: GroupError | null) => void) | null;
    }
  /** Look after this time whether a session has ended or, without one, what is due in the group. */
  | {
      readonly kind: 'watch';
      readonly group: GroupMetadata;
      readonly session: Session | null;
      readonly atMs: number;
    };

/** One step of the rules: when it happens, and what is to be done afterwards, in order. */
export interface Turn {
  /** Epoch milliseconds: for what is stored. */
  readonly nowMs: number;
  /** For deadlines, so that nobody's session ends because the wall clock was set. */
  readonly monotonicMs: number;
  readonly settings: GroupSettings;
  /** A fresh id for a member, which nobody can guess. */
  readonly uuid: () => string;
  readonly effects: Effect[];
}

const NO_JOIN: JoinAnswer = {
  error: null,
  generation: -1,
  protocolType: null,
  protocol: null,
  leader: '',
  skipAssignment: false,
  memberId: '',
  members: [],
};

export const refusedJoin = (error: GroupError, memberId: string): JoinAnswer => ({
  ...NO_JOIN,
  error,
  memberId,
});

export const refusedSync = (error: GroupError): SyncAnswer => ({
  error,
  protocolType: null,
  protocol: null,
  assignment: new Uint8Array(0),
});

/** Answer the join request of a member, if one waits. */
export function answerJoin(turn: Turn, group: GroupMetadata, member: Member, answer: JoinAnswer): void {
  if (member.joinTicket === null) return;
  turn.effects.push({ kind: 'join', ticket: member.joinTicket, answer });
  group.setJoinTicket(member, null);
}

/** Answer the sync request of a member; false when none waits. */
export function answerSync(turn: Turn, member: Member, answer: SyncAnswer): boolean {
  if (member.syncTicket === null) return false;
  turn.effects.push({ kind: 'sync', ticket: member.syncTicket, answer });
  member.syncTicket = null;
  return true;
}

/** The member was heard of: its session goes on. Cheap, because only an earlier end needs a new watch. */
export function keepAlive(turn: Turn, group: GroupMetadata, session: Session, timeoutMs: number): void {
  session.deadlineMs = turn.monotonicMs + timeoutMs;
  if (session.watchedMs <= session.deadlineMs) return;
  session.watchedMs = session.deadlineMs;
  turn.effects.push({ kind: 'watch', group, session, atMs: session.deadlineMs });
}

/** Something of the group itself is due then. */
export function watchGroup(turn: Turn, group: GroupMetadata, atMs: number): void {
  turn.effects.push({ kind: 'watch', group, session: null, atMs });
}

/** Make the group durable as it stands, with other assignments where they are given. */
export function store(
  turn: Turn,
  group: GroupMetadata,
  assignments: ReadonlyMap<string, Uint8Array> | null,
  then: ((turn: Turn, failure: GroupError | null) => void) | null,
): void {
  turn.effects.push({ kind: 'store', group, value: storedGroup(group, assignments), then });
}
