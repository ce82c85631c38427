import type { Signal } from './health.ts';

/** GET /api/groups, an element. */
export interface Group {
  readonly groupId: string;
  readonly state: string;
  readonly protocolType: string;
  readonly protocol: string;
  readonly members: readonly GroupMember[];
  readonly topics: readonly string[];
  readonly lag: number | null;
  readonly partitions: readonly GroupPartition[];
}

export interface GroupMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly assignment: readonly { readonly topic: string; readonly partition: number }[];
}

export interface GroupPartition {
  readonly topic: string;
  readonly partition: number;
  readonly committedOffset: number | null;
  readonly logStartOffset: number | null;
  readonly logEndOffset: number | null;
  readonly lag: number | null;
  readonly metadata: string;
  readonly memberId: string | null;
  readonly clientId: string | null;
}

/** POST /api/groups/…/offsets, an element. */
export interface PlannedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly before: number | null;
  readonly after: number;
  readonly again: number | null;
}

const STATES: Readonly<Record<string, { readonly signal: Signal; readonly word: string }>> = {
  Stable: { signal: 'ok', word: 'Stable' },
  Empty: { signal: 'info', word: 'Empty' },
  PreparingRebalance: { signal: 'warn', word: 'Rebalancing' },
  CompletingRebalance: { signal: 'warn', word: 'Rebalancing' },
  Dead: { signal: 'critical', word: 'Dead' },
};

export const groupState = (state: string): { readonly signal: Signal; readonly word: string } =>
  STATES[state] ?? { signal: 'warn', word: state };

/** The groups to list: those whose name, or a topic of theirs, holds every word of the filter. */
export function listGroups(groups: readonly Group[], filter: string): Group[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .filter(group => {
      const text = [group.groupId, ...group.topics].join(' ').toLowerCase();
      return words.every(word => text.includes(word));
    })
    .sort((a, b) => a.groupId.localeCompare(b.groupId));
}

/** The lag of a group in one topic; null where it is known of no partition. */
export function lagIn(group: Group, topic: string): number | null {
  const known = group.partitions.flatMap(each =>
    each.topic === topic && each.lag !== null ? [each.lag] : [],
  );
  return known.length === 0 ? null : known.reduce((sum, lag) => sum + lag, 0);
}

/** How a member's partitions are said: `orders 0, 2 · reviews 1`. */
export function assignmentText(assignment: GroupMember['assignment']): string {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of assignment)
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  return Array.from(byTopic, ([topic, partitions]) => {
    return `${topic} ${partitions.sort((a, b) => a - b).join(', ')}`;
  }).join(' · ');
}

/** Records that a reset makes a group read once more, or pass over, over its partitions. */
export function resetEffect(plan: readonly PlannedOffset[]): {
  readonly again: number;
  readonly skipped: number;
  readonly unchanged: number;
} {
  let again = 0;
  let skipped = 0;
  let unchanged = 0;
  for (const planned of plan) {
    if (planned.before === planned.after) unchanged++;
    if (planned.again !== null && planned.again > 0) again += planned.again;
    if (planned.again !== null && planned.again < 0) skipped -= planned.again;
  }
  return { again, skipped, unchanged };
}
