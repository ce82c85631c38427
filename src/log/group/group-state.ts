import { assert } from '../../core/mod.ts';
import type { ClassicGroupState, GroupProtocol } from './messages.ts';
import { subscribedTopics } from './subscription.ts';

/** Something that ends unless it is heard of: a member's session, or the time to come back with a new id. */
export interface Session {
  readonly id: string;
  /** Infinity: does not end now. */
  deadlineMs: number;
  /** The time at which somebody looks whether the deadline has passed; never later than the deadline. */
  watchedMs: number;
}

export interface Member extends Session {
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocols: readonly GroupProtocol[];
  assignment: Uint8Array;
  /** The request that waits for an answer. */
  joinTicket: number | null;
  syncTicket: number | null;
  /** Not yet in a generation: it can't send heartbeats. */
  isNew: boolean;
}

/** When an empty group began to wait for members, and how much longer it may. */
export interface InitialDelay {
  readonly delayMs: number;
  readonly remainingMs: number;
}

export const NO_BYTES = new Uint8Array(0);

/** What the members of all groups take in memory. */
export interface MemberUsage {
  bytes: number;
}

/** A member beside the bytes it brings. */
const MEMBER_BYTES = 500;

const bytesOf = (protocols: readonly GroupProtocol[]): number =>
  protocols.reduce((sum, { metadata }) => sum + metadata.length, 0);

/** Which states may follow each state. */
const NEXT: Readonly<Record<ClassicGroupState, readonly ClassicGroupState[]>> = {
  Empty: ['PreparingRebalance', 'Dead'],
  PreparingRebalance: ['CompletingRebalance', 'Empty', 'Dead'],
  CompletingRebalance: ['Stable', 'PreparingRebalance', 'Dead'],
  Stable: ['PreparingRebalance', 'Dead'],
  Dead: [],
};

/** What a group is: its members, their protocols, and where the rebalance stands. Knows no requests. */
export class GroupMetadata {
  readonly id: string;
  state: ClassicGroupState = 'Empty';
  previousState: ClassicGroupState = 'Empty';
  stateSinceMs: number;
  generation = 0;
  protocolType: string | null = null;
  protocol: string | null = null;
  leader: string | null = null;
  readonly members = new Map<string, Member>();
  /** Given an id but not back with it yet. */
  readonly pendingJoin = new Map<string, Session>();
  /** In the generation but not heard of since: sync is outstanding. */
  readonly pendingSync = new Set<string>();
  /** Null where the topics are unknown: another protocol type than `consumer`, or bytes we can't read. */
  subscribed: ReadonlySet<string> | null = null;
  /** A member came while the empty group waited. */
  newMemberAdded = false;
  joinDeadlineMs = Number.POSITIVE_INFINITY;
  /** Set while the deadline is that of an empty group's wait. */
  initialDelay: InitialDelay | null = null;
  syncDeadlineMs = Number.POSITIVE_INFINITY;
  readonly #instances = new Map<string, string>();
  /** How many members can follow each protocol. */
  readonly #supported = new Map<string, number>();
  readonly #usage: MemberUsage;
  #awaitingJoin = 0;

  constructor(id: string, nowMs: number, usage: MemberUsage) {
    this.id = id;
    this.#usage = usage;
    this.stateSinceMs = nowMs;
  }

  transition(to: ClassicGroupState, nowMs: number): void {
    assert(NEXT[this.state].includes(to), `a group goes from ${this.state} to ${to}`);
    this.previousState = this.state;
    this.state = to;
    this.stateSinceMs = nowMs;
  }

  get awaitingJoin(): number {
    return this.#awaitingJoin;
  }

  get allJoined(): boolean {
    return this.#awaitingJoin === this.members.size && this.pendingJoin.size === 0;
  }

