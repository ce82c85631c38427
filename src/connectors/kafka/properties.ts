import { CLUSTER_PROPERTIES } from './cluster-of.ts';

/**
 * Settings of Kafka's clients (`properties.*`) that statements carry. But for the group and where it begins, none
 * of them changes what rows a table has, so these are taken; any other is refused by name.
 */
const TAKEN: ReadonlySet<string> = new Set([
  'acks',
  'allow.auto.create.topics',
  'auto.commit.interval.ms',
  'auto.offset.reset',
  'batch.size',
  'bootstrap.servers',
  'buffer.memory',
  'client.id',
  'commit.offsets.on.checkpoint',
  'compression.type',
  'delivery.timeout.ms',
  'enable.auto.commit',
  'enable.idempotence',
  'fetch.max.bytes',
  'fetch.max.wait.ms',
  'fetch.min.bytes',
  'group.id',
  'isolation.level',
  'linger.ms',
  'max.in.flight.requests.per.connection',
  'max.partition.fetch.bytes',
  'max.poll.interval.ms',
  'max.poll.records',
  'max.request.size',
  'partition.discovery.interval.ms',
  'receive.buffer.bytes',
  'request.timeout.ms',
  'retries',
  'send.buffer.bytes',
  'session.timeout.ms',
  'transaction.timeout.ms',
]);

/**
 * The properties that mean something we do not do: interceptors, serializers; for our own log also security,
 * which only another cluster has.
 */
export function unknownProperties(
  options: Readonly<Record<string, string>>,
  isForeign: boolean,
): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (!name.startsWith('properties.')) return [];
    const own = name.slice('properties.'.length);
    if (own === 'security.protocol' && value === 'PLAINTEXT') return [];
    return TAKEN.has(own) || (isForeign && CLUSTER_PROPERTIES.has(own)) ? [] : [name];
  });
}
