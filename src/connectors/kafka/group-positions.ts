import type { Position } from '../../contract/mod.ts';
import type { Log } from '../../log/mod.ts';
import type { KafkaPosition } from './reader.ts';

/**
 * Tells a consumer group how far a topic has been read, at each checkpoint: for the tools that show lag. The
 * job itself goes on from its checkpoint. Only what has moved is committed.
 */
export class GroupPositions {
  readonly #log: Log;
  readonly #topic: string;
  readonly #group: string;
  readonly #committed = new Map<number, number>();

  constructor(log: Log, topic: string, group: string) {
    this.#log = log;
    this.#topic = topic;
    this.#group = group;
  }

  /** Positions by split id, which is the partition; null where nothing was read yet. */
  async commit(positions: ReadonlyMap<string, Position>): Promise<void> {
    const moved = [...positions].flatMap(([split, position]) => {
      const partition = Number(split);
      const offset = (position as KafkaPosition | null)?.offset;
      if (offset === undefined || this.#committed.get(partition) === offset) return [];
      return [{ topic: this.#topic, partition, offset }];
    });
    if (moved.length === 0) return;
    await this.#log.commitOffsets(this.#group, moved);
    for (const { partition, offset } of moved) this.#committed.set(partition, offset);
  }
}
