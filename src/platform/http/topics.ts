import { z } from 'zod';
import { MillraceError } from '../../core/mod.ts';
import type { IsolationLevel, Log, TopicConfig, TopicDescription } from '../../log/mod.ts';
import { readLines } from './read-lines.ts';
import { parseRecordLines, partitionRecords } from './record-lines.ts';
import type { Http } from './server.ts';

const tags = ['topics'];
const offsetsSchema = z.object({
  partition: z.number(),
  logStartOffset: z.number(),
  logEndOffset: z.number(),
  highWatermark: z.number(),
  lastStableOffset: z.number(),
});
const configSchema = z.record(z.string(), z.union([z.string(), z.number()]));
const topicSchema = z.object({
  name: z.string(),
  config: configSchema,
  records: z.number().describe('Records and markers between start and end, over all partitions'),
  partitions: z.array(offsetsSchema),
});
const at = z.object({ topic: z.string() });

/** The log over HTTP: topics, append, read. */
export function registerTopics(http: Http, log: () => Log): void {
  registerTopicList(http, log);
  registerAppend(http, log);
  registerRead(http, log);
}

async function describe(log: Log, topic: TopicDescription): Promise<z.infer<typeof topicSchema>> {
  const numbers = Array.from({ length: topic.partitions }, (_, partition) => partition);
  const partitions = await Promise.all(
    numbers.map(async partition => ({ partition, ...(await log.offsets({ topic: topic.name, partition })) })),
  );
  const records = partitions.reduce((sum, p) => sum + p.logEndOffset - p.logStartOffset, 0);
  return {
    name: topic.name,
    config: { ...topic.config } as Record<string, string | number>,
    records,
    partitions,
  };
}

async function topicNamed(log: Log, name: string): Promise<TopicDescription> {
  const topic = await log.describeTopic(name);
  if (topic) return topic;
  const names = (await log.topics()).map(other => other.name).join(', ');
  throw new MillraceError('UNKNOWN_TOPIC', `no topic ${name}; there are ${names || 'none'}.`);
}

function registerTopicList(http: Http, log: () => Log): void {
  const list = { summary: 'All topics with their offsets', tags, response: { 200: z.array(topicSchema) } };
  http.get('/api/topics', { schema: list }, async () =>
    Promise.all((await log().topics()).map(topic => describe(log(), topic))),
  );
  const one = { summary: 'A topic with its offsets', tags, params: at, response: { 200: topicSchema } };
  http.get('/api/topics/:topic', { schema: one }, async ({ params }) =>
    describe(log(), await topicNamed(log(), params.topic)),
  );
  const body = z.strictObject({
    name: z.string(),
    partitions: z.number().int().min(1).default(1),
    config: configSchema.default({}),
  });
  const create = { summary: 'Create a topic', tags, body, response: { 201: topicSchema } };
  http.post('/api/topics', { schema: create }, async ({ body }, reply) => {
    await log().createTopic(body.name, body.partitions, body.config as TopicConfig);
    return reply.code(201).send(await describe(log(), await topicNamed(log(), body.name)));
  });
  const remove = { summary: 'Delete a topic and its records', tags, params: at };
  http.delete('/api/topics/:topic', { schema: remove }, async ({ params }, reply) => {
    await topicNamed(log(), params.topic);
    await log().deleteTopic(params.topic);
    return reply.code(204).send();
  });
}

function registerAppend(http: Http, log: () => Log): void {
  const appended = z.object({ partition: z.number(), baseOffset: z.number(), duplicate: z.boolean() });
  const schema = {
    summary: 'Append records',
    description:
      'NDJSON, a line a record: `{"key", "value", "headers"?, "partition"?, "timestamp"?}`. With `producer` and ' +
      '`sequence` a repeated request is stored once: sequences of a producer must grow.',
    tags,
    params: at,
    querystring: z.object({
      producer: z.string().optional(),
      sequence: z.coerce.number().int().min(0).optional(),
    }),
    response: { 200: z.object({ records: z.number(), appends: z.array(appended) }) },
  };
  http.post('/api/topics/:topic/records', { schema }, async ({ params, query, body }) => {
    const { producer, sequence } = query;
    if ((producer === undefined) !== (sequence === undefined)) {
      throw new MillraceError(
        'FORMAT_INVALID',
        '`producer` and `sequence` belong together: give both or neither.',
      );
    }
    const topic = await topicNamed(log(), params.topic);
    const incoming = parseRecordLines(Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));
    const parts = partitionRecords(incoming, topic.partitions, sequence ?? 0);
    const idempotence =
      producer !== undefined && sequence !== undefined ? { producer, sequence, sparse: true } : undefined;
    const appends = await Promise.all(
      [...parts].map(async ([partition, records]) => ({
        partition,
        ...(await log().append({ topic: topic.name, partition }, records, idempotence)),
      })),
    );
    return { records: incoming.length, appends };
  });
}

function registerRead(http: Http, log: () => Log): void {
  const querystring = z.object({
    partition: z.coerce.number().int().min(0).default(0),
    offset: z.union([z.enum(['earliest', 'latest']), z.coerce.number().int().min(0)]).default('earliest'),
    limit: z.coerce.number().int().min(1).max(100_000).default(100),
    wait_ms: z.coerce.number().int().min(0).max(60_000).default(0),
    isolation: z.enum(['read_committed', 'read_uncommitted']).default('read_committed'),
  });
  const schema = {
    summary: 'Read records',
    description:
      'NDJSON, a line a record. Waits up to `wait_ms` for the first one. The header `x-next-offset` says where the ' +
      'next read continues.',
    tags,
    params: at,
    querystring,
  };
  http.get('/api/topics/:topic/records', { schema }, async ({ params, query, raw }, reply) => {
    const topic = await topicNamed(log(), params.topic);
    if (query.partition >= topic.partitions) {
      const message = `topic ${topic.name} has partitions 0 to ${topic.partitions - 1}, not ${query.partition}.`;
      throw new MillraceError('UNKNOWN_TOPIC', message);
    }
    const gone = new AbortController();
    raw.once('close', () => gone.abort());
    const isolation: IsolationLevel = query.isolation;
    const from = { topic: topic.name, partition: query.partition };
    const { text, nextOffset } = await readLines(log(), from, { ...query, isolation, signal: gone.signal });
    return reply.type('application/x-ndjson').header('x-next-offset', nextOffset).send(text);
  });
}
