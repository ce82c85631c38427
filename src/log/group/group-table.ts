import { assert } from '../../core/mod.ts';
import type { JournalledMap } from '../table-journal.ts';
import { type CommittedOffset, GroupOffsets } from './committed.ts';
import type { StoredGroup } from './stored.ts';

/** What a record of `__consumer_offsets` holds, by the first word of its key. */
export type GroupRecord = StoredGroup | CommittedOffset;

type Key =
  | readonly ['group', string]
  | readonly ['offset', string, string, number]
  | readonly ['pending', string, string, number, number];

export const groupKey = (groupId: string): string => JSON.stringify(['group', groupId] satisfies Key);
export const offsetKey = (groupId: string, topic: string, partition: number): string =>
  JSON.stringify(['offset', groupId, topic, partition] satisfies Key);
export const pendingKey = (groupId: string, topic: string, partition: number, producerId: number): string =>
  JSON.stringify(['pending', groupId, topic, partition, producerId] satisfies Key);

/** What is durable of all groups: as it is stored, by group. */
export class GroupTable implements JournalledMap<GroupRecord> {
  readonly groups = new Map<string, StoredGroup>();
  readonly #offsets = new Map<string, GroupOffsets>();
  /** The highest there is. */
  order = 0;

  /** undefined where the group has none. */
  offsets(groupId: string): GroupOffsets | undefined {
    return this.#offsets.get(groupId);
  }

  allOffsets(): Iterable<readonly [string, GroupOffsets]> {
    return this.#offsets;
  }

  set(key: string, value: GroupRecord | null): void {
    const parsed = JSON.parse(key) as Key;
    if (parsed[0] === 'group') this.#setGroup(parsed[1], value);
    else this.#setOffset(parsed, value);
  }

  #setGroup(groupId: string, value: GroupRecord | null): void {
    assert(value === null || 'members' in value, "a group's record is a group");
    if (value === null) this.groups.delete(groupId);
    else this.groups.set(groupId, value);
  }

  #setOffset(key: Exclude<Key, readonly ['group', string]>, value: GroupRecord | null): void {
    assert(value === null || 'offset' in value, "an offset's record is an offset");
    const [kind, groupId, topic, partition, producerId] = key;
    let offsets = this.#offsets.get(groupId);
    if (offsets === undefined) this.#offsets.set(groupId, (offsets = new GroupOffsets()));
    if (kind === 'pending') offsets.setPending(producerId, topic, partition, value);
    else if (value === null) offsets.committed.delete(topic, partition);
    else offsets.committed.set(topic, partition, value);
    if (offsets.isEmpty) this.#offsets.delete(groupId);
    this.order = Math.max(this.order, value?.order ?? 0);
  }

  *entries(): Iterable<readonly [string, GroupRecord]> {
    for (const [groupId, group] of this.groups) yield [groupKey(groupId), group];
    for (const [groupId, { committed, pending }] of this.#offsets) {
      for (const [topic, partition, value] of committed.entries()) {
        yield [offsetKey(groupId, topic, partition), value];
      }
      for (const [producerId, offsets] of pending) {
        for (const [topic, partition, value] of offsets.entries()) {
          yield [pendingKey(groupId, topic, partition, producerId), value];
        }
      }
    }
  }
}