  /** The longest of all members. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs);
    return longest;
  }

  memberOfInstance(instanceId: string): string | undefined {
    return this.#instances.get(instanceId);
  }

  isLeader(memberId: string): boolean {
    return this.leader === memberId;
  }

  add(member: Member, protocolType: string): void {
    if (member.instanceId !== null) {
      assert(!this.#instances.has(member.instanceId), 'an instance is one member');
      this.#instances.set(member.instanceId, member.id);
    }
    if (this.members.size === 0) this.protocolType = protocolType;
    this.leader ??= member.id;
    this.members.set(member.id, member);
    this.#count(member.protocols, 1);
    this.#usage.bytes += MEMBER_BYTES + member.assignment.length;
    if (member.joinTicket !== null) this.#awaitingJoin++;
    this.pendingJoin.delete(member.id);
  }

  /** Forget a member or one that was to come back. Whoever waits is to be answered before. */
  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) {
      this.members.delete(memberId);
      this.#count(member.protocols, -1);
      this.#usage.bytes -= MEMBER_BYTES + member.assignment.length;
      if (member.joinTicket !== null) this.#awaitingJoin--;
      if (member.instanceId !== null) this.#instances.delete(member.instanceId);
    }
    if (this.leader === memberId) this.leader = this.members.keys().next().value ?? null;
    this.pendingJoin.delete(memberId);
    this.pendingSync.delete(memberId);
  }

  /** The member of an instance goes on under a new id; leadership and assignment stay. */
  replaceStatic(old: Member, id: string, instanceId: string): Member {
    assert(old.joinTicket === null && old.syncTicket === null, 'the old member is answered');
    const member: Member = { ...old, id, watchedMs: Number.POSITIVE_INFINITY, isNew: false };
    this.members.delete(old.id);
    this.pendingSync.delete(old.id);
    this.members.set(id, member);
    this.#instances.set(instanceId, id);
    if (this.leader === old.id) this.leader = id;
    return member;
  }

  update(
    member: Member,
    protocols: readonly GroupProtocol[],
    rebalanceTimeoutMs: number,
    sessionTimeoutMs: number,
  ): void {
    this.#count(member.protocols, -1);
    member.protocols = protocols;
    this.#count(protocols, 1);
    member.rebalanceTimeoutMs = rebalanceTimeoutMs;
    member.sessionTimeoutMs = sessionTimeoutMs;
  }

  setAssignment(member: Member, assignment: Uint8Array): void {
    this.#usage.bytes += assignment.length - member.assignment.length;
    member.assignment = assignment;
  }

  setJoinTicket(member: Member, ticket: number | null): void {
    this.#awaitingJoin += Number(ticket !== null) - Number(member.joinTicket !== null);
    member.joinTicket = ticket;
  }

  /**
   * Make sure the leader is among those who joined. False without one: the group is empty, or nobody joined.
   */
  electJoinedLeader(): boolean {
    if (this.leader === null) return false;
    if (this.members.get(this.leader)?.joinTicket != null) return true;
    for (const member of this.members.values()) {
      if (member.joinTicket === null) continue;
      this.leader = member.id;
      return true;
    }
    return false;
  }

  /** True where at least one of the protocols is one that all members can follow. */
  supports(protocolType: string, protocols: readonly GroupProtocol[]): boolean {
    if (this.state === 'Empty') return protocolType !== '' && protocols.length > 0;
    return (
      this.protocolType === protocolType &&
      protocols.some(({ name }) => (this.#supported.get(name) ?? 0) === this.members.size)
    );
  }

  /** Each member votes for the first of its protocols that all can follow; most votes win. */
  selectProtocol(): string {
    const votes = new Map<string, number>();
    for (const { protocols } of this.members.values()) {
      const vote = protocols.find(({ name }) => this.#supported.get(name) === this.members.size);
      assert(vote !== undefined, 'there is a protocol that all members can follow');
      votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
    }
    let chosen = '';
    for (const [name, count] of votes) if (count > (votes.get(chosen) ?? 0)) chosen = name;
    return chosen;
  }

  /** The next generation begins with the members that are there, or the group is empty. */
  nextGeneration(nowMs: number): void {
    this.generation++;
    this.protocol = this.members.size > 0 ? this.selectProtocol() : null;
    this.transition(this.members.size > 0 ? 'CompletingRebalance' : 'Empty', nowMs);
    this.findSubscribed();
    this.pendingSync.clear();
  }

  findSubscribed(): void {
    this.subscribed = null;
    if (this.protocolType !== 'consumer' || (this.protocol === null && this.members.size > 0)) return;
    const all = new Set<string>();
    for (const member of this.members.values()) {
      const topics = subscribedTopics(metadataOf(member, this.protocol ?? ''));
      if (topics === null) return;
      for (const topic of topics) all.add(topic);
    }
    this.subscribed = all;
  }

  isSubscribedTo(topic: string): boolean {
    return this.subscribed?.has(topic) ?? this.protocolType === 'consumer';
  }

  #count(protocols: readonly GroupProtocol[], by: 1 | -1): void {
    this.#usage.bytes += by * bytesOf(protocols);
    for (const name of new Set(protocols.map(protocol => protocol.name))) {
      const count = (this.#supported.get(name) ?? 0) + by;
      if (count === 0) this.#supported.delete(name);
      else this.#supported.set(name, count);
    }
  }
}

/** A member's bytes for a protocol; none where it does not know it. */
export function metadataOf(member: Member, protocol: string): Uint8Array {
  return member.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES;
}

/** True where the protocols are those the member has, in their order and with the same bytes. */
export function hasProtocols(member: Member, protocols: readonly GroupProtocol[]): boolean {
  return (
    member.protocols.length === protocols.length &&
    member.protocols.every(({ name, metadata }, i) => {
      const other = protocols[i]!;
      return name === other.name && Buffer.compare(metadata, other.metadata) === 0;
    })
  );
}
