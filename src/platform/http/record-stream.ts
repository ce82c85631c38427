import { z } from 'zod';
import { type Clock, MillraceError } from '../../core/mod.ts';
import type { Log, PartitionOffsets } from '../../log/mod.ts';
import { browse } from '../topics/browse.ts';
import { BackwardScan, ForwardScan, readableEnd, type ScanOptions } from '../topics/partition-scan.ts';
import { recordFilter, SEARCH_PLACES } from '../topics/record-filter.ts';
import { tail } from '../topics/tail.ts';
import type { TopicViews } from '../topics/topic-view.ts';
import { EVENT_STREAM, type EventStream, eventStream } from './event-stream.ts';
import type { Http } from './server.ts';
import { partitionList, positionList, timeMs } from './topic-parameters.ts';

const LIMIT_MAX = 1000;
const SCAN_RECORDS_MAX = 5_000_000;
const SCAN_BYTES_MAX = 4 << 30;

const querystring = z.object({
  partitions: partitionList.optional().describe('e.g. `0,2`; all when left out'),
  direction: z.enum(['forward', 'backward']).default('forward').describe('`backward`: latest first'),
  offset: z
    .union([z.enum(['earliest', 'latest']), z.coerce.number().int().min(0)])
    .optional()
    .describe('Where to begin; `earliest` forward, `latest` backward when nothing is said'),
  time: timeMs.optional().describe('Instead of `offset`: the first record at or behind a time'),
  positions: positionList.optional().describe('Instead of both: `0:17,1:9`, the `next` of an earlier answer'),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(100),
  search: z.string().max(1000).default('').describe('Only records that hold this text, in whatever case'),
  in: z
    .string()
    .default(SEARCH_PLACES.join(','))
    .transform(text => text.split(',').map(place => place.trim()))
    .pipe(z.array(z.enum(SEARCH_PLACES)))
    .describe('Where `search` looks: `key`, `value`, `headers`'),
  follow: z.stringbool().default(false).describe('Go on with what comes; `forward` only'),
  isolation: z.enum(['read_committed', 'read_uncommitted']).default('read_committed'),
  value_bytes: z.coerce
    .number()
    .int()
    .min(0)
    .max(1 << 20)
    .default(4096)
    .describe('Longer ones are cut'),
  scan_records: z.coerce.number().int().min(1).max(SCAN_RECORDS_MAX).default(200_000),
  scan_bytes: z.coerce
    .number()
    .int()
    .min(1)
    .max(SCAN_BYTES_MAX)
    .default(128 << 20),
});
type Query = z.infer<typeof querystring>;

/** What a stream works with. */
interface Reading {
  readonly log: Log;
  readonly clock: Clock;
  readonly topic: string;
  readonly query: Query;
}

/** Records as they are found, with search and live tail. */
export function registerRecordStream(http: Http, log: () => Log, views: TopicViews, clock: Clock): void {
  const schema = {
    summary: 'Browse, search and follow records',
    description:
      'Server-sent events. `records`: an array of records, merged over partitions by time. `progress`: what a search ' +
      'has read so far. `end`: why it ended (`limit`, `end`, `bound` of `scan_records` and `scan_bytes`) and, in ' +
      '`next`, the `positions` of a request that goes on. With `follow` there is `live` instead of `end`, and then ' +
      '`records` with `skipped`, the number of those a slow reader was not shown. `error`: what failed.',
    tags: ['topics'],
    params: z.object({ topic: z.string() }),
    querystring,
  };
  http.get('/api/topics/:topic/stream', { schema }, async ({ params, query }, reply) => {
    const topic = await views.known(params.topic);
    const wrong = query.partitions?.find(partition => partition >= topic.partitions);
    if (wrong !== undefined) {
      const message = `topic ${topic.name} has partitions 0 to ${topic.partitions - 1}, not ${wrong}.`;
      throw new MillraceError('UNKNOWN_TOPIC', message);
    }
    if (query.follow && query.direction === 'backward')
      throw new MillraceError('FORMAT_INVALID', 'only `direction=forward` can `follow` what comes.');
    const partitions = query.partitions ?? Array.from({ length: topic.partitions }, (_, i) => i);
    const reading = { log: log(), clock, topic: topic.name, query };
    const read = query.direction === 'forward' ? readForward : readBackward;
    const body = eventStream(stream => read(reading, partitions, stream));
    return reply.type(EVENT_STREAM).header('cache-control', 'no-store').send(body);
  });
}

function scanOptions(query: Query): ScanOptions {
  return {
    isolation: query.isolation,
    filter: recordFilter(query.search, query.in),
    shownBytesMax: query.value_bytes,
  };
}

async function readForward(
  reading: Reading,
  partitions: readonly number[],
  stream: EventStream,
): Promise<void> {
  const { log, topic, query, clock } = reading;
  const scans = await Promise.all(
    partitions.map(async partition => {
      const at = { topic, partition };
      const offsets = await log.offsets(at);
      const end = readableEnd(offsets, query.isolation);
      const from = await beginning(reading, partition, offsets, 'earliest');
      return new ForwardScan(log, at, from, Math.max(from, end), scanOptions(query));
    }),
  );
  const ended = await sendBrowsed(reading, scans, stream);
  if (!query.follow || ended === 'stopped') return;
  await stream.send('live', {});
  const send = (records: readonly unknown[], skipped: number): Promise<void> =>
    stream.send('records', { records, skipped });
  await tail(scans, { log, topic, isolation: query.isolation, clock, signal: stream.signal, send });
}

async function readBackward(
  reading: Reading,
  partitions: readonly number[],
  stream: EventStream,
): Promise<void> {
  const { log, topic, query } = reading;
  const scans = await Promise.all(
    partitions.map(async partition => {
      const at = { topic, partition };
      const offsets = await log.offsets(at);
      const before = await beginning(reading, partition, offsets, 'latest');
      return new BackwardScan(log, at, before, offsets.logStartOffset, scanOptions(query));
    }),
  );
  await sendBrowsed(reading, scans, stream);
}

/** The offset a partition is read from, within what it has. */
async function beginning(
  { log, topic, query }: Reading,
  partition: number,
  offsets: PartitionOffsets,
  otherwise: 'earliest' | 'latest',
): Promise<number> {
  const end = readableEnd(offsets, query.isolation);
  const within = (offset: number): number => Math.min(end, Math.max(offsets.logStartOffset, offset));
  const position = query.positions?.get(partition);
  if (position !== undefined) return within(position);
  if (query.time !== undefined)
    return within((await log.offsetForTime({ topic, partition }, query.time)) ?? end);
  const offset = query.offset ?? otherwise;
  if (offset === 'earliest') return offsets.logStartOffset;
  return offset === 'latest' ? end : within(offset);
}

async function sendBrowsed(
  { query, clock }: Reading,
  scans: Parameters<typeof browse>[0],
  stream: EventStream,
): Promise<string> {
  const bounds = {
    // Who follows is to get to the end: what comes is the point.
    limit: query.follow ? Number.POSITIVE_INFINITY : query.limit,
    scanRecordsMax: query.scan_records,
    scanBytesMax: query.scan_bytes,
  };
  const options = { ...bounds, direction: query.direction, clock, signal: stream.signal };
  for await (const event of browse(scans, options)) {
    if (event.kind === 'records') await stream.send('records', { records: event.records, skipped: 0 });
    else if (event.kind === 'progress') await stream.send('progress', event.progress);
    else {
      const { reason, progress, next } = event;
      if (!query.follow) await stream.send('end', { reason, ...progress, next });
      return reason;
    }
  }
  return 'stopped';
}
