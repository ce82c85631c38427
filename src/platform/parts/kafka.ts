import { readFileSync } from 'node:fs';
import { MillraceError, messageOf } from '../../core/mod.ts';
import type { KafkaServer, KafkaSettings, ListenerOptions } from '../../kafka/mod.ts';
import { openKafkaServer, SASL_MECHANISMS } from '../../kafka/mod.ts';
import type { LogBroker } from '../../log/mod.ts';
import { createRate } from '../rate.ts';
import type { Services } from '../services.ts';
import { kafkaListeners } from './kafka-listeners.ts';

/** Serves the log on Kafka's protocol. */
export async function startKafka(services: Services, broker: LogBroker): Promise<void> {
  const { config, clock, parts, stack, say } = services;
  const listeners = kafkaListeners(config);
  const tls = listeners.some(({ security }) => security.endsWith('SSL')) ? readTls(services) : undefined;
  const server = await openKafkaServer({
    ...{ broker, clock, listeners, settings: settingsOf(services) },
    ...(tls === undefined ? {} : { tls }),
    say: line => say(`kafka: ${line}`),
  });
  services.kafka = server;
  stack.push('Kafka protocol', () => server.close());
  await makeFirstUser(services, server, listeners);
  const rate = createRate(clock);
  const address = addressOf(server);
  parts.add({
    name: 'kafka',
    status: () => {
      const { connections, metrics } = server.stats();
      let requests = 0;
      for (const counts of metrics.apis.values()) requests += counts.requests;
      const detail = `${address}, ${connections} connection${connections === 1 ? '' : 's'}`;
      return { part: 'kafka', state: 'ok', detail, ratePerS: rate.update(requests), lag: null };
    },
  });
  say(`kafka clients connect to ${address}`);
}

/** All listeners, for people. */
function addressOf(server: KafkaServer): string {
  return server.listeners
    .map(({ name, advertisedHost, advertisedPort }) => {
      const host = advertisedHost.includes(':') ? `[${advertisedHost}]` : advertisedHost;
      return name === 'PLAINTEXT' ? `${host}:${advertisedPort}` : `${name}://${host}:${advertisedPort}`;
    })
    .join(' and ');
}

function settingsOf({ config: { settings } }: Services): KafkaSettings {
  const mechanisms = settings['kafka.sasl-enabled-mechanisms'].map(name => {
    const known = SASL_MECHANISMS.find(mechanism => mechanism === name);
    if (known !== undefined) return known;
    throw new MillraceError(
      'CONFIG_INVALID',
      `kafka.sasl-enabled-mechanisms has ${JSON.stringify(name)}; it may hold ${SASL_MECHANISMS.join(', ')}.`,
    );
  });
  return {
    autoCreateTopics: settings['kafka.auto-create-topics-enable'],
    numPartitions: settings['kafka.num-partitions'],
    saslMechanisms: mechanisms,
    maxReauthMs: settings['kafka.connections-max-reauth-ms'],
    requestBytesMax: settings['kafka.socket-request-max-bytes'],
    fetchBytesMax: settings['kafka.fetch-max-bytes'],
    memoryBytesMax: settings['kafka.queued-max-request-bytes'],
    connectionsMax: settings['kafka.max-connections'],
    connectionsPerIpMax: settings['kafka.max-connections-per-ip'],
    idleMsMax: settings['kafka.connections-max-idle-ms'],
    partitionsMax: settings['kafka.max-partitions'],
    fetchSessionsMax: 1_000,
  };
}

function readTls({ config: { settings } }: Services): { readonly cert: string; readonly key: string } {
  const { 'kafka.ssl-cert-file': cert, 'kafka.ssl-key-file': key } = settings;
  if (cert === '' || key === '') {
    throw new MillraceError(
      'CONFIG_INVALID',
      'a listener with SSL needs kafka.ssl-cert-file and kafka.ssl-key-file, both in PEM.',
    );
  }
  return { cert: readText('kafka.ssl-cert-file', cert), key: readText('kafka.ssl-key-file', key) };
}

function readText(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `${setting} can't be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function makeFirstUser(
  { config: { settings }, say }: Services,
  { credentials }: KafkaServer,
  listeners: readonly ListenerOptions[],
): Promise<void> {
  const {
    'kafka.sasl-user': user,
    'kafka.sasl-password': given,
    'kafka.sasl-password-file': file,
  } = settings;
  if (user !== '') {
    const password = file === '' ? given : readText('kafka.sasl-password-file', file).trim();
    if (password === '') {
      const message = 'kafka.sasl-user needs kafka.sasl-password-file or kafka.sasl-password.';
      throw new MillraceError('CONFIG_INVALID', message);
    }
    await credentials.ensure(user, password);
  }
  const isAsked = listeners.some(({ security }) => security.startsWith('SASL_'));
  if (isAsked && credentials.users().size === 0) {
    say(
      'nobody can log in to Kafka yet: set kafka.sasl-user and kafka.sasl-password-file to make the first user',
    );
  }
}
