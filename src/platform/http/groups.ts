import { z } from 'zod';
import type { Clock } from '../../core/mod.ts';
import type { Log } from '../../log/mod.ts';
import { adminOf, allGroups, oneGroup, resetOffsets } from '../topics/groups.ts';
import { ListedOffsets } from '../topics/listed-offsets.ts';
import type { ResetTarget } from '../topics/reset-plan.ts';
import type { Http } from './server.ts';
import { timeMs } from './topic-parameters.ts';

const tags = ['groups'];
const place = z.object({ topic: z.string(), partition: z.number() });
const memberSchema = z.object({
  memberId: z.string(),
  groupInstanceId: z.string().nullable(),
  clientId: z.string(),
  clientHost: z.string(),
  assignment: z.array(place),
});
const groupSchema = z.object({
  groupId: z.string(),
  state: z.string(),
  protocolType: z.string(),
  protocol: z.string().describe('The assignor, e.g. `range`'),
  members: z.array(memberSchema),
  topics: z.array(z.string()),
  lag: z.number().nullable().describe('Records still to read, over the partitions where that is known'),
  partitions: z.array(
    place.extend({
      committedOffset: z.number().nullable(),
      logStartOffset: z.number().nullable(),
      logEndOffset: z.number().nullable(),
      lag: z.number().nullable(),
      metadata: z.string(),
      memberId: z.string().nullable(),
      clientId: z.string().nullable(),
    }),
  ),
});
const plannedSchema = place.extend({
  before: z.number().nullable(),
  after: z.number(),
  again: z.number().nullable().describe('Records that will be read once more; below zero: passed over'),
});
const params = z.object({ group: z.string() });
const resetBody = z.strictObject({
  topic: z.string().optional().describe('All topics of the group when left out'),
  partitions: z.array(z.number().int().min(0)).optional(),
  to: z.union([
    z.enum(['earliest', 'latest']),
    z.strictObject({ offset: z.number().int().min(0) }),
    z.strictObject({ shift: z.number().int() }),
    z.strictObject({ time: timeMs }),
  ]),
  dry_run: z.boolean().default(false).describe('Only tell what would be set'),
});

/** Consumer groups: where they stand, how far they are behind, and setting that anew. */
export function registerGroups(http: Http, log: () => Log, clock: Clock): void {
  const offsets = new ListedOffsets(clock);
  const list = {
    summary: 'All consumer groups with their members and lag',
    tags,
    querystring: z.object({ topic: z.string().optional().describe('Only those that have to do with it') }),
    response: { 200: z.array(groupSchema) },
  };
  http.get('/api/groups', { schema: list }, async ({ query }) => {
    const groups = await allGroups(log(), offsets);
    const { topic } = query;
    return mutable(topic === undefined ? groups : groups.filter(group => group.topics.includes(topic)));
  });
  const one = { summary: 'A consumer group', tags, params, response: { 200: groupSchema } };
  http.get('/api/groups/:group', { schema: one }, async ({ params }) =>
    mutable(await oneGroup(log(), params.group, offsets)),
  );
  registerReset(http, log);
  const remove = { summary: 'Forget a consumer group and its offsets; it must be empty', tags, params };
  http.delete('/api/groups/:group', { schema: remove }, async ({ params }, reply) => {
    await oneGroup(log(), params.group, offsets);
    await adminOf(log()).deleteGroup(params.group);
    return reply.code(204).send();
  });
}

function registerReset(http: Http, log: () => Log): void {
  const schema = {
    summary: 'Set where a group goes on reading',
    description:
      'The group must be empty. Offsets are kept within what a partition has; a time behind the last record means the ' +
      'end. With a `topic` the group need not exist.',
    tags,
    params,
    body: resetBody,
    response: { 200: z.array(plannedSchema) },
  };
  http.post('/api/groups/:group/offsets', { schema }, async ({ params, body }) =>
    mutable(
      await resetOffsets(log(), {
        groupId: params.group,
        topic: body.topic ?? null,
        partitions: body.partitions ?? null,
        to: targetOf(body.to),
        dryRun: body.dry_run,
      }),
    ),
  );
  const commit = {
    summary: 'Commit offsets for a group that is empty',
    tags,
    params,
    body: z.strictObject({ offsets: z.array(place.extend({ offset: z.number().int().min(0) })).min(1) }),
  };
  http.put('/api/groups/:group/offsets', { schema: commit }, async ({ params, body }, reply) => {
    await adminOf(log()).commitOffsets(params.group, body.offsets);
    return reply.code(204).send();
  });
}

function targetOf(to: z.infer<typeof resetBody>['to']): ResetTarget {
  if (typeof to === 'string') return { kind: to };
  if ('offset' in to) return { kind: 'offset', offset: to.offset };
  return 'shift' in to ? { kind: 'shift', by: to.shift } : { kind: 'time', timestampMs: to.time };
}

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/** Answers are read only; the types of schemas say arrays may be changed. */
const mutable = <T>(value: T): Mutable<T> => value as Mutable<T>;
