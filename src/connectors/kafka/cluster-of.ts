import { MillraceError } from '../../core/mod.ts';
import { addressOf, type ClusterLogOptions } from '../../kafka/mod.ts';

/** Servers that mean our own log: what statements written for a local Kafka, or one in a container, carry. */
const OWN_SERVERS = /^((localhost|127\.0\.0\.1|\[::1\])(:9092)?|(kafka|broker)(:\d+)?)$/;
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Those that say how a cluster is reached; reading and writing our own log none of them means anything. */
export const CLUSTER_PROPERTIES: ReadonlySet<string> = new Set([
  'sasl.jaas.config',
  'sasl.mechanism',
  'security.protocol',
  'ssl.endpoint.identification.algorithm',
  'ssl.truststore.certificates',
  'ssl.truststore.type',
]);

type Given = Readonly<Record<string, string>>;
/** A cluster that a table names, as `openClusterLog` takes it. */
export type ForeignCluster = Omit<ClusterLogOptions, 'clock'>;

/**
 * The cluster that the `properties.*` of a table name; null for the platform's own log. SQL_INVALID names the
 * property that does not fit.
 */
export function clusterOf(options: Given): ForeignCluster | null {
  const property = (name: string): string | undefined => options[`properties.${name}`];
  const servers = (property('bootstrap.servers') ?? '').split(',').map(server => server.trim());
  if (servers.every(server => server === '' || OWN_SERVERS.test(server))) return null;
  const wrong = servers.find(server => addressOf(server) === undefined);
  if (wrong !== undefined) throw invalid('bootstrap.servers', wrong, 'host:port, separated by commas');
  const security = one('security.protocol', property('security.protocol') ?? 'PLAINTEXT', PROTOCOLS);
  return {
    bootstrap: servers,
    security,
    credentials: security.startsWith('SASL_') ? credentialsOf(property) : null,
    tls: {
      ...authorityOf(property),
      checksHostName: property('ssl.endpoint.identification.algorithm') !== '',
    },
    compression: one('compression.type', property('compression.type') ?? 'none', COMPRESSIONS),
    ...timeoutOf(property('transaction.timeout.ms')),
  };
}

type Property = (name: string) => string | undefined;

/** `….PlainLoginModule required username="u" password="p";`; the text is never repeated, it has the password. */
function credentialsOf(property: Property): NonNullable<ForeignCluster['credentials']> {
  const jaas = property('sasl.jaas.config') ?? '';
  const value = (name: string): string | undefined =>
    new RegExp(`\\b${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|'([^']*)')`)
      .exec(jaas)
      ?.slice(1)
      .find(text => text !== undefined)
      ?.replace(/\\(.)/g, '$1');
  const [username, password] = [value('username'), value('password')];
  if (username === undefined || password === undefined) {
    throw new MillraceError(
      'SQL_INVALID',
      `'properties.sasl.jaas.config' has to be like '… required username="…" password="…";'`,
    );
  }
  const mechanism = one('sasl.mechanism', property('sasl.mechanism') ?? 'PLAIN', MECHANISMS);
  return { mechanism, username, password };
}

function authorityOf(property: Property): { readonly ca?: string } {
  const certificates = property('ssl.truststore.certificates');
  const type = property('ssl.truststore.type') ?? 'PEM';
  if (type !== 'PEM') throw invalid('ssl.truststore.type', type, 'PEM, with ssl.truststore.certificates');
  return certificates === undefined ? {} : { ca: certificates };
}

function timeoutOf(text: string | undefined): { readonly transactionTimeoutMs?: number } {
  if (text === undefined) return {};
  if (!/^\d{1,9}$/.test(text)) throw invalid('transaction.timeout.ms', text, 'milliseconds');
  return { transactionTimeoutMs: Number(text) };
}

function one<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find(choice => choice === value);
  if (found === undefined) throw invalid(name, value, choices.join(', '));
  return found;
}

const invalid = (name: string, value: string, expected: string): MillraceError =>
  new MillraceError('SQL_INVALID', `'properties.${name}' = '${value}': expected ${expected}`);
