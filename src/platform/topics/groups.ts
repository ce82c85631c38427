import { MillraceError } from '../../core/mod.ts';
import {
  type GroupDescription,
  type Log,
  type LogAdmin,
  type PartitionOffsets,
  Refusal,
  type TopicPartition,
} from '../../log/mod.ts';
import { type GroupView, groupView, placesOf } from './group-view.ts';
import type { ListedOffsets } from './listed-offsets.ts';
import { type PlannedOffset, plannedOffset, type ResetTarget } from './reset-plan.ts';

/** NOT_FOUND where the log has no groups to tell of. */
export function adminOf(log: Log): LogAdmin {
  if (log.admin !== undefined) return log.admin;
  throw new MillraceError('NOT_FOUND', 'this log tells nothing of groups, sizes and settings.');
}

/** Every group with its lag, by id. */
export async function allGroups(log: Log, offsets: ListedOffsets): Promise<readonly GroupView[]> {
  const listed = await adminOf(log).listGroups();
  const found = await Promise.all(listed.map(({ groupId }) => adminOf(log).describeGroup(groupId)));
  const ends = new EndOffsets(log, offsets);
  const views = found.flatMap(group => (group === undefined ? [] : [describe(log, group, ends)]));
  return Promise.all(views);
}

/** NOT_FOUND names those there are. */
export async function oneGroup(log: Log, groupId: string, offsets: ListedOffsets): Promise<GroupView> {
  const group = await adminOf(log).describeGroup(groupId);
  if (group !== undefined) return describe(log, group, new EndOffsets(log, offsets));
  const names = (await adminOf(log).listGroups()).map(other => other.groupId).join(', ');
  throw new MillraceError('NOT_FOUND', `no consumer group ${groupId}; there are ${names || 'none'}.`);
}

async function describe(log: Log, group: GroupDescription, ends: EndOffsets): Promise<GroupView> {
  const committed = await adminOf(log).committedOffsets(group.groupId);
  const places = placesOf(group, committed);
  const found = new Map(
    await Promise.all(places.map(async at => [`${at.topic}/${at.partition}`, await ends.of(at)] as const)),
  );
  return groupView(group, committed, (topic, partition) => found.get(`${topic}/${partition}`));
}

/** The offsets of partitions, each asked once for one answer. */
class EndOffsets {
  readonly #log: Log;
  readonly #offsets: ListedOffsets;
  readonly #asked = new Map<string, Promise<PartitionOffsets | null | undefined>>();

  constructor(log: Log, offsets: ListedOffsets) {
    this.#log = log;
    this.#offsets = offsets;
  }

  /** A group may have committed in a topic that was deleted since: undefined. */
  of(at: TopicPartition): Promise<PartitionOffsets | null | undefined> {
    const name = `${at.topic}/${at.partition}`;
    const asked = this.#asked.get(name) ?? this.#offsets.of(this.#log, at);
    this.#asked.set(name, asked);
    return asked;
  }
}

/** What a reset would do, or did. */
export interface ResetRequest {
  readonly groupId: string;
  /** Null: every topic that the group has committed or reads. */
  readonly topic: string | null;
  /** Null: all of them. */
  readonly partitions: readonly number[] | null;
  readonly to: ResetTarget;
  readonly dryRun: boolean;
}

/**
 * Plans a reset, and does it unless it is a dry run. A group with members is refused: they would go on where
 * they are and overwrite what was set.
 */
export async function resetOffsets(log: Log, request: ResetRequest): Promise<readonly PlannedOffset[]> {
  const { groupId, to } = request;
  const group = await adminOf(log).describeGroup(groupId);
  const members = group?.members.length ?? 0;
  if (members > 0 && !request.dryRun) {
    const who = members === 1 ? 'a member' : `${members} members`;
    throw new Refusal(
      'NON_EMPTY_GROUP',
      `group ${groupId} has ${who} and would overwrite the offsets: stop its consumers first.`,
    );
  }
  const committed = await adminOf(log).committedOffsets(groupId);
  const before = new Map(committed.map(each => [`${each.topic}/${each.partition}`, each.offset]));
  const places = await resetPlaces(log, request, group, committed);
  const plan = await Promise.all(
    places.map(async at => {
      const offsets = await log.offsets(at);
      const atTime = to.kind === 'time' ? await log.offsetForTime(at, to.timestampMs) : undefined;
      return plannedOffset(at, before.get(`${at.topic}/${at.partition}`) ?? null, to, offsets, atTime);
    }),
  );
  if (!request.dryRun && plan.length > 0) {
    await adminOf(log).commitOffsets(
      groupId,
      plan.map(({ topic, partition, after }) => ({ topic, partition, offset: after })),
    );
  }
  return plan;
}

async function resetPlaces(
  log: Log,
  { groupId, topic, partitions }: ResetRequest,
  group: GroupDescription | undefined,
  committed: Parameters<typeof placesOf>[1],
): Promise<readonly TopicPartition[]> {
  if (topic !== null) return partitionsOf(log, topic, partitions);
  if (group === undefined) {
    throw new MillraceError('NOT_FOUND', `no consumer group ${groupId}; name a topic to make its offsets.`);
  }
  const topics = new Map((await log.topics()).map(each => [each.name, each.partitions]));
  return placesOf(group, committed).filter(at => at.partition < (topics.get(at.topic) ?? 0));
}

async function partitionsOf(
  log: Log,
  topic: string,
  partitions: readonly number[] | null,
): Promise<readonly TopicPartition[]> {
  const found = await log.describeTopic(topic);
  if (found === undefined) throw new MillraceError('UNKNOWN_TOPIC', `there is no topic ${topic}.`);
  const wanted = partitions ?? Array.from({ length: found.partitions }, (_, i) => i);
  const wrong = wanted.find(partition => partition >= found.partitions);
  if (wrong !== undefined) {
    const last = found.partitions - 1;
    throw new MillraceError('UNKNOWN_TOPIC', `topic ${topic} has partitions 0 to ${last}, not ${wrong}.`);
  }
  return wanted.map(partition => ({ topic, partition }));
}
