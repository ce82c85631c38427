import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ApiCounts, KafkaServerStats } from '../../kafka/mod.ts';
import type { Status } from '../status.ts';
import type { Http } from './server.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | null];

/** A family of metrics read from the status when it is asked for. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (status: Status, kafka: KafkaServerStats | null) => readonly Sample[];
}

const job = (name: string, help: string, value: (job: Status['jobs'][number]) => number | null): Family => ({
  name: `millrace_job_${name}`,
  help,
  labels: ['job'],
  read: status => status.jobs.map(found => [{ job: found.name }, value(found)]),
});
const log = (name: string, help: string, value: (log: NonNullable<Status['log']>) => number): Family => ({
  name: `millrace_log_${name}`,
  help,
  labels: [],
  read: ({ log: stats }) => (stats ? [[{}, value(stats)]] : []),
});
const view = (name: string, help: string, value: (view: Status['views'][number]) => number): Family => ({
  name: `millrace_live_${name}`,
  help,
  labels: ['view'],
  read: status => status.views.map(found => [{ view: found.view }, value(found)]),
});

const kafka = (
  name: string,
  help: string,
  labels: readonly string[],
  read: (stats: KafkaServerStats) => readonly Sample[],
): Family => ({
  ...{ name: `millrace_kafka_${name}`, help, labels },
  read: (_status, stats) => (stats ? read(stats) : []),
});
const perApi = (name: string, help: string, value: (counts: ApiCounts) => number): Family =>
  kafka(name, help, ['api'], ({ metrics }) =>
    Array.from(metrics.apis, ([api, counts]): Sample => [{ api }, value(counts)]),
  );

/** Every metric of ours; Node's own come beside them. */
export const FAMILIES: readonly Family[] = [
  {
    name: 'millrace_part_up',
    help: '1 when the part works (ok or degraded)',
    labels: ['part'],
    read: ({ parts }) =>
      parts.map(({ part, state }) => [{ part }, state === 'ok' || state === 'degraded' ? 1 : 0]),
  },
  {
    name: 'millrace_part_rate_per_second',
    help: 'Records a part handles per second',
    labels: ['part'],
    read: ({ parts }) => parts.map(({ part, ratePerS }) => [{ part }, ratePerS]),
  },
  {
    name: 'millrace_part_lag',
    help: 'How far a part is behind: records, for capture bytes of write-ahead log',
    labels: ['part'],
    read: ({ parts }) => parts.map(({ part, lag }) => [{ part }, lag]),
  },
  {
    name: 'millrace_process_resident_bytes',
    help: 'Memory of a process of the platform',
    labels: ['process'],
    read: ({ processes }) => processes.map(({ name, rssBytes }) => [{ process: name }, rssBytes]),
  },
  job('records_in_total', 'Records a job has read since start', found => found.recordsIn),
  job('records_out_total', 'Rows a job has written since start', found => found.recordsOut),
  job('late_rows_total', 'Rows that came too late for their window', found => found.lateRows),
  job('dead_lettered_total', 'Records that could not be decoded', found => found.deadLettered),
  job('restarts_total', 'How often a job was restarted', found => found.restarts),
  job('checkpoints_total', 'Checkpoints completed', found => found.checkpoints),
  job('checkpoint_age_seconds', 'Age of the last completed checkpoint', found =>
    found.checkpointAgeMs === null ? null : found.checkpointAgeMs / 1000,
  ),
  job('lag', 'Records between where a job reads and the end of its topics', found => found.lag),
  job('state_bytes', 'Size of the keyed state of a job', found => found.stateBytes),
  log('records_appended_total', 'Records appended', stats => stats.recordsAppended),
  log('bytes_appended_total', 'Bytes appended', stats => stats.bytesAppended),
  log('records_read_total', 'Records read', stats => stats.recordsRead),
  log('bytes_read_total', 'Bytes read', stats => stats.bytesRead),
  log('flushes_total', 'Syncs to disk', stats => stats.flushes),
  log('disk_bytes', 'Bytes of all segments', stats => stats.bytesOnDisk),
  view('rows', 'Rows a live view holds', found => found.rows),
  view('bytes', 'Memory of a live view, estimated', found => found.bytes),
  view('changes_total', 'Changes applied to a live view', found => found.changes),
  view('evicted_total', 'Rows dropped to keep a live view within its bound', found => found.evicted),
  perApi('requests_total', 'Requests of Kafka clients', counts => counts.requests),
  perApi('request_bytes_total', 'Bytes of requests', counts => counts.requestBytes),
  perApi('response_bytes_total', 'Bytes of answers', counts => counts.responseBytes),
  kafka('errors_total', 'Errors answered, for requests or parts of them', ['api', 'error'], ({ metrics }) =>
    [...metrics.apis].flatMap(([api, { errors }]) =>
      Array.from(errors, ([error, count]): Sample => [{ api, error }, count]),
    ),
  ),
  kafka('connections', 'Open connections', [], ({ connections }) => [[{}, connections]]),
  kafka('connections_opened_total', 'Connections that came', [], ({ metrics }) => [
    [{}, metrics.connectionsOpened],
  ]),
  kafka('connections_refused_total', 'Connections beyond the limits', [], ({ metrics }) => [
    [{}, metrics.connectionsRefused],
  ]),
  kafka('logins_failed_total', 'Logins that failed', [], ({ metrics }) => [[{}, metrics.loginsFailed]]),
  kafka('fetch_sessions', 'Fetch sessions kept', [], ({ fetchSessions }) => [[{}, fetchSessions]]),
  kafka('held_bytes', 'Requests and answers in memory', [], ({ memoryBytes }) => [[{}, memoryBytes]]),
  {
    name: 'millrace_live_subscribers',
    help: 'Connected sockets',
    labels: [],
    read: ({ subscribers }) => [[{}, subscribers]],
  },
];

/** `/metrics` in Prometheus' text format, with Node's own: memory, event-loop delay, garbage collection. */
export function registerMetrics(
  http: Http,
  status: () => Status,
  kafka: () => KafkaServerStats | null,
): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauges = FAMILIES.map(({ name, help, labels }) => {
    return new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
  });
  const schema = { summary: "Metrics in Prometheus' text format", tags: ['platform'] };
  http.get('/metrics', { schema }, async (_request, reply) => {
    const now = status();
    const clients = kafka();
    FAMILIES.forEach((family, i) => {
      const gauge = gauges[i]!;
      gauge.reset();
      for (const [labels, value] of family.read(now, clients)) if (value !== null) gauge.set(labels, value);
    });
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
