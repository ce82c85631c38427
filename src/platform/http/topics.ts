import { z } from 'zod';
import { type Clock, MillraceError } from '../../core/mod.ts';
import type { IsolationLevel, Log, TopicConfig, TopicDescription } from '../../log/mod.ts';
import { adminOf } from '../topics/groups.ts';
import { TopicViews } from '../topics/topic-view.ts';
import { readLines } from './read-lines.ts';
import { parseRecordLines, partitionRecords } from './record-lines.ts';
import { registerRecordStream } from './record-stream.ts';
import type { Http } from './server.ts';
import { timeMs } from './topic-parameters.ts';

const tags = ['topics'];
/** As the embedded log calls itself on Kafka's protocol. */
const EMBEDDED_NODE_ID = 1;
const offsetsSchema = z.object({
  partition: z.number(),
  logStartOffset: z.number().nullable().describe('Offsets are null while the partition has no leader'),
  logEndOffset: z.number().nullable(),
  highWatermark: z.number().nullable(),
  lastStableOffset: z.number().nullable(),
  sizeBytes: z.number().nullable().describe('On disk; null where the log does not tell'),
});
const configSchema = z.record(z.string(), z.union([z.string(), z.number()]));
const rate = z.number().nullable();
const topicSchema = z.object({
  name: z.string(),
  internal: z.boolean(),
  replicationFactor: z.number(),
  config: configSchema.describe('What was set for this topic; everything else has its default'),
  cleanupPolicy: z.string().nullable(),
  retentionMs: z.number().nullable().describe('-1: for ever'),
  records: z
    .number()
    .nullable()
    .describe('Records and markers between start and end, over all partitions; null where one does not tell'),
  sizeBytes: z.number().nullable(),
  rates: z
    .object({ recordsInPerS: rate, recordsOutPerS: rate, bytesInPerS: rate, bytesOutPerS: rate })
    .describe('Over the last ten seconds, measured from look to look: null at the first'),
  partitions: z.array(offsetsSchema),
});
const at = z.object({ topic: z.string() });

/** Where Kafka's clients reach the embedded log. */
interface Listener {
  readonly advertisedHost: string;
  readonly advertisedPort: number;
}

/** The log over HTTP: topics, append, read. */
export function registerTopics(
  http: Http,
  log: () => Log,
  clock: Clock,
  listeners: () => readonly Listener[],
): void {
  const views = new TopicViews(log, clock);
  registerCluster(http, log, listeners);
  registerTopicList(http, log, views);
  registerTopicConfig(http, log, views);
  registerAppend(http, log, clock);
  registerRead(http, log);
  registerRecordStream(http, log, views, clock);
}

async function topicNamed(log: Log, name: string): Promise<TopicDescription> {
  const topic = await log.describeTopic(name);
  if (topic) return topic;
  const names = (await log.topics()).map(other => other.name).join(', ');
  throw new MillraceError('UNKNOWN_TOPIC', `no topic ${name}; there are ${names || 'none'}.`);
}

type TopicBody = z.infer<typeof topicSchema>;

function registerTopicList(http: Http, log: () => Log, views: TopicViews): void {
  const list = {
    summary: 'All topics with their offsets, sizes and rates',
    tags,
    response: { 200: z.array(topicSchema) },
  };
  http.get('/api/topics', { schema: list }, async () => (await views.all()) as TopicBody[]);
  const one = { summary: 'A topic', tags, params: at, response: { 200: topicSchema } };
  http.get(
    '/api/topics/:topic',
    { schema: one },
    async ({ params }) => (await views.one(params.topic)) as TopicBody,
  );
  const body = z.strictObject({
    name: z.string(),
    partitions: z.number().int().min(1).default(1),
    config: configSchema.default({}),
  });
  const create = { summary: 'Create a topic', tags, body, response: { 201: topicSchema } };
  http.post('/api/topics', { schema: create }, async ({ body }, reply) => {
    await log().createTopic(body.name, body.partitions, body.config as TopicConfig);
    return reply.code(201).send((await views.one(body.name)) as TopicBody);
  });
  const remove = { summary: 'Delete a topic and its records', tags, params: at };
  http.delete('/api/topics/:topic', { schema: remove }, async ({ params }, reply) => {
    await topicNamed(log(), params.topic);
    await log().deleteTopic(params.topic);
    return reply.code(204).send();
  });
}

const entrySchema = z.object({
  name: z.string(),
  value: z.string().nullable().describe("As text in Kafka's form; null where it is secret"),
  source: z.string().describe('`DYNAMIC_TOPIC_CONFIG` where it was set for this topic'),
  readOnly: z.boolean(),
  type: z.string(),
  documentation: z.string().nullable(),
});

const clusterSchema = z.object({
  clusterId: z.string().nullable(),
  brokers: z.array(z.object({ nodeId: z.number(), host: z.string(), port: z.number() })),
});

