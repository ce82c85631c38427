import type { TableChange } from '../table-journal.ts';
import { type GroupRecord, type GroupTable, groupKey, offsetKey, pendingKey } from './group-table.ts';
import type { GroupError, OffsetCommit, TopicPartitions } from './messages.ts';
import type { GroupSettings } from './settings.ts';

/** Makes changes durable, all or none. */
export type PutChanges = (changes: readonly TableChange<GroupRecord>[]) => Promise<void>;

export interface OffsetWritesOptions {
  readonly table: GroupTable;
  readonly put: PutChanges;
  readonly nowMs: () => number;
  readonly settings: GroupSettings;
}

/**
 * Writes offsets. Commits share flushes and go in the order of their calls; only where transactions are open
 * in a group its writes go one after the other, because what a transaction's end makes of its offsets depends
 * on what was committed before.
 */
export class OffsetWrites {
  readonly #options: OffsetWritesOptions;
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Groups for which a producer has offsets pending, or is about to. */
  readonly #groupsOf = new Map<number, Set<string>>();
  #order: number;

  constructor(options: OffsetWritesOptions) {
    this.#options = options;
    this.#order = options.table.order;
    for (const [groupId, { pending }] of options.table.allOffsets()) {
      for (const producerId of pending.keys()) this.#groupsOfProducer(producerId).add(groupId);
    }
  }

  /** Store what fits, each offset with an answer of its own. */
  async commit(
    groupId: string,
    offsets: readonly OffsetCommit[],
    retentionMs: number | null,
  ): Promise<readonly (GroupError | null)[]> {
    const nowMs = this.#options.nowMs();
    const expiresMs = retentionMs === null ? null : nowMs + retentionMs;
    const changes = this.#changes(offsets, nowMs, expiresMs, ({ topic, partition }) =>
      offsetKey(groupId, topic, partition),
    );
    const write = (): Promise<void> => this.#options.put(changes);
    await (this.#hasTransactions(groupId) ? this.#inTurn(groupId, write) : write());
    return this.#answers(offsets);
  }

  /** Store what counts only when the producer's transaction is committed. */
  async commitPending(
    groupId: string,
    producerId: number,
    offsets: readonly OffsetCommit[],
  ): Promise<readonly (GroupError | null)[]> {
    // Known from the call on: the end of the transaction must not miss what is still on its way.
    this.#groupsOfProducer(producerId).add(groupId);
    const changes = this.#changes(offsets, this.#options.nowMs(), null, ({ topic, partition }) =>
      pendingKey(groupId, topic, partition, producerId),
    );
    await this.#inTurn(groupId, () => this.#options.put(changes));
    return this.#answers(offsets);
  }

  #changes(
    offsets: readonly OffsetCommit[],
    committedMs: number,
    expiresMs: number | null,
    key: (offset: OffsetCommit) => string,
  ): TableChange<GroupRecord>[] {
    return offsets
      .filter(offset => this.#fits(offset))
      .map(given => {
        const { offset, leaderEpoch, metadata } = given;
        const order = ++this.#order;
        return [key(given), { offset, leaderEpoch, metadata, committedMs, expiresMs, order }];
      });
  }

  #fits({ metadata }: OffsetCommit): boolean {
    return metadata.length <= this.#options.settings.offsetMetadataBytesMax;
  }

  #answers(offsets: readonly OffsetCommit[]): (GroupError | null)[] {
    return offsets.map(offset => (this.#fits(offset) ? null : 'OFFSET_METADATA_TOO_LARGE'));
  }

  /** A transaction ended: in each of its groups the offsets count now, or are forgotten. */
  async complete(producerId: number, committed: boolean): Promise<void> {
    const groups = this.#groupsOf.get(producerId);
    if (groups === undefined) return;
    this.#groupsOf.delete(producerId);
    try {
      await Promise.all(
        Array.from(groups, groupId =>
          this.#inTurn(groupId, () => this.#completeGroup(groupId, producerId, committed)),
        ),
      );
    } catch (error) {
      for (const groupId of groups) this.#groupsOfProducer(producerId).add(groupId);
      throw error;
    }
  }

  async #completeGroup(groupId: string, producerId: number, committed: boolean): Promise<void> {
    const offsets = this.#options.table.offsets(groupId);
    const pending = offsets?.pending.get(producerId);
    if (offsets === undefined || pending === undefined) return;
    const changes: TableChange<GroupRecord>[] = [];
    for (const [topic, partition, value] of pending.entries()) {
      changes.push([pendingKey(groupId, topic, partition, producerId), null]);
      const isNewest = value.order > (offsets.committed.get(topic, partition)?.order ?? 0);
      if (committed && isNewest) changes.push([offsetKey(groupId, topic, partition), value]);
    }
    await this.#options.put(changes);
  }

  /** Forget offsets that are committed. */
  delete(groupId: string, topics: readonly TopicPartitions[]): Promise<void> {
    return this.#inTurn(groupId, async () => {
      const committed = this.#options.table.offsets(groupId)?.committed;
      const changes = topics.flatMap(({ topic, partitions }) =>
        partitions
          .filter(partition => committed?.get(topic, partition) !== undefined)
          .map(partition => [offsetKey(groupId, topic, partition), null] as const),
      );
      await this.#options.put(changes);
    });
  }

  /** Forget the group with all it has. */
  deleteGroup(groupId: string): Promise<void> {
    return this.#inTurn(groupId, async () => {
      const changes = this.#removals(groupId, () => true);
      if (this.#options.table.groups.has(groupId)) changes.push([groupKey(groupId), null]);
      await this.#options.put(changes);
    });
  }

  /** Forget all offsets of a topic. */
  async deleteTopic(topic: string): Promise<void> {
    const groups = Array.from(this.#options.table.allOffsets(), ([groupId]) => groupId);
    await Promise.all(
      groups.map(groupId =>
        this.#inTurn(groupId, async () => {
          const changes = this.#removals(groupId, name => name === topic);
          await this.#options.put(changes);
        }),
      ),
    );
  }

  #removals(groupId: string, isMeant: (topic: string) => boolean): TableChange<GroupRecord>[] {
    const changes: TableChange<GroupRecord>[] = [];
    const offsets = this.#options.table.offsets(groupId);
    for (const [topic, partition] of offsets?.committed.entries() ?? []) {
      if (isMeant(topic)) changes.push([offsetKey(groupId, topic, partition), null]);
    }
    for (const [producerId, pending] of offsets?.pending ?? []) {
      for (const [topic, partition] of pending.entries()) {
        if (isMeant(topic)) changes.push([pendingKey(groupId, topic, partition, producerId), null]);
      }
    }
    return changes;
  }

  #hasTransactions(groupId: string): boolean {
    return this.#turns.has(groupId) || (this.#options.table.offsets(groupId)?.pending.size ?? 0) > 0;
  }

  #groupsOfProducer(producerId: number): Set<string> {
    let groups = this.#groupsOf.get(producerId);
    if (groups === undefined) this.#groupsOf.set(producerId, (groups = new Set()));
    return groups;
  }

  #inTurn<T>(groupId: string, write: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(groupId);
    const done = before === undefined ? write() : before.then(write);
    const settled: Promise<unknown> = done
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(groupId) === settled) this.#turns.delete(groupId);
      });
    this.#turns.set(groupId, settled);
    return done;
  }
}
