import { type Clock, MillraceError, messageOf } from '../../core/mod.ts';
import type { Partition } from '../partition/partition.ts';
import { TableJournal } from '../table-journal.ts';
import { Deadlines } from './deadlines.ts';
import { described, listed } from './describe.ts';
import { groupDue, sessionDue } from './due.ts';
import { GroupMetadata, type Session } from './group-state.ts';
import { type GroupRecord, GroupTable, groupKey } from './group-table.ts';
import { join } from './join.ts';
import { heartbeat, leave, sync } from './member.ts';
import type {
  CommitRequest,
  DeletedOffsets,
  DescribedGroup,
  FetchedTopic,
  GroupError,
  Groups,
  JoinAnswer,
  JoinRequest,
  LeaveAnswer,
  LeavingMember,
  ListedGroup,
  MemberRequest,
  SyncAnswer,
  SyncRequest,
  TopicPartitions,
  TransactionalCommitRequest,
} from './messages.ts';
import { commitError, deleteOffsetsError, expiredOffsets, fetched } from './offset-rules.ts';
import { OffsetWrites } from './offset-writes.ts';
import { prepareRebalance } from './rebalance.ts';
import type { GroupSettings } from './settings.ts';
import { restoredGroup } from './stored.ts';
import { type Effect, keepAlive, refusedJoin, refusedSync, type Turn } from './turn.ts';

export interface GroupCoordinatorOptions {
  /** Of `__consumer_offsets`. */
  readonly partition: Partition;
  readonly clock: Clock;
  readonly settings: GroupSettings;
  /** A fresh id that nobody can guess. */
  readonly uuid: () => string;
  /** Told of bugs that nobody waits for. */
  readonly failed: (message: string) => void;
}

/** A session to look after, or something of the group itself; null: old offsets. */
type Watch = {
  readonly group: GroupMetadata;
  readonly session: Session | null;
  readonly atMs: number;
} | null;

/** Sessions that end within this time of each other are looked at together: one wake-up for many members. */
const SESSION_GRAIN_MS = 50;

/**
 * The coordinator of all groups: takes requests in turn, lets the rules decide, answers, and keeps groups and
 * offsets in `__consumer_offsets`. Every request is one step; only storing takes time.
 */
export class GroupCoordinator implements Groups {
  readonly #options: GroupCoordinatorOptions;
  readonly #journal: TableJournal<GroupRecord>;
  readonly #table: GroupTable;
  readonly #offsets: OffsetWrites;
  readonly #groups = new Map<string, GroupMetadata>();
  readonly #deadlines: Deadlines<Watch>;
  readonly #joins = new Map<number, (answer: JoinAnswer) => void>();
  readonly #syncs = new Map<number, (answer: SyncAnswer) => void>();
  readonly #usage = { bytes: 0 };
  #ticket = 0;
  #closed = false;

