/** An offset that a group committed. */
export interface CommittedOffset {
  readonly offset: number;
  /** -1 where unknown */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedMs: number;
  /** Set where the commit said how long it is to be kept. */
  readonly expiresMs: number | null;
  /** Grows with each commit of the log: what was pending counts only if nothing newer was committed since. */
  readonly order: number;
}

/** Values by partition of a topic. */
export class PartitionMap<V> {
  readonly #topics = new Map<string, Map<number, V>>();

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  get(topic: string, partition: number): V | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  set(topic: string, partition: number, value: V): void {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, (partitions = new Map()));
    partitions.set(partition, value);
  }

  delete(topic: string, partition: number): void {
    const partitions = this.#topics.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) this.#topics.delete(topic);
  }

  /** Each topic with its partitions. */
  topics(): Iterable<readonly [string, ReadonlyMap<number, V>]> {
    return this.#topics;
  }

  *entries(): Iterable<readonly [topic: string, partition: number, value: V]> {
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, value] of partitions) yield [topic, partition, value];
    }
  }
}

/** What a group has committed, and what its producers' open transactions would. */
export class GroupOffsets {
  readonly committed = new PartitionMap<CommittedOffset>();
  /** By producer id. */
  readonly pending = new Map<number, PartitionMap<CommittedOffset>>();

  get isEmpty(): boolean {
    return this.committed.isEmpty && this.pending.size === 0;
  }

  isPending(topic: string, partition: number): boolean {
    for (const offsets of this.pending.values()) {
      if (offsets.get(topic, partition) !== undefined) return true;
    }
    return false;
  }

  setPending(producerId: number, topic: string, partition: number, value: CommittedOffset | null): void {
    let offsets = this.pending.get(producerId);
    if (value !== null) {
      if (offsets === undefined) this.pending.set(producerId, (offsets = new PartitionMap()));
      offsets.set(topic, partition, value);
    } else {
      offsets?.delete(topic, partition);
      if (offsets?.isEmpty) this.pending.delete(producerId);
    }
  }
}
