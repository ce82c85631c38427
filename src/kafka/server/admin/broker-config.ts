import type { ConfigEntry } from '../../../log/mod.ts';
import { NODE_ID, type RequestContext } from '../context.ts';
import { DEFAULT_KAFKA_SETTINGS, type KafkaSettings } from '../settings.ts';
import { BROKER_NAMES, TOPIC_ONLY } from './config-synonyms.ts';

type Typed = Pick<ConfigEntry, 'name' | 'type'> & { readonly documentation: string };

const setting = (name: string, type: ConfigEntry['type'], documentation: string): Typed => {
  return { name, type, documentation };
};

/** Kafka's names of our settings that Kafka has too. */
const SETTINGS: Partial<Readonly<Record<keyof KafkaSettings, Typed>>> = {
  autoCreateTopics: setting(
    'auto.create.topics.enable',
    'BOOLEAN',
    'Make topics that clients ask for by name.',
  ),
  numPartitions: setting('num.partitions', 'INT', 'Partitions of topics whose creator does not say.'),
  saslMechanisms: setting('sasl.enabled.mechanisms', 'LIST', 'The ways to log in.'),
  maxReauthMs: setting('connections.max.reauth.ms', 'LONG', 'How long a login holds; 0: as its connection.'),
  requestBytesMax: setting('socket.request.max.bytes', 'INT', 'The largest request.'),
  fetchBytesMax: setting('fetch.max.bytes', 'INT', 'The most records in one answer.'),
  connectionsMax: setting('max.connections', 'INT', 'Connections at the same time.'),
  connectionsPerIpMax: setting('max.connections.per.ip', 'INT', 'Connections of one address.'),
  idleMsMax: setting('connections.max.idle.ms', 'LONG', 'Connections without requests end then.'),
  fetchSessionsMax: setting(
    'max.incremental.fetch.session.cache.slots',
    'INT',
    'Readers whose partitions are remembered between their requests.',
  ),
};

/**
 * What a broker tells of its own settings, by name. All of it is read only: it is set where Millrace is
 * configured, for the next start.
 */
export function brokerConfig({ server, broker }: RequestContext): readonly ConfigEntry[] {
  const entries = [...ofServer(server.settings), ...identity(server.listeners)];
  for (const entry of broker.topicDefaults()) {
    if (TOPIC_ONLY.has(entry.name)) continue;
    entries.push({ ...entry, name: BROKER_NAMES[entry.name] ?? entry.name, readOnly: true });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ofServer(settings: KafkaSettings): ConfigEntry[] {
  return Object.entries(SETTINGS).map(([key, typed]) => {
    const textOf = (from: KafkaSettings): string => String(from[key as keyof KafkaSettings]);
    const value = textOf(settings);
    const source = value === textOf(DEFAULT_KAFKA_SETTINGS) ? 'DEFAULT_CONFIG' : 'STATIC_BROKER_CONFIG';
    return { ...typed, value, source, readOnly: true };
  });
}

function identity(listeners: RequestContext['server']['listeners']): ConfigEntry[] {
  const advertised = listeners.map(({ name, advertisedHost, advertisedPort }) => {
    return `${name}://${advertisedHost}:${advertisedPort}`;
  });
  const fixed = (name: string, type: ConfigEntry['type'], value: string, documentation: string) => {
    return { name, type, value, documentation, source: 'STATIC_BROKER_CONFIG', readOnly: true } as const;
  };
  return [
    fixed('advertised.listeners', 'LIST', advertised.join(','), 'Where clients are told to come.'),
    fixed('broker.id', 'INT', String(NODE_ID), 'The number of the only broker.'),
    fixed('default.replication.factor', 'INT', '1', 'There is one broker.'),
    fixed('delete.topic.enable', 'BOOLEAN', 'true', 'Topics can be deleted.'),
    fixed('node.id', 'INT', String(NODE_ID), 'The number of the only broker.'),
    fixed('process.roles', 'LIST', 'broker,controller', 'It does everything.'),
  ];
}