  private constructor(
    options: GroupCoordinatorOptions,
    journal: TableJournal<GroupRecord>,
    table: GroupTable,
  ) {
    this.#options = options;
    this.#journal = journal;
    this.#table = table;
    this.#offsets = new OffsetWrites({
      table,
      put: changes => journal.put(changes),
      nowMs: () => this.#nowMs(),
      settings: options.settings,
    });
    this.#deadlines = new Deadlines(options.clock, watch => this.#due(watch), options.failed);
  }

  /** Read what is stored; members that live go on where they were. */
  static async open(options: GroupCoordinatorOptions): Promise<GroupCoordinator> {
    const table = new GroupTable();
    const nowMs = (): number => Math.floor(options.clock.nowMs());
    const journal = await TableJournal.open(options.partition, nowMs, table);
    const coordinator = new GroupCoordinator(options, journal, table);
    coordinator.#restore();
    return coordinator;
  }

  #restore(): void {
    for (const [groupId, stored] of this.#table.groups) {
      const group = restoredGroup(groupId, stored, this.#usage);
      this.#groups.set(groupId, group);
      this.#turn(turn => {
        for (const member of group.members.values()) keepAlive(turn, group, member, member.sessionTimeoutMs);
        if (group.members.size > this.#options.settings.membersMax) prepareRebalance(turn, group);
      });
    }
    for (const [groupId] of this.#table.allOffsets()) this.#groupOf(groupId);
    this.#watchRetention();
  }

  #nowMs(): number {
    return Math.floor(this.#options.clock.nowMs());
  }

  /** The group, made now when there is none. */
  #groupOf(groupId: string): GroupMetadata {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = new GroupMetadata(groupId, this.#nowMs(), this.#usage);
      this.#groups.set(groupId, group);
    }
    return group;
  }

  /** One step of the rules and what follows from it; also returns what is being stored. */
  #turn<T>(step: (turn: Turn) => T): { readonly result: T; readonly stored: Promise<unknown> } {
    const { settings, uuid, clock } = this.#options;
    const effects: Effect[] = [];
    const turn = { nowMs: this.#nowMs(), monotonicMs: clock.monotonicMs(), settings, uuid, effects };
    const result = step(turn);
    const stores: Promise<void>[] = [];
    for (const effect of effects) {
      if (effect.kind === 'join') this.#answer(this.#joins, effect.ticket, effect.answer);
      else if (effect.kind === 'sync') this.#answer(this.#syncs, effect.ticket, effect.answer);
      else if (effect.kind === 'store') stores.push(this.#store(effect));
      else this.#watch(effect);
    }
    return { result, stored: Promise.all(stores) };
  }

  #answer<A>(waiting: Map<number, (answer: A) => void>, ticket: number, answer: A): void {
    waiting.get(ticket)?.(answer);
    waiting.delete(ticket);
  }

  #watch({ group, session, atMs }: Effect & { readonly kind: 'watch' }): void {
    const grain = session === null ? 1 : SESSION_GRAIN_MS;
    this.#deadlines.add(Math.ceil(atMs / grain) * grain, { group, session, atMs });
  }

  async #store({ group, value, then }: Effect & { readonly kind: 'store' }): Promise<void> {
    const failure = await this.#refusedBy(this.#journal.put([[groupKey(group.id), value]]));
    if (then !== null) this.#turn(turn => then(turn, failure));
  }

  /** Null when it is stored. A log that is full or broken is, to a client, a coordinator to try later. */
  async #refusedBy(stored: Promise<unknown>): Promise<GroupError | null> {
    try {
      await stored;
      return null;
    } catch (error) {
      // What the storage refuses shows as the partition's failure already.
      const isStorage = error instanceof MillraceError && error.domain === 'external';
      if (!isStorage) this.#options.failed(`storing groups or offsets: ${messageOf(error)}`);
      return this.#closed ? 'NOT_COORDINATOR' : 'COORDINATOR_NOT_AVAILABLE';
    }
  }

  #due(watch: Watch): void {
    if (watch === null) {
      this.#expireOffsets();
      return;
    }
    const { group, session, atMs } = watch;
    if (this.#groups.get(group.id) !== group) return;
    if (session === null) {
      this.#turn(turn => groupDue(turn, group));
    } else if (session.watchedMs === atMs) {
      this.#turn(turn => {
        const again = sessionDue(turn, group, session);
        if (again !== null) turn.effects.push({ kind: 'watch', group, session, atMs: again });
      });
    }
  }

  async join(request: JoinRequest): Promise<JoinAnswer> {
    const { groupId, memberId, sessionTimeoutMs } = request;
    const { sessionTimeoutMsMin, sessionTimeoutMsMax } = this.#options.settings;
    if (this.#closed) return refusedJoin('NOT_COORDINATOR', memberId);
    if (groupId === '') return refusedJoin('INVALID_GROUP_ID', memberId);
    if (sessionTimeoutMs < sessionTimeoutMsMin || sessionTimeoutMs > sessionTimeoutMsMax) {
      return refusedJoin('INVALID_SESSION_TIMEOUT', memberId);
    }
    const isKnown = this.#groups.has(groupId);
    if (!isKnown && memberId !== '') return refusedJoin('UNKNOWN_MEMBER_ID', memberId);
    // The request's bytes are the connection's; ours stay as long as the member.
    const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: metadata.slice() }));
    if (!this.#hasRoomFor(protocols.map(({ metadata }) => metadata))) {
      return refusedJoin('GROUP_MAX_SIZE_REACHED', memberId);
    }
    const group = this.#groupOf(groupId);
    return new Promise(resolve => {
      const ticket = this.#ticket++;
      this.#joins.set(ticket, resolve);
      this.#turn(turn => join(turn, group, { ...request, protocols }, ticket));
    });
  }

  async sync(request: SyncRequest): Promise<SyncAnswer> {
    const group = this.#groups.get(request.groupId);
    if (this.#closed) return refusedSync('NOT_COORDINATOR');
    if (request.groupId === '') return refusedSync('INVALID_GROUP_ID');
    if (group === undefined) return refusedSync('UNKNOWN_MEMBER_ID');
    const assignments = request.assignments.map(given => ({
      memberId: given.memberId,
      assignment: given.assignment.slice(),
    }));
    if (!this.#hasRoomFor(assignments.map(({ assignment }) => assignment))) {
      return refusedSync('COORDINATOR_NOT_AVAILABLE');
    }
    return new Promise(resolve => {
      const ticket = this.#ticket++;
      this.#syncs.set(ticket, resolve);
      this.#turn(turn => sync(turn, group, { ...request, assignments }, ticket));
    });
  }

  /** Whoever may send requests can make members: what is kept of all of them has a bound. */
  #hasRoomFor(parts: readonly Uint8Array[]): boolean {
    const more = parts.reduce((sum, { length }) => sum + length, 0);
    return more === 0 || this.#usage.bytes + more <= this.#options.settings.memberBytesMax;
  }

  heartbeat(request: MemberRequest): GroupError | null {
    if (this.#closed) return 'NOT_COORDINATOR';
    if (request.groupId === '') return 'INVALID_GROUP_ID';
    const group = this.#groups.get(request.groupId);
    if (group === undefined) return 'UNKNOWN_MEMBER_ID';
    return this.#turn(turn => heartbeat(turn, group, request)).result;
  }

  async leave(groupId: string, members: readonly LeavingMember[]): Promise<LeaveAnswer> {
    if (groupId === '') return { error: 'INVALID_GROUP_ID', members: [] };
    const group = this.#groups.get(groupId);
    if (group === undefined) {
      return { error: null, members: members.map(member => ({ ...member, error: 'UNKNOWN_MEMBER_ID' })) };
    }
    const { result, stored } = this.#turn(turn => leave(turn, group, members));
    await stored;
    return result;
  }

  async commitOffsets(request: CommitRequest): Promise<readonly (GroupError | null)[]> {
    const { groupId, offsets, retentionMs } = request;
    const error = this.#commitError(request, false);
    if (error !== null) return offsets.map(() => error);
    this.#heardOf(groupId, request.memberId);
    return this.#committed(groupId, offsets, this.#offsets.commit(groupId, offsets, retentionMs));
  }

  async commitTransactionalOffsets(
    request: TransactionalCommitRequest,
  ): Promise<readonly (GroupError | null)[]> {
    const { groupId, offsets, producerId } = request;
    const error = groupId === '' ? 'INVALID_GROUP_ID' : this.#commitError(request, true);
    if (error !== null) return offsets.map(() => error);
    return this.#committed(groupId, offsets, this.#offsets.commitPending(groupId, producerId, offsets));
  }

  async #committed(
    groupId: string,
    offsets: readonly unknown[],
    answers: Promise<readonly (GroupError | null)[]>,
  ): Promise<readonly (GroupError | null)[]> {
    const error = await this.#refusedBy(answers);
    if (error !== null) return offsets.map(() => error);
    // Unused until now, it may have been forgotten while its offsets were on their way.
    this.#groupOf(groupId);
    return answers;
  }

  /** A group that is not there is made for whoever commits without being a member. */
  #commitError(request: MemberRequest, isTransactional: boolean): GroupError | null {
    if (this.#closed) return 'NOT_COORDINATOR';
    if (!this.#groups.has(request.groupId) && request.generation >= 0) {
      return isTransactional ? 'ILLEGAL_GENERATION' : 'GROUP_ID_NOT_FOUND';
    }
    return commitError(this.#groupOf(request.groupId), request, isTransactional);
  }

  /** Who commits lives. */
  #heardOf(groupId: string, memberId: string): void {
    const group = this.#groups.get(groupId);
    const member = group?.members.get(memberId);
    if (group === undefined || member === undefined) return;
    this.#turn(turn => keepAlive(turn, group, member, member.sessionTimeoutMs));
  }

  completeTransaction(producerId: number, committed: boolean): Promise<void> {
    return this.#offsets.complete(producerId, committed);
  }

  fetchOffsets(
    groupId: string,
    topics: readonly TopicPartitions[] | null,
    requireStable: boolean,
  ): readonly FetchedTopic[] {
    return fetched(this.#table.offsets(groupId), topics, requireStable);
  }

  async deleteOffsets(groupId: string, topics: readonly TopicPartitions[]): Promise<DeletedOffsets> {
    const group = this.#groups.get(groupId);
    const refusal = group === undefined ? 'GROUP_ID_NOT_FOUND' : deleteOffsetsError(group);
    if (group === undefined || refusal !== null) return { error: refusal, topics: [] };
    const deletable = topics.filter(({ topic }) => !group.isSubscribedTo(topic));
    const error = await this.#refusedBy(this.#offsets.delete(groupId, deletable));
    if (error !== null) return { error, topics: [] };
    const answers = topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(partition => ({
        partition,
        error: group.isSubscribedTo(topic) ? ('GROUP_SUBSCRIBED_TO_TOPIC' as const) : null,
      })),
    }));
    return { error: null, topics: answers };
  }

  list(): readonly ListedGroup[] {
    return Array.from(this.#groups.values(), listed);
  }

  describe(groupId: string): DescribedGroup | undefined {
    const group = this.#groups.get(groupId);
    return group && described(group);
  }

  async delete(groupId: string): Promise<GroupError | null> {
    const group = this.#groups.get(groupId);
    if (group === undefined) return 'GROUP_ID_NOT_FOUND';
    if (group.state !== 'Empty') return 'NON_EMPTY_GROUP';
    return this.#forget(group);
  }

  /** Gone from now on: who joins meanwhile joins a new group. */
  async #forget(group: GroupMetadata): Promise<GroupError | null> {
    this.#groups.delete(group.id);
    const error = await this.#refusedBy(this.#offsets.deleteGroup(group.id));
    if (error === null) group.transition('Dead', this.#nowMs());
    else if (!this.#groups.has(group.id)) this.#groups.set(group.id, group);
    return error;
  }

  forgetTopic(topic: string): Promise<void> {
    return this.#offsets.deleteTopic(topic);
  }

  #watchRetention(): void {
    const { clock, settings } = this.#options;
    this.#deadlines.add(clock.monotonicMs() + settings.retentionCheckIntervalMs, null);
  }

  /** Old offsets go, and with the last of them the empty group. */
  #expireOffsets(): void {
    for (const group of [...this.#groups.values()]) void this.#refusedBy(this.#expireGroup(group));
    this.#watchRetention();
  }

  async #expireGroup(group: GroupMetadata): Promise<void> {
    const offsets = this.#table.offsets(group.id);
    if (offsets !== undefined) {
      const { offsetRetentionMs } = this.#options.settings;
      const expired = expiredOffsets(group, offsets, this.#nowMs(), offsetRetentionMs);
      if (expired.length > 0) {
        const topics = expired.map(({ topic, partition }) => ({ topic, partitions: [partition] }));
        await this.#offsets.delete(group.id, topics);
      }
    }
    const isUnused = group.state === 'Empty' && group.pendingJoin.size === 0;
    const isThere = this.#groups.get(group.id) === group;
    if (isUnused && isThere && this.#table.offsets(group.id) === undefined) await this.#forget(group);
  }

  /** Answers all who wait. Nothing is stored any more. */
  close(): void {
    this.#closed = true;
    this.#deadlines.close();
    for (const answer of this.#joins.values()) answer(refusedJoin('NOT_COORDINATOR', ''));
    for (const answer of this.#syncs.values()) answer(refusedSync('NOT_COORDINATOR'));
    this.#joins.clear();
    this.#syncs.clear();
  }
}
