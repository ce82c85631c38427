/**
 * Key groups, as Flink's: a key belongs to one of 128 groups for ever, and each task holds a run of groups. So
 * state moves between tasks in whole groups when the parallelism changes.
 */
export const KEY_GROUPS = 128;

/** Groups `first` to `end - 1`. */
export interface KeyGroupRange {
  readonly first: number;
  readonly end: number;
}

/** The group of a key with this hash. Murmur's mixing, so that hash tables and groups use different bits. */
export function keyGroupOf(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) & (KEY_GROUPS - 1);
}

/** The groups of one of `parallelism` tasks. */
export function keyGroupsOf(task: number, parallelism: number): KeyGroupRange {
  return {
    first: Math.ceil((task * KEY_GROUPS) / parallelism),
    end: Math.ceil(((task + 1) * KEY_GROUPS) / parallelism),
  };
}

/** The task that holds a group. */
export function taskOf(group: number, parallelism: number): number {
  return Math.floor((group * parallelism) / KEY_GROUPS);
}