function registerCluster(http: Http, log: () => Log, listeners: () => readonly Listener[]): void {
  const schema = { summary: 'The cluster and its brokers', tags, response: { 200: clusterSchema } };
  http.get('/api/cluster', { schema }, async () => {
    const cluster = await log().admin?.cluster();
    const own = listeners().map(({ advertisedHost: host, advertisedPort: port }) => ({
      nodeId: EMBEDDED_NODE_ID,
      host,
      port,
    }));
    const brokers = cluster?.brokers ?? [];
    return {
      clusterId: cluster?.clusterId ?? null,
      brokers: brokers.length > 0 ? [...brokers] : own.slice(0, 1),
    };
  });
}

/** Settings, partitions and the start of a topic: what the log's admin side does. */
function registerTopicConfig(http: Http, log: () => Log, views: TopicViews): void {
  const describe = {
    summary: 'Every setting of a topic, defaults included',
    tags,
    params: at,
    response: { 200: z.array(entrySchema) },
  };
  const settings = async (topic: string): Promise<z.infer<typeof entrySchema>[]> => {
    await views.known(topic);
    const found = await adminOf(log()).describeConfigs([topic], { documentation: true });
    return [...(found.get(topic) ?? [])];
  };
  http.get('/api/topics/:topic/config', { schema: describe }, async ({ params }) => settings(params.topic));
  const alter = {
    ...describe,
    summary: 'Change settings of a topic; null gives one back to its default',
    body: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  };
  http.patch('/api/topics/:topic/config', { schema: alter }, async ({ params, body }) => {
    await views.known(params.topic);
    const changes = Object.entries(body).map(([name, value]) => [
      name,
      value === null ? null : String(value),
    ]);
    await adminOf(log()).alterConfig(params.topic, Object.fromEntries(changes));
    return settings(params.topic);
  });
  const grow = {
    summary: 'Add partitions to a topic; keys go to other partitions from then on',
    tags,
    params: at,
    body: z.strictObject({ total: z.number().int().min(1) }),
    response: { 200: topicSchema },
  };
  http.post('/api/topics/:topic/partitions', { schema: grow }, async ({ params, body }) => {
    await views.known(params.topic);
    await adminOf(log()).createPartitions(params.topic, body.total);
    return (await views.one(params.topic)) as TopicBody;
  });
  const cut = {
    summary: 'Delete the records of a partition below an offset; `latest` deletes all',
    tags,
    params: at,
    querystring: z.object({
      partition: z.coerce.number().int().min(0),
      before: z.union([z.literal('latest'), z.coerce.number().int().min(0)]),
    }),
    response: { 200: z.object({ logStartOffset: z.number() }) },
  };
  http.delete('/api/topics/:topic/records', { schema: cut }, async ({ params, query }) => {
    await views.known(params.topic);
    const from = { topic: params.topic, partition: query.partition };
    const before = query.before === 'latest' ? (await log().offsets(from)).highWatermark : query.before;
    return { logStartOffset: await adminOf(log()).deleteRecords(from, before) };
  });
}

function registerAppend(http: Http, log: () => Log, clock: Clock): void {
  const appended = z.object({ partition: z.number(), baseOffset: z.number(), duplicate: z.boolean() });
  const schema = {
    summary: 'Append records',
    description:
      'NDJSON, a line a record: `{"key", "value", "headers"?, "partition"?, "timestamp"?}`. With `producer` and ' +
      '`sequence` a repeated request is stored once: sequences of a producer must grow. Records with neither a key nor ' +
      'a partition go to one partition a request, to another with the next. `headers` is an object of texts, or a list ' +
      'of `{"key", "value"}` where a name comes more than once; `key_base64` and `value_base64` give any bytes.',
    tags,
    params: at,
    querystring: z.object({
      producer: z.string().optional(),
      sequence: z.coerce.number().int().min(0).optional(),
    }),
    response: { 200: z.object({ records: z.number(), appends: z.array(appended) }) },
  };
  // A command that asks once begins elsewhere than the one before it.
  let turn = Math.trunc(clock.nowMs());
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
    const parts = partitionRecords(incoming, topic.partitions, sequence ?? turn++);
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
    time: timeMs.optional().describe('Instead of `offset`: the first record at or behind a time'),
    limit: z.coerce.number().int().min(1).max(100_000).default(100),
    wait_ms: z.coerce.number().int().min(0).max(60_000).default(0),
    isolation: z.enum(['read_committed', 'read_uncommitted']).default('read_committed'),
  });
  const schema = {
    summary: 'Read records',
    description:
      'NDJSON, a line a record. Waits up to `wait_ms` for the first one. The header `x-next-offset` says where the ' +
      'next read continues. Bytes that are no UTF-8 come as `key_base64` and `value_base64`. `headers` is an object, ' +
      'or a list of `{"key", "value" or "value_base64"}` where a name comes more than once or a value is no UTF-8.',
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
    const offset = query.time === undefined ? query.offset : await log().offsetForTime(from, query.time);
    const options = { ...query, offset: offset ?? 'latest', isolation, signal: gone.signal };
    const { text, nextOffset } = await readLines(log(), from, options);
    return reply.type('application/x-ndjson').header('x-next-offset', nextOffset).send(text);
  });
}
