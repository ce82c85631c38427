import { readFileSync } from 'node:fs';
import { MillraceError, messageOf } from '../../core/mod.ts';
import { addressOf, type ClusterLog, type ClusterLogOptions, openClusterLog } from '../../kafka/mod.ts';
import type { Settings } from '../config/settings.ts';
import { createRate } from '../rate.ts';
import type { Services } from '../services.ts';

type Options = Required<ClusterLogOptions>;
type Credentials = NonNullable<Options['credentials']>;

/** How long a start waits for the cluster: both may have been switched on at the same time. */
const START_MS_MAX = 60_000;

/** Uses the Kafka cluster of `log.bootstrap` as the log. LOG_UNREACHABLE, LOG_UNAUTHORIZED. */
export async function startClusterLog(services: Services): Promise<void> {
  const { config, clock, parts, stack, say } = services;
  const log = openClusterLog({ ...clusterOptions(config.settings), clock });
  services.log = log;
  stack.push('log', () => log.close());
  const rate = createRate(clock);
  parts.add({
    name: 'log',
    status: () => {
      const { failure, recordsAppended } = log.stats();
      return {
        part: 'log',
        state: failure === null ? 'ok' : 'failed',
        detail: failure === null ? placeOf(log) : `${placeOf(log)}: ${failure}`,
        ratePerS: rate.update(recordsAppended),
        lag: null,
      };
    },
  });
  await log.reach(START_MS_MAX, why => say(`waiting for the ${placeOf(log)}: ${why}`));
  say(`the log is the ${placeOf(log)}`);
}

/** The cluster, for people. */
function placeOf({ place }: ClusterLog): string {
  const brokers = `${place.brokers} broker${place.brokers === 1 ? '' : 's'}`;
  const known = place.id === null ? '' : ` (${place.id}, ${brokers})`;
  return `Kafka cluster at ${place.bootstrap.join(', ')}${known}`;
}

/** What the settings say of the cluster. CONFIG_INVALID, with what to set. */
export function clusterOptions(settings: Settings): Omit<ClusterLogOptions, 'clock'> {
  const bootstrap = settings['log.bootstrap'];
  const wrong = bootstrap.find(text => addressOf(text) === undefined);
  if (wrong !== undefined) throw invalid(`log.bootstrap has '${wrong}': expected host:port`);
  const security = settings['log.security-protocol'] as Options['security'];
  const isSasl = security.startsWith('SASL_');
  const user = settings['log.sasl-user'];
  if (isSasl && user === '') throw invalid(`log.security-protocol = ${security} needs log.sasl-user`);
  if (!isSasl && user !== '')
    throw invalid('log.sasl-user needs log.security-protocol SASL_SSL or SASL_PLAINTEXT');
  const mechanism = settings['log.sasl-mechanism'] as Credentials['mechanism'];
  return {
    bootstrap,
    security,
    credentials: isSasl ? { mechanism, username: user, password: passwordOf(settings) } : null,
    tls: {
      ...pem('ca', settings, 'log.ssl-ca-file'),
      ...pem('certificate', settings, 'log.ssl-cert-file'),
      ...pem('key', settings, 'log.ssl-key-file'),
      checksHostName: settings['log.ssl-check-host'],
    },
    compression: settings['log.compression-type'] as Options['compression'],
    replicationFactor: settings['log.replication-factor'],
    transactionTimeoutMs: settings['log.transaction-timeout-ms'],
  };
}

function passwordOf(settings: Settings): string {
  const file = settings['log.sasl-password-file'];
  const password =
    file === '' ? settings['log.sasl-password'] : textOf('log.sasl-password-file', file).trim();
  if (password !== '') return password;
  throw invalid('log.sasl-user needs log.sasl-password-file or log.sasl-password');
}

type FileSetting = 'log.ssl-ca-file' | 'log.ssl-cert-file' | 'log.ssl-key-file';

function pem<N extends string>(
  name: N,
  settings: Settings,
  setting: FileSetting,
): Partial<Record<N, string>> {
  const path = settings[setting];
  return path === '' ? {} : ({ [name]: textOf(setting, path) } as Record<N, string>);
}

function textOf(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(`${setting} can't be read: ${messageOf(error)}`);
  }
}

const invalid = (message: string): MillraceError => new MillraceError('CONFIG_INVALID', `${message}.`);
